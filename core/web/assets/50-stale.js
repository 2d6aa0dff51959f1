/* Never green by default: when Dash has not answered for longer than the page's limit
   (data-stale-after, seconds), <html data-stale> turns every LED grey (40-product.css) and
   <span data-read="epoch seconds"> says how old the measures are, until the next answer. */
(function () {
  "use strict";
  const LEAST = 30; // seconds
  const GRACE = 12; // for the answer to what a page asks when it is looked at again, unless that fails
  const root = document.documentElement;
  const english = root.lang.startsWith("en");
  let offset = root.dataset.now ? Number(root.dataset.now) * 1000 - Date.now() : 0;

  // Either clock may be wrong: one is set by hand, the other stops while the computer sleeps.
  const now = () => ({ wall: Date.now(), steady: performance.now() });
  const since = (then) => Math.max(Date.now() - then.wall, performance.now() - then.steady) / 1000;
  let answered = now();
  let looked = null; // since when the page is looked at again, after it was hidden

  function limit() {
    const asked = [...document.querySelectorAll("[data-stale-after]")].map((e) => Number(e.dataset.staleAfter));
    const known = asked.filter(Number.isFinite);
    return known.length ? Math.max(LEAST, Math.min(...known)) : Infinity;
  }

  function age(seconds) {
    const minutes = Math.floor(seconds / 60);
    if (minutes < 1) return english ? "less than a minute" : "moins d’une minute";
    if (minutes < 60) return `${minutes}\u202fmin`;
    return `${Math.floor(minutes / 60)}\u202fh\u202f${String(minutes % 60).padStart(2, "0")}`;
  }

  function tell() {
    for (const element of document.querySelectorAll("[data-read]")) {
      const old = age(Math.max(0, (Date.now() + offset) / 1000 - Number(element.dataset.read)));
      const text = english ? `Readings ${old} old` : `Mesures vieilles de ${old}`;
      if (element.textContent !== text) element.textContent = text;
    }
  }

  function check() {
    if (document.hidden) return; // it rests on purpose
    if (looked && since(looked) < GRACE) return;
    if (since(answered) <= limit()) return;
    root.dataset.stale = "";
    tell();
  }

  window.addEventListener("balise:clock", (event) => (offset = event.detail - Date.now()));
  window.addEventListener("balise:answer", () => {
    answered = now();
    delete root.dataset.stale;
  });
  window.addEventListener("balise:lost", () => (looked = null));
  document.addEventListener("visibilitychange", () => (looked = document.hidden ? null : now()));
  setInterval(check, 1000);
})();
