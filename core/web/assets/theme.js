/* The theme, set before the first paint: this file stands alone in the head, not deferred.
   The choice of the user (localStorage) first, else what the system asks for.
   Charts listen to the event "balise:theme". */
(function () {
  "use strict";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem("balise-theme");
    } catch {
      return null; // storage refused: follow the system
    }
  }

  function show() {
    const theme = chosen() || (system.matches ? "dark" : "light");
    if (root.dataset.bsTheme === theme) return;
    root.dataset.bsTheme = theme;
    window.dispatchEvent(new CustomEvent("balise:theme", { detail: theme }));
  }

  show();
  system.addEventListener("change", show);
  window.addEventListener("storage", show); // the other tabs follow

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-do=theme]")) return;
    event.preventDefault();
    try {
      localStorage.setItem("balise-theme", root.dataset.bsTheme === "dark" ? "light" : "dark");
    } catch {
      return;
    }
    show();
  });
})();
