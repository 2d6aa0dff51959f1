/* <button data-copy="id" data-done="Copié"> puts the value of a field into the clipboard. */
(function () {
  "use strict";
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    const field = button && document.getElementById(button.dataset.copy);
    if (!field) return;
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy"); // over plain http browsers give no clipboard
    }
    button.textContent = button.dataset.done;
  });
})();
