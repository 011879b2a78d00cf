/* Keeps the page of a running job fresh: progress every two seconds, the result as soon as it is there. */
(() => {
  "use strict";
  const card = document.querySelector("[data-job]");
  if (!card) return;
  const bar = card.querySelector("[data-job-bar]"), words = card.querySelector("[data-job-words]");
  let state = "";
  const look = async () => {
    try {
      const answer = await fetch(card.dataset.job, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const job = await answer.json();
      if (!job.running || (state && job.state !== state)) { location.reload(); return; }
      state = job.state;
      if (bar && job.rows) { bar.max = job.rows; bar.value = job.done; }
      if (words) words.textContent = words.textContent.replace(/[\d.,\s]*\d/, job.done.toLocaleString(document.documentElement.lang));
    } catch { /* the next look may work */ }
    setTimeout(look, 2000);
  };
  setTimeout(look, 1000);
})();
