/* Parts of a page that are paged, sorted and searched without leaving the form around them. The links and the search
   of a part work without this file, too; then the whole page is loaded. */
(() => {
  "use strict";
  const doc = document;
  const load = async (part, url) => {
    part.setAttribute("aria-busy", "true");
    const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    part.removeAttribute("aria-busy");
    const fresh = answer && answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    if (!fresh) { location.assign(url); return; }
    const held = part.contains(doc.activeElement) ? doc.activeElement.id : "";
    part.replaceChildren(...[...fresh.childNodes].map(node => doc.importNode(node, true)));
    dispatchEvent(new Event("resize"));
    const again = held && doc.getElementById(held);
    if (again) again.focus(); else { part.tabIndex = -1; part.focus({ preventScroll: true }); }
    history.replaceState(null, "", url);
  };
  doc.addEventListener("click", e => {
    const link = e.target.closest("[data-part-link]"), part = link && link.closest("[data-part]");
    if (!part || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    load(part, link.href);
  });
  doc.addEventListener("submit", e => {
    const part = e.target.dataset.partOf && doc.getElementById(e.target.dataset.partOf);
    if (!part) return;
    e.preventDefault();
    const query = new URLSearchParams(new FormData(e.target));
    load(part, `${location.pathname}?${query}#variants`);
  });
})();
/* Buttons that put a ready text into a box, or empty it. */
document.addEventListener("click", e => {
  const button = e.target.closest("[data-fill]"), box = button && document.getElementById(button.dataset.fill);
  if (!box) return;
  box.value = button.dataset.fillWith;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
});
