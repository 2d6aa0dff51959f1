/* <div data-dual='["key", …]'>: two lists of rights between which one moves what is selected, with the
   arrows (<button data-move="all|add|remove|none">), a double click, or Enter. Each right stands in both
   lists and is shown in one, so that nothing that Dash drew is moved. The granted keys are the .value of
   the element, which data-press sends. A right that needs another (data-needs) brings it along.
   Keys of a list follow the ARIA pattern of a listbox with several choices. */
(function () {
  "use strict";
  const seen = new WeakMap();

  const lists = (dual) => [...dual.querySelectorAll("[role=listbox]")];
  const options = (list) => [...list.querySelectorAll("[data-key]")];
  const shown = (list) => options(list).filter((item) => !item.hidden && item.getAttribute("aria-disabled") !== "true");
  const chosen = (list) => shown(list).filter((item) => item.getAttribute("aria-selected") === "true");

  function paint(dual) {
    const granted = new Set(dual.value);
    for (const list of lists(dual)) {
      const right = list.dataset.side === "right";
      const here = new Set(options(list).map((item) => item.dataset.key).filter((key) => granted.has(key) === right));
      for (const item of options(list)) {
        const heads = !item.dataset.needs && options(list).some((one) => one.dataset.needs === item.dataset.key && here.has(one.dataset.key));
        const mine = here.has(item.dataset.key);
        item.hidden = !mine && !heads;
        // A rubric that is in the other list stands here as the head of its rights alone.
        if (mine) item.removeAttribute("aria-disabled");
        else item.setAttribute("aria-disabled", "true");
        if (!mine) item.setAttribute("aria-selected", "false");
      }
      list.parentElement.querySelector(".dual-head .muted").textContent = here.size;
    }
  }

  function ready(dual) {
    if (seen.get(dual) === dual.dataset.dual) return;
    seen.set(dual, dual.dataset.dual);
    dual.value = JSON.parse(dual.dataset.dual);
    for (const list of lists(dual)) for (const item of options(list)) item.setAttribute("aria-selected", "false");
    paint(dual);
  }

  function needs(dual) {
    return new Map([...dual.querySelectorAll("[data-needs]")].map((item) => [item.dataset.key, item.dataset.needs]));
  }

  function set(dual, keys) {
    dual.value = [...keys].sort();
    paint(dual);
    dual.dispatchEvent(new CustomEvent("balise:changed", { bubbles: true }));
  }

  function move(dual, what) {
    const [left, right] = lists(dual);
    const granted = new Set(dual.value);
    const need = needs(dual);
    const from = what === "add" || what === "all" ? left : right;
    const to = from === left ? right : left;
    const keys = (what === "all" || what === "none" ? shown(from) : chosen(from)).map((item) => item.dataset.key);
    if (!keys.length) return;
    const at = shown(from).findIndex((item) => item.dataset.key === keys[0]);
    for (const key of keys) {
      if (from === left) {
        granted.add(key);
        if (need.has(key)) granted.add(need.get(key));
      } else {
        granted.delete(key);
        for (const [other, head] of need) if (head === key) granted.delete(other);
      }
    }
    set(dual, granted);
    for (const item of shown(to)) select(item, keys.includes(item.dataset.key));
    const left_over = shown(from);
    if (left_over.length) activate(from, left_over[Math.min(at, left_over.length - 1)]);
    else from.removeAttribute("aria-activedescendant");
  }

  const select = (item, on) => item.setAttribute("aria-selected", String(on));

  function activate(list, item) {
    list.setAttribute("aria-activedescendant", item.id);
    for (const other of options(list)) other.classList.toggle("is-active", other === item);
    item.scrollIntoView({ block: "nearest" });
  }

  const active = (list) => shown(list).find((item) => item.id === list.getAttribute("aria-activedescendant"));

  function range(list, from, to) {
    const items = shown(list);
    const [a, b] = [items.indexOf(from), items.indexOf(to)].sort((x, y) => x - y);
    items.forEach((item, n) => select(item, n >= a && n <= b));
  }

  document.addEventListener("mousedown", (event) => {
    const item = event.target instanceof Element ? event.target.closest("[data-dual] [data-key]") : null;
    if (item && event.shiftKey) event.preventDefault(); // no selection of text
  });

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest("[data-dual] [data-move]");
    if (button) return move(button.closest("[data-dual]"), button.dataset.move);
    const item = event.target.closest("[data-dual] [data-key]");
    if (!item || item.getAttribute("aria-disabled") === "true") return;
    const list = item.closest("[role=listbox]");
    if (event.shiftKey && list.anchor) range(list, list.anchor, item);
    else {
      if (event.ctrlKey || event.metaKey) select(item, item.getAttribute("aria-selected") !== "true");
      else for (const one of options(list)) select(one, one === item);
      list.anchor = item;
    }
    activate(list, item);
  });

  document.addEventListener("dblclick", (event) => {
    const item = event.target instanceof Element ? event.target.closest("[data-dual] [data-key]") : null;
    if (!item || item.getAttribute("aria-disabled") === "true") return;
    move(item.closest("[data-dual]"), item.closest("[role=listbox]").dataset.side === "right" ? "remove" : "add");
  });

  document.addEventListener("keydown", (event) => {
    const list = event.target instanceof Element && event.target.matches("[data-dual] [role=listbox]") ? event.target : null;
    if (!list || event.altKey) return;
    const items = shown(list);
    if (!items.length) return;
    const now = active(list);
    const at = now ? items.indexOf(now) : -1;
    const dual = list.closest("[data-dual]");
    const ctrl = event.ctrlKey || event.metaKey;
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    if (event.key in steps) {
      const next = items[Math.max(0, Math.min(items.length - 1, steps[event.key]))];
      if (event.shiftKey) range(list, (list.anchor ??= now ?? next), next);
      else if (!ctrl) {
        for (const item of items) select(item, item === next);
        list.anchor = next;
      }
      activate(list, next);
    } else if (event.key === " " && now) {
      select(now, now.getAttribute("aria-selected") !== "true");
      list.anchor = now;
    } else if (event.key === "a" && ctrl) {
      for (const item of items) select(item, true);
    } else if (event.key === "Enter") {
      if (!chosen(list).length && now) select(now, true);
      move(dual, list.dataset.side === "right" ? "remove" : "add");
    } else if (event.key.length === 1 && !ctrl) {
      const wanted = event.key.toLowerCase();
      const found = [...items.slice(at + 1), ...items].find((item) => item.textContent.trim().toLowerCase().startsWith(wanted));
      if (found) {
        for (const item of items) select(item, item === found);
        list.anchor = found;
        activate(list, found);
      }
    } else return;
    event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const list = event.target instanceof Element && event.target.matches("[data-dual] [role=listbox]") ? event.target : null;
    const items = list ? shown(list) : [];
    if (items.length && !active(list)) activate(list, chosen(list)[0] ?? items[0]);
  });

  /* A profile: <div data-profiles='{"name": [keys]}' data-for="id of the lists"><select>. */
  document.addEventListener("change", (event) => {
    const holder = event.target instanceof Element ? event.target.closest("[data-profiles]") : null;
    const keys = holder && JSON.parse(holder.dataset.profiles)[event.target.value];
    if (keys) set(document.getElementById(holder.dataset.for), keys);
  });

  new MutationObserver(() => document.querySelectorAll("[data-dual]").forEach(ready)).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-dual"],
  });
})();
