/* Boxes with data-suggest offer what the server finds while one types. Without this file the value is typed whole. */
(() => {
  "use strict";
  const waiting = new WeakMap();
  document.addEventListener("input", e => {
    const box = e.target.closest("[data-suggest]");
    if (!box || e.inputType === "insertReplacementText") return;
    clearTimeout(waiting.get(box));
    waiting.set(box, setTimeout(() => ask(box), 150));
  });
  const ask = async box => {
    const text = box.value.trim();
    if (!text) return;
    const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok || box.value.trim() !== text) return;
    const { offered } = await answer.json();
    box.list.replaceChildren(...offered.map(([value, label]) => Object.assign(document.createElement("option"), { value, label })));
  };
})();
