/* A tick with data-excludes clears and locks the box it names while it is on, and says why. */
(() => {
  "use strict";
  document.querySelectorAll("[data-excludes]").forEach(tick => {
    const other = document.getElementById(tick.dataset.excludes);
    if (!other) return;
    const why = document.createElement("p");
    why.className = "bo-help"; why.id = other.id + "_why"; why.setAttribute("role", "status");
    other.closest(".bo-field").append(why);
    const follow = () => {
      if (tick.checked && other.checked) { other.checked = false; other.dispatchEvent(new Event("input", { bubbles: true })); }
      other.disabled = tick.checked;
      why.textContent = tick.checked ? tick.dataset.why : "";
    };
    tick.addEventListener("change", follow);
    tick.form.addEventListener("reset", () => setTimeout(follow));
    follow();
  });
})();
