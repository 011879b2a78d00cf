/* The form of a product: variants shown while one chooses, categories found while one types, next and previous. */
(() => {
  "use strict";
  const doc = document, $ = (s, el = doc) => el.querySelector(s), $$ = (s, el = doc) => [...el.querySelectorAll(s)];

  /* The grid of variants comes from the server, as it would with the button. */
  const box = $("[data-variants]"), grid = $("[data-matrix]");
  if (box && grid) {
    const form = box.closest("form");
    let asked = 0, timer = 0;
    const put = html => {
      const held = grid.contains(doc.activeElement) ? doc.activeElement : null;
      const typed = held && held.type === "text" ? held.value : null, place = typed === null ? 0 : held.selectionStart;
      const told = $$("#problems a[href^='#']").filter(a => { const at = doc.getElementById(a.hash.slice(1)); return at && (at === grid || grid.contains(at)); });
      grid.innerHTML = html;
      settle(told);
      const again = held && held.id ? doc.getElementById(held.id) : null;
      if (!again) return;
      again.focus();
      if (typed !== null) { again.value = typed; again.setSelectionRange(place, place); }
    };
    /* What the grid that came back no longer says is no problem: it leaves the summary and the number of the tab. */
    const settle = told => told.forEach(a => {
      const at = doc.getElementById(a.hash.slice(1));
      const isEmpty = $("[data-make]", grid) && !$("[data-make]:checked", grid);
      if (at === grid ? isEmpty || $(".bo-alert.is-bad", grid) : at && at.matches("[aria-invalid=true]")) return;
      const all = a.closest("#problems"), panel = grid.closest("section[id]"), count = panel && $(`[data-tabs] a[href="#${panel.id}"] .bo-count.is-bad`);
      a.closest("li").remove();
      if (!$("li", all)) all.remove();
      const n = count && parseInt(count.textContent) - 1;
      if (n > 0) count.firstChild.data = String(n); else if (count) count.remove();
    });
    const show = async () => {
      const number = ++asked, data = new FormData(form);
      [...data].forEach(([name, value]) => { if (value instanceof File) data.delete(name); });
      data.append("_show", "1"); data.append("_part", "1");
      grid.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(location.pathname + location.search, { method: "POST", body: data, credentials: "same-origin", redirect: "error" });
        if (answer.ok && number === asked) { put(await answer.text()); form.dispatchEvent(new Event("input")); }
      } catch { /* The button still works. */ }
      if (number === asked) grid.removeAttribute("aria-busy");
    };
    const soon = () => { clearTimeout(timer); timer = setTimeout(show, 200); };
    box.addEventListener("change", e => {
      const axis = e.target.closest(".bo-axis"), tick = axis && $("[data-axis]", axis);
      if (tick === e.target && !tick.checked) $$("li input", axis).forEach(b => { b.checked = false; });
      if (axis && tick === e.target && tick.checked && !$$("li input:checked", axis).length) return;
      if (e.target.id === "confirm_many") return;
      if (axis || e.target.closest("[data-matrix]")) soon();
    });
    /* A column copied from a spreadsheet fills the SKUs from here downwards. */
    grid.addEventListener("paste", e => {
      const lines = e.clipboardData.getData("text").trim().split(/\r?\n/), boxes = $$("input[type=text]", grid), from = boxes.indexOf(e.target);
      if (from < 0 || lines.length < 2) return;
      e.preventDefault();
      lines.forEach((line, i) => { if (boxes[from + i]) boxes[from + i].value = line.split("\t")[0].trim(); });
      soon();
    });
    const prefix = $("#id_sku", form);
    if (prefix) prefix.addEventListener("change", () => { if ($("input", grid) || $("p", grid)) soon(); });
    $("[data-show-variants]", box).addEventListener("click", e => { e.preventDefault(); show(); });
  }

  /* Categories: suggestions below the box, chosen ones become ticks. */
  $$("[data-categories]").forEach(area => {
    const input = $("input[type=text]", area), picked = $("[data-categories-picked]", area), name = area.dataset.categoriesName;
    const list = doc.createElement("ul");
    list.className = "bo-hits"; list.id = input.id + "_hits"; list.hidden = true; list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.getAttribute("aria-label"));
    input.after(list);
    Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" }).forEach(([k, v]) => input.setAttribute(k, v));
    let timer = 0, number = 0, at = -1;
    const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const point = to => {
      const hits = $$("li", list); if (!hits.length) return;
      at = (to + hits.length) % hits.length;
      hits.forEach((li, i) => li.setAttribute("aria-selected", i === at));
      input.setAttribute("aria-activedescendant", hits[at].id); hits[at].scrollIntoView({ block: "nearest" });
    };
    const words = hit => { const text = doc.createElement("span"), key = doc.createElement("span"); key.className = "bo-mono bo-muted"; key.textContent = hit.key; text.append(hit.name + " ", key); return text; };
    const choose = li => {
      const id = li.dataset.id, known = $$("input", picked).find(b => b.value === id);
      if (known) known.checked = true; else {
        const label = doc.createElement("label"), tick = doc.createElement("input");
        label.className = "bo-check"; tick.type = "checkbox"; tick.name = name; tick.value = id; tick.checked = true;
        label.append(tick, li.firstChild.cloneNode(true)); picked.append(label);
      }
      const parts = input.value.split(","); parts.pop(); input.value = parts.map(p => p.trim()).filter(Boolean).map(p => p + ", ").join("");
      close(); input.focus(); input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const find = async () => {
      const q = input.value.split(",").pop().trim(), mine = ++number;
      if (!q) return close();
      const answer = await fetch(`${area.dataset.categories}?q=${encodeURIComponent(q)}`, { credentials: "same-origin" });
      if (!answer.ok || mine !== number) return;
      const { hits } = await answer.json();
      list.replaceChildren(...hits.map((hit, i) => {
        const li = doc.createElement("li");
        li.id = `${list.id}_${i}`; li.dataset.id = hit.id; li.setAttribute("role", "option"); li.setAttribute("aria-selected", "false"); li.append(words(hit));
        return li;
      }));
      list.hidden = !hits.length; at = -1; input.setAttribute("aria-expanded", String(hits.length > 0));
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(find, 150); });
    input.addEventListener("keydown", e => {
      if (list.hidden) return;
      if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); point(at + (e.key === "ArrowDown" ? 1 : -1)); }
      else if (e.key === "Enter") { e.preventDefault(); choose($$("li", list)[Math.max(0, at)]); }
      else if (e.key === "Escape") { e.stopPropagation(); close(); }
    });
    list.addEventListener("mousedown", e => { const li = e.target.closest("li"); if (li) { e.preventDefault(); choose(li); } });
    input.addEventListener("blur", () => setTimeout(close, 100));
  });

  /* The swatch follows the colour code. */
  const swatch = $("[data-swatch] rect"), colour = doc.getElementById("id_color_code");
  if (swatch && colour) colour.addEventListener("input", () => {
    const code = colour.value.trim();
    if (/^(#[0-9a-f]{6}|[a-z]+)$/i.test(code) && CSS.supports("color", code)) swatch.setAttribute("fill", code); else swatch.removeAttribute("fill");
  });

  /* A generated SKU is not typed. */
  const makes = $("[data-generate-sku]"), own = $("[data-typed-sku]");
  if (makes && own) {
    const follow = () => { own.disabled = makes.checked; };
    makes.addEventListener("change", follow); follow();
  }

  /* Next and previous tab. */
  const steps = $$("[data-tab-step]"), tabs = $$("[data-tabs] [role=tab]");
  const mark = () => {
    const now = tabs.findIndex(t => t.getAttribute("aria-selected") === "true");
    steps.forEach(b => { b.disabled = !tabs[now + Number(b.dataset.tabStep)]; });
    return now;
  };
  steps.forEach(b => b.addEventListener("click", () => {
    const next = tabs[mark() + Number(b.dataset.tabStep)]; if (!next) return;
    next.click(); next.focus(); scrollTo(0, 0); mark();
  }));
  if (steps.length) { mark(); doc.addEventListener("click", () => setTimeout(mark)); doc.addEventListener("keyup", mark); }
})();
