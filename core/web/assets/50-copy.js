/* <button data-copy="id" data-done="Copié"> puts the value of a field into the clipboard, and
   <button data-copy-address="?service=…" data-done="Adresse copiée"> the address of the page with
   these parameters; what is done is said in the [role=status] after the button, else on it. */
(function () {
  "use strict";
  function address(added) {
    const whole = new URL(location.href);
    new URLSearchParams(added).forEach((value, name) => whole.searchParams.set(name, value));
    whole.hash = "";
    return whole.href;
  }

  async function copy(text, field) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // over plain http browsers give no clipboard
      const shown = field ?? Object.assign(document.createElement("textarea"), { value: text });
      const focused = document.activeElement;
      if (!field) document.body.append(shown);
      shown.select();
      document.execCommand("copy");
      if (field) return;
      shown.remove();
      focused?.focus();
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy], [data-copy-address]") : null;
    if (!button) return;
    const field = button.dataset.copy ? document.getElementById(button.dataset.copy) : null;
    if (button.dataset.copy && !field) return;
    field?.select();
    await copy(field ? field.value : address(button.dataset.copyAddress), field);
    const status = button.nextElementSibling;
    if (status?.getAttribute("role") !== "status") return void (button.textContent = button.dataset.done);
    status.textContent = button.dataset.done;
    setTimeout(() => (status.textContent = ""), 5000);
  });
})();
