/* The command box (Ctrl/Cmd+K): what the search page finds, while one types; the pages of the menu and the last
   records opened, while the box is empty. Without this file the box of the top bar leads to the search page. */
(() => {
  "use strict";
  const doc = document, box = doc.getElementById("bo-command");
  if (!box) return;
  const form = box.querySelector("form"), input = box.querySelector("input"), list = box.querySelector("ul");
  const store = `bo_opened_${box.dataset.user}`, KEPT = 10;

  const opened = () => { try { return JSON.parse(localStorage.getItem(store)) || []; } catch { return []; } };
  const record = doc.querySelector("[data-record]");
  if (record) {
    const entry = [record.dataset.record, record.textContent.trim()];
    try { localStorage.setItem(store, JSON.stringify([entry, ...opened().filter(([url]) => url !== entry[0])].slice(0, KEPT))); } catch { /* storage is off */ }
  }

  const line = (url, text, kind, icon) => {
    const item = doc.createElement("li"), link = item.appendChild(doc.createElement("a")), end = doc.createElement("span");
    link.href = url;
    if (icon) link.append(doc.importNode(icon, true));
    link.append(Object.assign(doc.createElement("span"), { textContent: text }), end);
    Object.assign(end, { className: "bo-push bo-muted bo-xs", textContent: kind });
    return item;
  };
  const ofMenu = link => line(link.href, link.querySelector(".bo-t")?.textContent || link.textContent.trim(), box.dataset.page, link.querySelector("svg"));
  const ofHit = hit => { const link = hit.querySelector("a"); return line(link.getAttribute("href"), link.textContent, hit.querySelector("span").textContent, hit.querySelector("svg")); };
  const links = () => [...list.querySelectorAll("a")];
  const show = items => {
    list.replaceChildren(...items);
    links().forEach((link, place) => link.classList.toggle("is-sel", !place));
    if (!items.length && input.value.trim()) list.append(Object.assign(doc.createElement("li"), { className: "bo-muted", textContent: box.dataset.none }));
    doc.getElementById("bo-live").textContent = items.length || box.dataset.none;
  };
  const showFirst = () => show([
    ...opened().map(([url, text]) => line(url, text, box.dataset.opened)),
    ...[...doc.querySelectorAll("#bo-nav li a")].map(ofMenu),
  ]);
  const ask = async () => {
    const text = input.value.trim();
    if (!text) { showFirst(); return; }
    const answer = await fetch(`${form.action}?q=${encodeURIComponent(text)}`, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok || input.value.trim() !== text) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    show([...page.querySelectorAll("[data-hit]")].map(ofHit));
  };

  let waiting;
  const open = () => { if (!box.open) { box.showModal(); input.select(); ask(); } };
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 120); });
  doc.addEventListener("keydown", e => { if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") { e.preventDefault(); open(); } });
  box.addEventListener("click", e => { if (e.target === box) box.close(); });
  box.addEventListener("keydown", e => {
    const found = links(), step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && found.length) {
      e.preventDefault();
      const from = found.findIndex(link => link.classList.contains("is-sel")), to = (from + step + found.length) % found.length;
      found.forEach((link, place) => link.classList.toggle("is-sel", place === to));
      found[to].scrollIntoView({ block: "nearest" });
    } else if (e.key === "Enter" && doc.activeElement === input) {
      const chosen = list.querySelector("a.is-sel");
      if (chosen) { e.preventDefault(); chosen.click(); }
    }
  });
})();
