/* Tables with data-order, which may say how the names of the boxes for places begin: drag a row by its grip, or use the arrow keys on it. Only the boxes of the rows are filled;
   the page works without this file, and nothing changes until the form is saved. */
(() => {
  "use strict";
  const live = document.querySelector("#bo-live");
  const words = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  const changed = box => box.dispatchEvent(new Event("input", { bubbles: true }));

  const start = table => {
    const stem = table.dataset.order || "place.";
    const body = table.tBodies[0];
    const rows = () => [...body.querySelectorAll("[data-order-row]")];
    const place = row => row.querySelector(`[name^="${stem}"]`), target = row => row.querySelector('[name^="to."]');
    const said = (kind, row, facts) => { if (live) live.textContent = words(table.dataset[kind], { name: row.dataset.orderName, ...facts }); };
    const fill = (box, value) => { if (box && box.value !== String(value)) { box.value = value; changed(box); } };
    const number = row => {
      rows().forEach((each, i) => fill(place(each), i + 1));
      said("placed", row, { place: rows().indexOf(row) + 1, count: rows().length });
    };
    const step = (row, by) => {
      const next = rows()[rows().indexOf(row) + by];
      if (!next) return;
      if (by < 0) next.before(row); else next.after(row);
      number(row);
    };
    const into = (row, to) => {
      const box = target(row);
      if (!box || !to || to === row) return;
      fill(box, to.dataset.orderTo);
      row.classList.add("is-leaving");
      said("moved", row, { parent: to.dataset.orderName });
    };
    const stay = row => { fill(target(row), ""); row.classList.remove("is-leaving"); said("stays", row, {}); };

    table.addEventListener("click", e => {
      const button = e.target.closest("[data-order-step]");
      if (!button) return;
      step(button.closest("[data-order-row]"), Number(button.dataset.orderStep));
      button.focus();
    });
    table.addEventListener("input", e => {
      const row = e.target.closest("[data-order-row]");
      if (row && e.target === target(row)) row.classList.toggle("is-leaving", Boolean(e.target.value.trim()));
    });
    table.addEventListener("keydown", e => {
      const grip = e.target.closest("[data-order-grip]");
      if (!grip) return;
      const row = grip.closest("[data-order-row]"), box = target(row);
      if (e.key === "ArrowUp" || e.key === "ArrowDown") step(row, e.key === "ArrowUp" ? -1 : 1);
      else if (e.key === "ArrowRight" && box) into(row, rows()[rows().indexOf(row) - 1]);
      else if (e.key === "ArrowLeft" && box) { if (box.value) stay(row); else into(row, document.querySelector("[data-order-up] [data-order-to]")); }
      else if (e.key === "Escape" && box && box.value) stay(row);
      else return;
      e.preventDefault();
      grip.focus();
    });

    /* Pointer events serve mouse, pen and touch alike. */
    let held = null, over = null;
    const mark = (place, how) => {
      if (over) over.classList.remove("is-over", "is-before", "is-after");
      over = place;
      if (over) over.classList.add(how);
    };
    const seen = e => {
      const under = document.elementFromPoint(e.clientX, e.clientY);
      const up = under && under.closest("[data-order-up] [data-order-to]");
      if (up) return mark(up, "is-over");
      const row = under && under.closest("[data-order-row]");
      if (!row || row === held || !body.contains(row)) return mark(null);
      const box = row.getBoundingClientRect(), part = (e.clientY - box.top) / box.height;
      const edge = target(held) ? 0.3 : 0.5;
      mark(row, part < edge ? "is-before" : part >= 1 - edge ? "is-after" : "is-over");
    };
    table.addEventListener("pointerdown", e => {
      const grip = e.target.closest("[data-order-grip]");
      if (!grip || e.button) return;
      held = grip.closest("[data-order-row]");
      held.classList.add("is-held");
      grip.setPointerCapture(e.pointerId);
      grip.focus();
      e.preventDefault();
    });
    table.addEventListener("pointermove", e => { if (held) seen(e); });
    const drop = e => {
      if (!held) return;
      const row = held, to = over, how = to && ["is-over", "is-before", "is-after"].find(c => to.classList.contains(c));
      row.classList.remove("is-held");
      held = null;
      mark(null);
      if (!to || e.type === "pointercancel") return;
      if (how === "is-over") into(row, to);
      else { if (how === "is-before") to.before(row); else to.after(row); number(row); }
    };
    table.addEventListener("pointerup", drop);
    table.addEventListener("pointercancel", drop);
  };
  const startAll = root => root.querySelectorAll("[data-order]").forEach(start);
  startAll(document);
  document.addEventListener("bo-part", e => startAll(e.target));
})();
