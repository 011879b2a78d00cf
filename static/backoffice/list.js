/* The ticks of a list and the bar below it. They survive paging and end with leaving the list (working-day 3.10).
   Without this file ticks hold for one page. */
(() => {
  "use strict";
  const doc = document, list = doc.querySelector(".bo-list[data-picks]");
  if (!list) return;
  const $ = s => list.querySelector(s), boxes = [...list.querySelectorAll(".bo-pick")];
  const all = $("[data-pick-all]"), sent = $("[name=picked]"), label = $("[data-picked]");
  const key = "picks:" + location.pathname;
  const read = () => new Set(JSON.parse(sessionStorage.getItem(key) || "[]"));
  const write = held => sessionStorage.setItem(key, JSON.stringify([...held]));

  const show = () => {
    const held = read(), n = boxes.filter(b => b.checked).length;
    boxes.forEach(b => { if (b.checked) held.add(b.value); else held.delete(b.value); });
    write(held);
    if (all) { all.checked = n > 0 && n === boxes.length; all.indeterminate = n > 0 && n < boxes.length; }
    list.classList.toggle("is-picked", held.size > 0);
    if (sent) sent.value = [...held].join(",");
    if (label) label.textContent = held.size.toLocaleString(doc.documentElement.lang || "en");
  };

  const from = doc.referrer && new URL(doc.referrer), stays = from && from.origin === location.origin && from.pathname === location.pathname;
  if (!stays && location.hash !== "#picked") write([]);
  const held = read();
  boxes.forEach(b => { b.checked = held.has(b.value); });
  show();

  /* Shift ticks all rows up to the one ticked before. */
  let last = null;
  list.addEventListener("click", e => {
    if (e.target.closest("[data-pick-none]")) { write([]); boxes.forEach(b => { b.checked = false; }); show(); }
    const i = boxes.indexOf(e.target);
    if (i < 0) return;
    if (e.shiftKey && last !== null) boxes.slice(Math.min(i, last), Math.max(i, last) + 1).forEach(b => { b.checked = e.target.checked; });
    last = i;
  });
  list.addEventListener("change", e => { if (e.target === all) boxes.forEach(b => { b.checked = all.checked; }); show(); });
})();
