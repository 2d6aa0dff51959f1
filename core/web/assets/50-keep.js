/* Dash draws the inside of an updated table anew. The reader keeps its place: how far the table
   (.table-scroll, inside an element with an id) was scrolled, and which of its links had the focus,
   as long as the address asks for the same rows. */
(function () {
  "use strict";
  const places = new Map(); // id of the holder → { top, rows }
  const known = new WeakSet();
  let focused = null;

  function rows() {
    const query = new URLSearchParams(location.search);
    query.delete("service");
    query.delete("onglet");
    return `${location.pathname}?${query}`;
  }

  const holder = (box) => box.parentElement?.closest("[id]");

  document.addEventListener("scroll", (event) => {
    const box = event.target;
    if (!(box instanceof Element) || !box.matches(".table-scroll")) return;
    const place = holder(box);
    if (place) places.set(place.id, { top: box.scrollTop, rows: rows() });
  }, true);

  document.addEventListener("focusin", (event) => {
    const box = event.target.closest(".table-scroll");
    const place = box && holder(box);
    const href = event.target.getAttribute("href");
    focused = place && href ? { id: place.id, href } : null;
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest?.(".table-scroll")) focused = null;
  });

  function restore() {
    for (const box of document.querySelectorAll(".table-scroll")) {
      if (known.has(box)) continue;
      known.add(box);
      const place = places.get(holder(box)?.id);
      if (place?.rows === rows()) box.scrollTop = place.top;
    }
    if (!focused || document.activeElement !== document.body) return;
    const links = document.getElementById(focused.id)?.querySelectorAll("a[href]") ?? [];
    const link = [...links].find((a) => a.getAttribute("href") === focused.href && a.offsetParent);
    link?.focus({ preventScroll: true });
  }

  new MutationObserver(restore).observe(document.documentElement, { childList: true, subtree: true });
})();
