/* <button data-do="print"> prints the page; on paper the theme is the light one. */
(function () {
  "use strict";
  const root = document.documentElement;
  let before = null;

  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-do=print]")) window.print();
  });
  window.addEventListener("beforeprint", () => {
    before = root.dataset.bsTheme;
    root.dataset.bsTheme = "light";
  });
  window.addEventListener("afterprint", () => (root.dataset.bsTheme = before ?? root.dataset.bsTheme));
})();
