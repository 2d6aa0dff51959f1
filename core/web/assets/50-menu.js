/* The menu: behind its button on a phone (aria-controls="host-menu"), and its current entry told
   to screen readers. */
(function () {
  "use strict";
  const BUTTON = "[aria-controls=host-menu]";
  const button = () => document.querySelector(BUTTON);
  const menu = () => document.querySelector(".menu");

  function set(open) {
    menu()?.classList.toggle("open", open);
    button()?.setAttribute("aria-expanded", String(open));
  }

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest(BUTTON)) {
      const open = !menu()?.classList.contains("open");
      set(open);
      if (open) menu()?.querySelector("a")?.focus();
    } else if (!event.target.closest(".menu") || event.target.closest(".menu a")) {
      set(false);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu()?.classList.contains("open")) return;
    set(false);
    button()?.focus();
  });
  window.addEventListener("popstate", () => set(false));

  // A page has arrived: its title in the window and in the ear, its entry marked, its help offered.
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    host: {
      arrived(title) {
        if (!title) return window.dash_clientside.no_update;
        document.title = title;
        const help = document.querySelector(".menu [data-help]")?.getAttribute("href");
        if (help) document.querySelector(".head [data-help]")?.setAttribute("href", help);
        for (const link of document.querySelectorAll(".menu a")) {
          if (link.classList.contains("is-current")) link.setAttribute("aria-current", "page");
          else link.removeAttribute("aria-current");
        }
        return title;
      },
    },
  });
})();
