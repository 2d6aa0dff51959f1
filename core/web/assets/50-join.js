/* <div data-join="address" data-join-done="id of a dcc.Store" data-label="Joindre un fichier"> holds a native
   field for files: each one that is chosen is sent by itself, and what became of it is said below. */
(function () {
  "use strict";
  const english = document.documentElement.lang.startsWith("en");
  let count = 0;

  function prepare(box) {
    box.dataset.ready = "";
    const label = document.createElement("label");
    label.className = "btn btn-secondary";
    const icon = document.createElement("i");
    icon.className = "i i-file";
    icon.setAttribute("aria-hidden", "true");
    const field = document.createElement("input");
    field.type = "file";
    field.multiple = true;
    field.className = "sr-only";
    const said = document.createElement("div");
    said.setAttribute("role", "status");
    said.className = "small soft";
    label.append(icon, box.dataset.label, field);
    box.append(label, said);
    field.addEventListener("change", () => send(box, field, said));
  }

  async function send(box, field, said) {
    const wrong = [];
    for (const file of field.files) {
      said.textContent = `${file.name}…`;
      const why = await sent(box.dataset.join, file);
      if (why) wrong.push(`${file.name} : ${why}`);
    }
    field.value = "";
    said.textContent = wrong.join(" ") || (english ? "Sent." : "Envoyé.");
    window.dash_clientside?.set_props(box.dataset.joinDone, { data: `file-${++count}` });
  }

  async function sent(address, file) {
    const headers = { "Content-Type": "application/octet-stream", "X-File-Name": encodeURIComponent(file.name) };
    const lost = english ? "the server did not take it." : "le serveur ne l’a pas pris.";
    try {
      const answer = await fetch(address, { method: "POST", headers, body: file });
      if (answer.ok) return "";
      return (await answer.json()).error ?? lost;
    } catch {
      return lost;
    }
  }

  const look = () => document.querySelectorAll("[data-join]:not([data-ready])").forEach(prepare);
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();
