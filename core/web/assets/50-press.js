/* <button data-press="id of a dcc.Store" data-value='{"…"}' data-fields='{"name": "id of a field"}'>
   puts the value, with those of the fields, into the store: buttons of a list say which they are. */
(function () {
  "use strict";
  let count = 0;

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-press]") : null;
    if (!button || button.disabled) return;
    const data = { ...JSON.parse(button.dataset.value), press: ++count };
    for (const [name, id] of Object.entries(JSON.parse(button.dataset.fields ?? "{}"))) {
      data[name] = document.getElementById(id)?.value ?? "";
    }
    window.dash_clientside?.set_props(button.dataset.press, { data });
  });
})();
