/* A click anywhere on a row marked data-href follows the link inside the row; the link itself
   serves the keyboard and the middle button. A selection of text is not a click. */
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.button !== 0) return;
    const row = event.target.closest("[data-href]");
    if (!row || event.target.closest("a, button, input, select, label")) return;
    if (String(window.getSelection())) return;
    const link = [...row.querySelectorAll("a[href]")].find((a) => a.offsetParent !== null);
    if (!link) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  });
})();
