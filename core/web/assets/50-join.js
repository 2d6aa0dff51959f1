/* <div data-join="address" data-join-done="id of a dcc.Store" data-label="Joindre un fichier"> holds a native
   field for files: each one that is chosen is sent by itself, and what became of it is said below.
   <div data-join-held="id" data-label="…"> keeps them in the page, before there is a row to join them to; when
   <span data-join-then="id" data-join="address" data-then="address of the row's page"> comes, they are sent there, and the
   page of the row is gone to. What was not taken is said first, with a link to that page. */
(function () {
  "use strict";
  const english = document.documentElement.lang.startsWith("en");
  const held = new Map(); // id of a box → its files
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
    const keeps = box.dataset.joinHeld;
    if (keeps) held.set(keeps, []);
    field.addEventListener("change", () => (keeps ? hold(keeps, box, field, said) : send(box, field, said)));
  }

  async function send(box, field, said) {
    const wrong = await sentAll(box.dataset.join, field.files, said);
    field.value = "";
    said.textContent = wrong.join(" ") || (english ? "Sent." : "Envoyé.");
    window.dash_clientside?.set_props(box.dataset.joinDone, { data: `file-${++count}` });
  }

  async function sentAll(address, files, said) {
    const wrong = [];
    for (const file of files) {
      said.textContent = `${file.name}…`;
      const why = await sent(address, file);
      if (why) wrong.push(`${file.name} : ${why}`);
    }
    return wrong;
  }

  function hold(id, box, field, said) {
    const most = Number(box.dataset.largest ?? Infinity);
    const files = held.get(id);
    const large = [...field.files].filter((file) => file.size > most);
    files.push(...[...field.files].filter((file) => file.size <= most));
    field.value = "";
    const list = () => said.replaceChildren(...files.map((file) => kept(file, () => drop(file))));
    const drop = (file) => { files.splice(files.indexOf(file), 1); list(); };
    list();
    if (large.length) said.append(`${large.map((file) => file.name).join(", ")} : ${box.dataset.tooLarge}`);
  }

  function kept(file, remove) {
    const item = document.createElement("div");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-link btn-sm";
    button.textContent = english ? "Remove" : "Retirer";
    button.setAttribute("aria-label", `${button.textContent} ${file.name}`);
    button.addEventListener("click", remove);
    item.append(file.name, " ", button);
    return item;
  }

  async function join(mark) {
    mark.dataset.ready = "";
    const { join: address, then, joinThen } = mark.dataset;
    const files = held.get(joinThen) ?? [];
    held.delete(joinThen);
    const wrong = await sentAll(address, files, mark);
    if (!wrong.length) {
      const gone = document.createElement("span");
      gone.hidden = true;
      gone.dataset.go = then;
      mark.replaceChildren(gone);
      return;
    }
    const link = document.createElement("a");
    link.href = then;
    link.textContent = mark.dataset.label;
    mark.replaceChildren(`${wrong.join(" ")} `, link);
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

  const look = () => {
    document.querySelectorAll("[data-join-held]:not([data-ready]), [data-join-done]:not([data-ready])").forEach(prepare);
    document.querySelectorAll("[data-join-then]:not([data-ready])").forEach(join);
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();
