/* Links, filters, orders and forms that change the address in place: <a data-push>, <form data-push>,
   whose fields are added to it when it is sent, and <form data-filter>, as one types.
   dcc.Location hears "_dashprivate_pushstate" (as dcc.Link does, which scrolls to the top). */
(function () {
  "use strict";
  function go(address, replace) {
    const leaves = new URL(address, location.href).pathname !== location.pathname;
    history[replace ? "replaceState" : "pushState"](null, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    if (leaves) scrollTo(0, 0); // another page begins at its top
  }

  function setField(field, value) {
    if (field.value === value) return;
    // React listens to the setter of its own instance: go round it, then tell.
    const choice = field instanceof HTMLSelectElement;
    const kind = choice ? HTMLSelectElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event(choice ? "change" : "input", { bubbles: true }));
  }

  function sync() {
    const query = new URLSearchParams(location.search);
    for (const field of document.querySelectorAll("[data-filter] :is(input, select)[name]")) {
      setField(field, query.get(field.name) ?? "");
    }
  }

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[data-push]");
    if (!link || link.origin !== location.origin) return;
    event.preventDefault();
    const address = new URL(link.href);
    if ("merge" in link.dataset) {
      const query = new URLSearchParams(location.search);
      address.searchParams.forEach((value, name) => (value ? query.set(name, value) : query.delete(name)));
      address.search = query;
    }
    go(address, false);
    sync();
    if (link.dataset.push) reveal(link.dataset.push);
  });

  /* Bring what a link opens into view, once it has come, unless half of it can be seen already. */
  function reveal(id) {
    const holder = document.getElementById(id);
    if (!holder) return;
    const show = () => {
      stop();
      const box = holder.getBoundingClientRect();
      const top = parseFloat(getComputedStyle(holder).scrollMarginTop) || 0;
      const seen = Math.min(box.bottom, innerHeight) - Math.max(box.top, top);
      if (seen >= Math.min(box.height, innerHeight - top) / 2) return;
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      holder.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    };
    let timer = setTimeout(show, 500); // it stood there already, or is slow to come
    const watch = new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(show, 50);
    });
    function stop() {
      clearTimeout(timer);
      watch.disconnect();
    }
    watch.observe(holder, { childList: true });
  }
  window.addEventListener("popstate", sync);

  /* <span data-go="address">: what a form that is done puts on the page to leave its own address. */
  const gone = new WeakSet();
  new MutationObserver(() => {
    for (const mark of document.querySelectorAll("[data-go]")) {
      if (gone.has(mark)) continue;
      gone.add(mark);
      go(mark.dataset.go, true);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  let timer;
  function filter(form, replace) {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of new FormData(form)) {
      if ((query.get(name) ?? "") === value.trim()) continue;
      if (value.trim()) query.set(name, value.trim());
      else query.delete(name);
      query.delete("page");
    }
    const search = query.toString();
    const address = location.pathname + (search && `?${search}`);
    if (address !== location.pathname + location.search) go(address, replace);
  }

  document.addEventListener("input", (event) => {
    const form = event.target instanceof Element && event.target.closest("[data-filter]");
    if (!form) return;
    clearTimeout(timer);
    if (event.target instanceof HTMLSelectElement) return filter(form, false); // as a head that sorts
    timer = setTimeout(() => filter(form, true), 250);
  });
  document.addEventListener("submit", (event) => {
    if (event.target instanceof Element && event.target.matches("form[data-push]")) {
      event.preventDefault();
      const query = new URLSearchParams(location.search);
      for (const [name, value] of new FormData(event.target)) query.set(name, value);
      go(`${location.pathname}?${query}`, false);
      return;
    }
    if (!(event.target instanceof Element) || !event.target.matches("[data-filter]")) return;
    event.preventDefault();
    clearTimeout(timer);
    filter(event.target, true);
  });
})();
