/* <form data-upload="address"> is sent with its file, which Dash has no field for: <div data-file="id"> gets one.
   The answer leads to the next page ({href}), or says what is wrong ({said}) in <… data-said>. */
(function () {
  "use strict";
  const english = document.documentElement.lang.startsWith("en");
  const words = english
    ? { drop: "Choose files, or drop them here", sending: "Sending…", failed: "The file did not arrive. Try again." }
    : { drop: "Choisissez des fichiers, ou déposez-les ici", sending: "Envoi…", failed: "Le fichier n’est pas arrivé. Recommencez." };

  function fill() {
    for (const holder of document.querySelectorAll("[data-file]:empty")) {
      const field = document.createElement("input");
      Object.assign(field, { type: "file", id: holder.dataset.file, name: "file", required: true,
        multiple: true, accept: ".csv,.tsv,.txt,.xlsx,.json,.jsonl,.pdf,.zip", className: "form-control" });
      field.title = words.drop;
      holder.append(field);
    }
  }
  new MutationObserver(fill).observe(document.documentElement, { childList: true, subtree: true });
  fill();

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-upload]");
    if (!form) return;
    event.preventDefault();
    const said = form.querySelector("[data-said]");
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    said.textContent = words.sending;
    try {
      // A field named « dataset » would stand in the way of form.dataset.
      const answer = await fetch(form.getAttribute("data-upload"), { method: "POST", body: new FormData(form) });
      const told = await answer.json();
      if (told.href) return location.assign(told.href);
      said.textContent = told.said || words.failed;
    } catch {
      said.textContent = words.failed;
    }
    button.disabled = false;
  });
})();
