/* Boxes with data-tags: the lines of the text box before them as tags. Enter adds, pasted lines are added one by one,
   repetitions collapse; the order changes by dragging, by buttons and by arrow keys. The text box stays what is sent,
   and is what one types in without this file. */
(() => {
  "use strict";
  const live = document.querySelector("#bo-live");
  const lines = text => [...new Set(text.split(/[\r\n\v\f\u0085\u2028\u2029]+/).map(line => line.trim()).filter(Boolean))];

  document.querySelectorAll("[data-tags]").forEach(box => {
    const sent = document.getElementById(box.dataset.tags), list = box.querySelector("ul"), typed = box.querySelector("input");
    const mould = box.querySelector("template").content.firstElementChild;
    const tags = () => [...list.children], value = tag => tag.dataset.value;
    const find = text => tags().find(tag => value(tag) === text);
    const say = (kind, facts) => { if (live) live.textContent = box.dataset[kind].replace(/\{(\w+)\}/g, (_, name) => facts[name]); };

    const make = text => {
      const tag = mould.cloneNode(true);
      tag.dataset.value = text;
      tag.querySelector("[data-tag-text]").textContent = text;
      tag.querySelectorAll("button").forEach(b => b.setAttribute("aria-label", b.dataset.name.replace("{name}", () => text)));
      return tag;
    };
    const ends = () => tags().forEach((tag, i, all) => {
      tag.querySelector('[data-tag-step="-1"]').disabled = i === 0;
      tag.querySelector('[data-tag-step="1"]').disabled = i === all.length - 1;
    });
    const write = () => {
      ends();
      sent.value = tags().map(value).join("\n");
      sent.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const read = () => { list.replaceChildren(...lines(sent.value).map(make)); ends(); };
    const add = text => {
      const wanted = lines(text), fresh = wanted.filter(each => !find(each));
      const held = wanted.map(find).find(Boolean);
      list.append(...fresh.map(make));
      if (held) { held.classList.add("is-held"); setTimeout(() => held.classList.remove("is-held"), 900); }
      if (fresh.length) { write(); say(fresh.length === 1 ? "added" : "addedMany", { name: fresh[0], count: fresh.length }); }
      else if (held) say("again", { name: value(held) });
    };
    const take = () => { add(typed.value); typed.value = ""; };
    const placed = tag => { write(); say("placed", { name: value(tag), place: tags().indexOf(tag) + 1, count: tags().length }); };
    const step = (tag, by) => {
      const next = tags()[tags().indexOf(tag) + by];
      if (!next) return;
      if (by < 0) next.before(tag); else next.after(tag);
      placed(tag);
    };
    const remove = tag => {
      const i = tags().indexOf(tag);
      tag.remove();
      write();
      say("removed", { name: value(tag) });
      const next = tags()[i] || tags()[i - 1];
      (next ? next.querySelector("[data-tag-remove]") : typed).focus();
    };

    /* The box one types in takes the name and the messages of the text box. */
    const label = document.querySelector(`label[for="${sent.id}"]`);
    if (label) sent.setAttribute("aria-label", label.textContent.replace("*", "").trim());
    ["aria-describedby", "aria-invalid"].forEach(name => { if (sent.hasAttribute(name)) typed.setAttribute(name, sent.getAttribute(name)); });
    typed.id = sent.id;
    sent.id += "_sent";
    typed.removeAttribute("aria-label");
    sent.required = false;
    sent.hidden = true;
    box.hidden = false;
    read();

    typed.addEventListener("keydown", e => {
      if (e.key !== "Enter" || e.isComposing) return;
      e.preventDefault();
      take();
    });
    typed.addEventListener("paste", e => {
      const text = e.clipboardData.getData("text");
      if (!/[\r\n]/.test(text.trim())) return;
      e.preventDefault();
      add(text);
    });
    box.querySelector("[data-tag-add]").addEventListener("click", () => { take(); typed.focus(); });
    sent.form.addEventListener("submit", () => { if (typed.value.trim()) take(); });
    sent.form.addEventListener("reset", () => setTimeout(read));

    list.addEventListener("click", e => {
      const button = e.target.closest("button"), tag = button && button.closest("li");
      if (!tag) return;
      if ("tagRemove" in button.dataset) return remove(tag);
      if (!button.dataset.tagStep) return;
      step(tag, Number(button.dataset.tagStep));
      (button.disabled ? tag.querySelector("[data-tag-grip]") : button).focus();
    });
    list.addEventListener("keydown", e => {
      const grip = e.target.closest("[data-tag-grip]");
      if (!grip || !/^Arrow/.test(e.key)) return;
      step(grip.closest("li"), e.key === "ArrowUp" || e.key === "ArrowLeft" ? -1 : 1);
      e.preventDefault();
      grip.focus();
    });

    /* Pointer events serve mouse, pen and touch alike. */
    let held = null, over = null;
    const mark = (tag, how) => {
      if (over) over.classList.remove("is-before", "is-after");
      over = tag;
      if (over) over.classList.add(how);
    };
    list.addEventListener("pointerdown", e => {
      const grip = e.target.closest("[data-tag-grip]");
      if (!grip || e.button) return;
      held = grip.closest("li");
      held.classList.add("is-held");
      grip.setPointerCapture(e.pointerId);
      grip.focus();
      e.preventDefault();
    });
    list.addEventListener("pointermove", e => {
      if (!held) return;
      const under = document.elementFromPoint(e.clientX, e.clientY), tag = under && under.closest("li");
      if (!tag || tag === held || tag.parentNode !== list) return mark(null);
      const place = tag.getBoundingClientRect();
      mark(tag, e.clientX < place.left + place.width / 2 ? "is-before" : "is-after");
    });
    const drop = e => {
      if (!held) return;
      const tag = held, to = over, before = to && to.classList.contains("is-before");
      tag.classList.remove("is-held");
      held = null;
      mark(null);
      if (!to || e.type === "pointercancel") return;
      if (before) to.before(tag); else to.after(tag);
      placed(tag);
      tag.querySelector("[data-tag-grip]").focus();
    };
    list.addEventListener("pointerup", drop);
    list.addEventListener("pointercancel", drop);
  });
})();
