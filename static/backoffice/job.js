/* Keeps the page of a running job fresh: its moment every second, the result as soon as it is there. */
(() => {
  "use strict";
  const card = document.querySelector("[data-job]");
  if (!card) return;
  const place = card.querySelector("[data-job-moment]");
  const states = document.querySelectorAll("[data-job-state]");
  const put = (job) => {
    states.forEach((each) => { if (each.textContent !== job.state) each.textContent = job.state; });
    const fresh = document.createElement("template");
    fresh.innerHTML = job.html;
    const bar = place.querySelector("progress"), next = fresh.content.querySelector("progress");
    if (!bar !== !next || place.children.length !== fresh.content.children.length) {
      place.replaceChildren(fresh.content);
      return;
    }
    if (bar) { bar.max = next.max; bar.value = next.value; }
    [...fresh.content.children].forEach((each, number) => {
      const old = place.children[number];
      if (each !== next && old.textContent !== each.textContent) old.replaceChildren(...each.childNodes);
    });
  };
  const look = async () => {
    try {
      const answer = await fetch(card.dataset.job, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const job = await answer.json();
        if (!job.running) { location.reload(); return; }
        put(job);
      }
    } catch { /* the next look may work */ }
    setTimeout(look, 1000);
  };
  look();
})();
