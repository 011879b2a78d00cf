/* Media tab: files are sent at once, pictures are moved by hand or by button. The form works without this file. */
(() => {
  "use strict";
  const doc = document, $ = (s, el = doc) => el.querySelector(s), $$ = (s, el = doc) => [...el.querySelectorAll(s)];
  const say = t => { const live = $("#bo-live"); if (live) live.textContent = t; };
  const fill = (t, facts) => t.replace(/\{(\w+)\}/g, (_m, n) => facts[n]);
  const changed = f => f.dispatchEvent(new Event("input", { bubbles: true }));

  $$("[data-media]").forEach(media => {
    const words = media.dataset;
    const rows = set => $$("[data-picture]", set);

    /* The order of the page becomes the sort order. */
    const number = set => rows(set).forEach((row, i) => {
      const box = $("[data-sort]", row);
      if (box.value !== String(i)) { box.value = i; changed(box); }
    });
    const move = (row, before) => { row.parentNode.insertBefore(row, before); number(row.closest("[data-set]")); };
    const tell = row => { const all = rows(row.closest("[data-set]")); say(fill(words.moved, { n: all.indexOf(row) + 1, all: all.length })); };

    media.addEventListener("click", e => {
      const b = e.target.closest("[data-move]"); if (!b) return;
      const row = b.closest("[data-picture]"), by = Number(b.dataset.move);
      const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other) return;
      move(row, by < 0 ? other : other.nextElementSibling);
      b.focus(); tell(row);
    });

    /* Dragging starts on the picture; boxes inside stay usable. */
    let held = null;
    const draggable = row => { const pic = $("[data-preview]", row); pic.draggable = true; $$("img", pic).forEach(i => { i.draggable = false; }); };
    rows(media).forEach(draggable);
    media.addEventListener("dragstart", e => {
      const pic = e.target.closest("[data-preview]"); if (!pic) return;
      held = pic.closest("[data-picture]"); held.classList.add("is-held");
      e.dataTransfer.effectAllowed = "move"; e.dataTransfer.setData("text/plain", "");
    });
    media.addEventListener("dragover", e => {
      const row = held && e.target.closest("[data-picture]");
      if (!row || row === held || row.parentNode !== held.parentNode) { if (held) e.preventDefault(); return; }
      e.preventDefault();
      const box = row.getBoundingClientRect(), after = e.clientX > box.left + box.width / 2;
      row.parentNode.insertBefore(held, after ? row.nextElementSibling : row);
    });
    media.addEventListener("drop", e => { if (held) { e.preventDefault(); e.stopPropagation(); } }, true);
    media.addEventListener("dragend", () => {
      if (!held) return;
      held.classList.remove("is-held"); number(held.closest("[data-set]")); tell(held); held = null;
    });

    /* A chosen or dropped file is sent and becomes a row; what fails stays in words under the box. */
    let made = 0;
    const add = (set, facts) => {
      const list = $("[data-rows]", set), mark = "u" + made++;
      const row = $("template[data-row]", set).content.firstElementChild.cloneNode(true);
      row.querySelectorAll("*").forEach(el => {
        for (const a of ["name", "id", "for", "aria-describedby"]) if (el.hasAttribute(a)) el.setAttribute(a, el.getAttribute(a).replace("__row__", mark));
      });
      $("[data-number]", row).value = mark;
      $("[data-token]", row).value = facts.token;
      const img = doc.createElement("img");
      img.src = facts.preview; img.alt = ""; img.width = 150; img.height = 112;
      $("[data-preview]", row).replaceChildren(img);
      $("[data-title]", row).textContent = $("[data-title]", row).title = facts.name;
      $("[data-size]", row).textContent = `${facts.width} × ${facts.height}`;
      const next = Math.max(-1, ...rows(set).map(r => Number($("[data-sort]", r).value) || 0)) + 1;
      list.append(row); draggable(row);
      const box = $("[data-sort]", row);
      box.defaultValue = ""; box.value = next; changed(box);
    };
    const refuse = (input, text) => {
      const p = doc.createElement("p");
      p.className = "bo-err"; p.textContent = text; p.setAttribute("role", "alert");
      input.closest(".bo-drag").append(p);
    };
    const send = async (input, file) => {
      const body = new FormData();
      body.append("file", file);
      say(fill(words.sending, { name: file.name }));
      try {
        const answer = await fetch(words.url, { method: "POST", body, headers: { "X-CSRFToken": $("[name=csrfmiddlewaretoken]").value, Accept: "application/json" } });
        const facts = await answer.json();
        if (answer.ok && !facts.error) { add(input.closest("[data-set]"), facts); say(fill(words.sent, { name: facts.name })); }
        else refuse(input, facts.error || fill(words.failed, { name: file.name }));
      } catch { refuse(input, fill(words.failed, { name: file.name })); }
    };
    media.addEventListener("change", async e => {
      const input = e.target.closest("[data-upload]"); if (!input || !input.files.length) return;
      const files = [...input.files];
      input.value = ""; changed(input);
      $$(".bo-err[role=alert]", input.closest(".bo-drag")).forEach(p => p.remove());
      for (const file of files) await send(input, file);
    });
  });
})();
