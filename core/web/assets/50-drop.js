/* A menu that <details class="drop"> opens closes on Escape, on a click elsewhere and once a choice is made. */
(function () {
  "use strict";
  const open = () => document.querySelectorAll("details.drop[open]");
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    for (const menu of open()) {
      if (!menu.contains(event.target) || event.target.closest(".drop > ul a")) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
})();
