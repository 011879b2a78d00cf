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
      row.dataset.added = ""; list.append(row); draggable(row);
      const box = $("[data-sort]", row);
      box.dataset.guardName = facts.name;
      box.defaultValue = ""; box.value = next; changed(box);
    };
    const refuse = (input, text, ...more) => {
      const p = doc.createElement("p");
      p.className = "bo-err"; p.setAttribute("role", "alert"); p.append(text, ...more);
      input.closest(".bo-drag").append(p);
    };
    /* Whoever is signed out saves: the form is kept, and the files that were not sent are named after the login. */
    const signedOut = (input, name) => {
      const box = doc.createElement("input"), b = doc.createElement("button");
      box.type = "hidden"; box.name = "_unsent"; box.value = name;
      b.type = "submit"; b.name = "_stay"; b.value = "1"; b.className = "bo-btn is-sm"; b.textContent = words.login;
      input.form.append(box);
      refuse(input, fill(words.signedOut, { name }), b);
    };

    /* A file on its way counts as an unsaved change: it stands under the box with its progress until it is a row. */
    const post = (body, meter) => new Promise((done, failed) => {
      const call = new XMLHttpRequest();
      call.open("POST", words.url); call.responseType = "json";
      call.setRequestHeader("X-CSRFToken", $("[name=csrfmiddlewaretoken]").value); call.setRequestHeader("Accept", "application/json");
      call.upload.addEventListener("progress", e => { if (e.lengthComputable) meter.value = e.loaded / e.total; });
      call.addEventListener("load", () => done(call)); call.addEventListener("error", failed);
      call.send(body);
    });
    const under = (input, file) => {
      const p = doc.createElement("p"), meter = doc.createElement("progress"), text = fill(words.sending, { name: file.name });
      p.className = "bo-sending bo-xs"; p.dataset.pending = file.name;
      meter.max = 1; meter.value = 0; meter.setAttribute("aria-label", text);
      p.append(text, meter); input.closest(".bo-drag").append(p);
      return p;
    };
    const send = async (input, file, line) => {
      const body = new FormData(), name = file.name;
      body.append("file", file); say(fill(words.sending, { name }));
      let isKept = false;
      try {
        const { status, response: facts } = await post(body, $("progress", line));
        if (status === 401) signedOut(input, name);
        else if (status === 200 && facts && !facts.error) { add(input.closest("[data-set]"), facts); say(fill(words.sent, { name: facts.name })); isKept = true; }
        else refuse(input, (facts && facts.error) || fill(words.failed, { name }));
      } catch { refuse(input, fill(words.failed, { name })); }
      line.remove(); changed(input); tally(input.closest("[data-set]"));
      return isKept;
    };
    media.addEventListener("change", async e => {
      const input = e.target.closest("[data-upload]"); if (!input || !input.files.length) return;
      const files = [...input.files], box = input.closest(".bo-drag");
      input.value = "";
      $$(".bo-err[role=alert]", box).forEach(p => p.remove());
      const lines = files.map(file => under(input, file));
      changed(input);
      for (const [i, file] of files.entries()) if (!await send(input, file, lines[i])) media.dataset.refused = "1";
      if (!$("[data-pending]", input.form)) goOn(input.form);
    });

    /* Saving waits for files on their way. One that fails stops it, so that nobody saves without a picture unawares. */
    let waiting = null;
    const goOn = form => {
      const by = waiting, isRefused = media.dataset.refused; waiting = null; delete media.dataset.refused;
      if (!by) return;
      by.removeAttribute("aria-busy");
      if (isRefused) { say(words.held); $(".bo-err[role=alert]", media).scrollIntoView({ block: "center" }); } else form.requestSubmit(by);
    };
    doc.addEventListener("submit", e => {
      if (!e.target.contains(media) || !$("[data-pending]", e.target)) return;
      e.preventDefault(); e.stopImmediatePropagation();
      waiting = e.submitter || $("[name=_save]", e.target);
      waiting.setAttribute("aria-busy", "true"); say(words.waiting);
    }, true);

    /* The number on a fold follows what is added. */
    const tally = set => {
      const fold = set.closest("details.bo-card"), count = fold && $("summary .bo-count", fold);
      if (count) count.firstChild.data = String(rows(fold).length);
    };
    media.closest("form").addEventListener("reset", () => { $$("[data-added]", media).forEach(row => { const set = row.closest("[data-set]"); row.remove(); tally(set); }); });
  });
})();
