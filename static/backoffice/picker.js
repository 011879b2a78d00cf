/* Parts of a form (data-picker holds their address) that come anew from the server without the form around them:
   pickers with their ticks, searches and pages, the grid of attributes.
   Without this file every button of them sends the form, which comes back with everything typed. */
(() => {
  "use strict";
  const live = document.querySelector("#bo-live");
  document.querySelectorAll("[data-picker]").forEach(box => {
    const form = box.closest("form"), prefix = box.dataset.pickerPrefix, opened = new Map();
    const field = part => box.querySelector(`[name="${prefix}-${part}"]`);
    const boxes = () => [...box.querySelectorAll("input[name],textarea[name]")].filter(f => !/hidden|checkbox/.test(f.type));
    const remember = () => boxes().forEach(f => { if (!opened.has(f.name)) opened.set(f.name, f.defaultValue); });
    let number = 0, timer = 0;
    /* What differs from the page as it was opened still counts as unsaved. */
    const compare = () => boxes().forEach(f => {
      const value = f.value;
      if (opened.has(f.name)) f.defaultValue = opened.get(f.name);
      f.value = value;
    });
    const put = html => {
      const held = box.contains(document.activeElement) ? document.activeElement : null;
      const id = held && held.id, typed = held && /text|search/.test(held.type) ? held.value : null, place = typed === null ? 0 : held.selectionStart;
      const folds = [...box.querySelectorAll("details[open]")].map(d => d.dataset.keepOpen);
      box.innerHTML = html;
      box.querySelectorAll("details").forEach(d => { if (folds.includes(d.dataset.keepOpen)) d.open = true; });
      compare(); remember();
      box.dispatchEvent(new CustomEvent("bo-part", { bubbles: true }));
      const again = id && document.getElementById(id);
      if (again && !again.disabled) {
        again.focus();
        if (typed !== null) { again.value = typed; again.setSelectionRange(place, place); }
      } else if (held) field("q").focus();
      const fresh = box.querySelector("[data-focus]");
      if (fresh) fresh.focus();
      const notes = [...box.querySelectorAll("[data-picker-note]")].map(n => n.textContent.trim());
      if (live && notes.length) live.textContent = notes.join(" ");
    };
    const ask = async go => {
      const mine = ++number, data = new FormData();
      clearTimeout(timer);
      new FormData(form).forEach((value, name) => { if (name === "csrfmiddlewaretoken" || name.startsWith(`${prefix}-`)) data.append(name, value); });
      data.append(`${prefix}-go`, go);
      box.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(box.dataset.picker, { method: "POST", body: data, credentials: "same-origin", redirect: "error" });
        if (answer.ok && mine === number) { put(await answer.text()); form.dispatchEvent(new Event("input")); }
      } catch { /* The buttons still work. */ }
      if (mine === number) box.removeAttribute("aria-busy");
    };
    remember();
    box.addEventListener("click", e => {
      const button = e.target.closest(`button[name="${prefix}-go"]`);
      if (button) { e.preventDefault(); ask(button.value); }
    });
    box.addEventListener("change", e => {
      if (e.target.name === `${prefix}-tick`) ask("keep");
      else if (e.target.matches(".bo-bar select")) ask("find");
    });
    box.addEventListener("input", e => {
      if (e.target.type === "search") { clearTimeout(timer); timer = setTimeout(() => ask("find"), 250); }
    });
    box.addEventListener("keydown", e => {
      if (e.key === "Enter" && e.target.matches("input[type=search],.bo-bar input")) { e.preventDefault(); ask(box.dataset.pickerEnter || "find"); }
    });
    box.addEventListener("focusin", e => { if (e.target.type === "search" && field("was") && !field("open")) ask("find"); });
    form.addEventListener("submit", () => { const was = field("was"), q = field("q"); if (was) was.value = q.value; else if (q) q.value = ""; });
  });
})();
