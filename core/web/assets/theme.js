/* The theme, set before the first paint: this file stands alone in the head, not deferred.
   What was chosen in this browser (localStorage) first, then in the account (data-theme), else what
   the system asks for. A form that holds a field « theme » chooses for the account: this browser
   follows it again.
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
    const theme = chosen() || root.dataset.theme || (system.matches ? "dark" : "light");
    if (root.dataset.bsTheme === theme) return;
    root.dataset.bsTheme = theme;
    window.dispatchEvent(new CustomEvent("balise:theme", { detail: theme }));
  }

  show();
  system.addEventListener("change", show);
  window.addEventListener("storage", show); // the other tabs follow

  document.addEventListener("submit", (event) => {
    if (!event.target.querySelector("[name=theme]")) return;
    try {
      localStorage.removeItem("balise-theme");
    } catch {
      // nothing was stored
    }
  });

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
