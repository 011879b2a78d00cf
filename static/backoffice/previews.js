/* What the server will make of what is typed: a part of the page, or a SKU in a box. Without this file it is told after
   saving. */
(() => {
  "use strict";
  const doc = document;
  const soon = (deed, wait) => { let timer = 0; return () => { clearTimeout(timer); timer = setTimeout(deed, wait); }; };

  /* data-preview-of names the box; its value is asked as ?part=1&sku=… */
  doc.querySelectorAll("[data-preview-of]").forEach(part => {
    const box = doc.getElementById(part.dataset.previewOf);
    if (!box) return;
    let asked = 0;
    box.addEventListener("input", soon(async () => {
      const mine = ++asked;
      try {
        const answer = await fetch(`?part=1&sku=${encodeURIComponent(box.value)}`, { credentials: "same-origin", redirect: "error" });
        if (answer.ok && mine === asked) part.innerHTML = await answer.text();
      } catch { /* Saving tells it. */ }
    }, 200));
  });

  /* The SKU that a variant gets from its values, shown in the box that is not typed into. */
  const makes = doc.querySelector("[data-generate-sku]"), own = doc.querySelector("[data-typed-sku]");
  const form = makes && own && makes.form;
  if (form) {
    let asked = 0;
    const show = async () => {
      if (!makes.checked) return;
      const mine = ++asked, data = new FormData();
      new FormData(form).forEach((value, name) => { if (/^(csrfmiddlewaretoken$|super\.|custom\.|uses_custom\.)/.test(name)) data.append(name, value); });
      data.append("_sku", "1");
      try {
        const answer = await fetch(location.pathname, { method: "POST", body: data, credentials: "same-origin", redirect: "error" });
        if (answer.ok && mine === asked && makes.checked) own.value = own.defaultValue = (await answer.json()).sku;
      } catch { /* Saving makes it. */ }
    };
    const later = soon(show, 200);
    ["input", "change"].forEach(name => form.addEventListener(name, e => {
      if (e.target === makes || /^(super|custom|uses_custom)\./.test(e.target.name || "")) later();
    }));
    show();
  }
})();
