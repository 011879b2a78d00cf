/* Editor for texts with HTML. The box below stays what is sent; the server cleans it. Works without this file. */
(() => {
  "use strict";
  const doc = document, $ = (s, el = doc) => el.querySelector(s), $$ = (s, el = doc) => [...el.querySelectorAll(s)];
  const BLOCKS = "p,h2,h3,h4,h5,h6,ul,ol,li,blockquote,pre,hr,div,table,caption,thead,tbody,tfoot,tr,th,td,dl,dt,dd";
  const INLINE = "br,b,strong,i,em,u,s,small,sub,sup,span,code,a,img";
  const KNOWN = `${BLOCKS},${INLINE}`, GONE = "script,style,template,noscript,iframe,object,svg,math,title,link,meta,base,form,input,button,select,textarea";
  const LINK = /^\s*(https?:\/\/|mailto:)/i, PICTURE = /^\s*((https?:)?\/\/[^/]|\/(?!\/))/i;
  const KEPT = { A: ["href"], IMG: ["src", "alt", "width", "height"], TH: ["colspan", "rowspan", "scope"], TD: ["colspan", "rowspan"], OL: ["start"] };

  /* The allow-list once more, on a document that runs nothing: imported text is stored as it came. */
  const quiet = html => html.replace(/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, "").replace(/<[^>]*>/g, tag => tag.replace(/([\s"'/])(on\w+|style)(?=\s*=)/gi, "$1data-gone"));
  const nodes = html => {
    /* The policy of the page would report what it blocks, although nothing of it is kept. */
    const body = new DOMParser().parseFromString(quiet(html), "text/html").body;
    $$(GONE, body).forEach(el => el.remove());
    $$("*", body).reverse().forEach(el => {
      if (!el.matches(KNOWN)) { el.replaceWith(...el.childNodes); return; }
      for (const { name, value } of [...el.attributes]) {
        const kept = ["lang", "dir", "title", ...(KEPT[el.tagName] || [])].includes(name);
        if (!kept || name === "href" && !LINK.test(value) || name === "src" && !PICTURE.test(value)) el.removeAttribute(name);
      }
    });
    return [...body.childNodes].map(n => doc.importNode(n, true));
  };
  const html = text => {
    const copy = text.cloneNode(true);
    $$("[style]", copy).forEach(el => el.removeAttribute("style"));
    /* Browsers make a list or a heading inside of the paragraph it began in. */
    $$("p", copy).forEach(p => { if ($(":scope > :is(ul,ol,h2,h3,h4,h5,h6,p,div,table,blockquote)", p)) p.replaceWith(...p.childNodes); });
    const bare = copy.innerHTML.replace(/\u200b/g, "").trim();
    return copy.textContent.trim() || $("img,hr,table", copy) ? bare : "";
  };

  const start = area => {
    const box = area.closest(".bo-loc"), tools = box && $("template[data-editor-tools]", box);
    if (!tools || area.dataset.editor === "on") return;
    area.dataset.editor = "on";
    const editor = tools.content.firstElementChild.cloneNode(true);
    const text = $("[role=textbox]", editor), bar = $("[role=toolbar]", editor), link = $("[data-link]", editor);
    const address = $("input", link), buttons = $$("button", bar), by = name => $(`[data-do=${name}]`, bar);
    for (const a of ["lang", "aria-label", "aria-invalid", "aria-describedby"]) if (area.hasAttribute(a)) text.setAttribute(a, area.getAttribute(a));
    bar.setAttribute("aria-label", `${bar.getAttribute("aria-label")}, ${area.getAttribute("aria-label")}`);
    area.after(editor);
    let own = false, range = null;

    const show = () => text.replaceChildren(...nodes(area.value));
    const keep = () => { own = true; area.value = html(text); area.dispatchEvent(new Event("input", { bubbles: true })); own = false; };
    const source = on => {
      editor.classList.toggle("is-source", on);
      by("source").setAttribute("aria-pressed", on);
      buttons.forEach(b => { if (b !== by("source")) b.disabled = on; });
      area.classList.toggle("bo-sr", !on); area.tabIndex = on ? 0 : -1;
      if (on) area.removeAttribute("aria-hidden"); else { area.setAttribute("aria-hidden", "true"); show(); }
      text.hidden = on; if (on) link.hidden = true;
    };
    const inside = () => { const s = getSelection(); return s.rangeCount && text.contains(s.anchorNode) ? s.getRangeAt(0) : null; };
    const back = () => { text.focus(); if (range) { const s = getSelection(); s.removeAllRanges(); s.addRange(range); } };
    const around = name => { const r = inside(), el = r && (r.startContainer.nodeType === 1 ? r.startContainer : r.startContainer.parentElement); return el && el.closest(name); };
    const states = () => {
      if (!inside()) return;
      for (const b of buttons) {
        const on = { heading: () => !!around("h2,h3,h4,h5,h6"), link: () => null, source: () => null }[b.dataset.do];
        const state = on ? on() : doc.queryCommandState(b.dataset.do);
        if (state !== null) b.setAttribute("aria-pressed", state);
      }
    };
    const linking = on => {
      link.hidden = !on; by("link").setAttribute("aria-expanded", on);
      if (on) { range = inside() || range; const a = around("a"); if (a) { range = doc.createRange(); range.selectNodeContents(a); } address.value = a ? a.getAttribute("href") || "" : ""; address.focus(); }
    };
    const setLink = to => {
      linking(false); back();
      if (!to) doc.execCommand("unlink");
      else if (getSelection().isCollapsed) { const a = doc.createElement("a"); a.href = to; a.textContent = to; doc.execCommand("insertHTML", false, a.outerHTML); }
      else doc.execCommand("createLink", false, to);
      keep();
    };
    const full = to => LINK.test(to) ? to.trim() : /^[^\s@/]+@[^\s@/]+$/.test(to) ? `mailto:${to.trim()}` : `https://${to.trim().replace(/^\/+/, "")}`;

    bar.addEventListener("mousedown", e => e.preventDefault());
    bar.addEventListener("click", e => {
      const b = e.target.closest("button"); if (!b) return;
      const what = b.dataset.do;
      if (what === "source") { source(!editor.classList.contains("is-source")); return; }
      if (what === "link") { linking(link.hidden); return; }
      if (!inside()) { text.focus(); if (range) back(); }
      doc.execCommand("styleWithCSS", false, false);
      if (what === "heading") doc.execCommand("formatBlock", false, around("h2,h3,h4,h5,h6") ? "p" : "h3"); else doc.execCommand(what);
      keep(); states();
    });
    bar.addEventListener("keydown", e => {
      const open = buttons.filter(b => !b.disabled), i = open.indexOf(doc.activeElement);
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: open.length - 1 }[e.key];
      if (i < 0 || to === undefined) return;
      e.preventDefault();
      const next = open[(to + open.length) % open.length];
      buttons.forEach(b => { b.tabIndex = b === next ? 0 : -1; }); next.focus();
    });
    buttons.forEach((b, i) => { b.tabIndex = i ? -1 : 0; });
    link.addEventListener("click", e => {
      if (e.target.closest("[data-link-set]")) setLink(address.value.trim() && full(address.value));
      if (e.target.closest("[data-link-none]")) setLink("");
    });
    address.addEventListener("keydown", e => {
      if (e.key === "Enter") { e.preventDefault(); setLink(address.value.trim() && full(address.value)); }
      if (e.key === "Escape") { e.preventDefault(); e.stopPropagation(); linking(false); back(); }
    });
    address.addEventListener("input", e => e.stopPropagation());

    text.addEventListener("focus", () => doc.execCommand("defaultParagraphSeparator", false, "p"));
    text.addEventListener("blur", () => { range = inside() || range; });
    text.addEventListener("input", e => { e.stopPropagation(); keep(); states(); });
    text.addEventListener("click", e => { if (e.target.closest("a")) e.preventDefault(); });
    text.addEventListener("paste", e => {
      e.preventDefault();
      const rich = e.clipboardData.getData("text/html"), holder = doc.createElement("div");
      if (rich) { holder.append(...nodes(rich)); doc.execCommand("insertHTML", false, holder.innerHTML); }
      else doc.execCommand("insertText", false, e.clipboardData.getData("text/plain"));
    });
    doc.addEventListener("selectionchange", () => { if (inside()) { range = inside(); states(); } });
    area.addEventListener("input", () => { if (!own && !editor.classList.contains("is-source")) show(); });
    area.addEventListener("focus", () => { if (!editor.classList.contains("is-source")) text.focus(); });
    if (area.form) area.form.addEventListener("reset", () => setTimeout(show));
    source(false);
  };
  $$("textarea[data-editor]").forEach(start);
})();
