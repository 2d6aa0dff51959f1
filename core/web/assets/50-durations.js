/* Running durations: <span data-since="epoch seconds">, « 1 jours 02:21:19 », one timer for all.
   data-until counts down to a time, to 00:00:00; data-stops is when either of them stands still.
   data-short leaves out « 0 jours », and where it says « compact » the seconds of what lasts days:
   « 102 j 13:57 ». The clock is the server's: the Date header of its answers
   (50-fetch.js) or data-now on <html> corrects the browser's. */
(function () {
  "use strict";
  const root = document.documentElement; // its lang is set by the server
  const days = root.lang.startsWith("en") ? "days" : "jours";
  let offset = root.dataset.now ? Number(root.dataset.now) * 1000 - Date.now() : 0;

  window.addEventListener("balise:clock", (event) => {
    const seen = event.detail - Date.now();
    if (Math.abs(seen - offset) > 1500) offset = seen; // the Date header counts whole seconds
  });

  function text(seconds, form) {
    const two = (n) => String(Math.floor(n)).padStart(2, "0");
    const clock = `${two((seconds % 86400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
    const full = Math.floor(seconds / 86400);
    if (form !== undefined && full === 0) return clock;
    return form === "compact" ? `${full} ${days[0]} ${clock.slice(0, 5)}` : `${full} ${days} ${clock}`;
  }

  function tick() {
    if ("stale" in root.dataset) return; // nobody knows whether they still run
    const now = (Date.now() + offset) / 1000;
    for (const element of document.querySelectorAll("[data-since], [data-until]")) {
      const { since, until, stops, short } = element.dataset;
      const at = Math.min(now, Number(stops ?? Infinity));
      const seconds = until === undefined ? at - Number(since) : Number(until) - at;
      if (!Number.isFinite(seconds)) continue;
      const shown = text(Math.max(0, seconds), short);
      if (element.textContent !== shown) element.textContent = shown;
    }
  }

  setInterval(() => document.hidden || tick(), 1000);
  // What has just arrived is not left empty until the next second.
  new MutationObserver((changes) => {
    if (changes.some((change) => change.type === "attributes" || !change.target.closest?.("[data-since], [data-until]"))) tick();
  }).observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-since", "data-until"] });
  document.addEventListener("visibilitychange", tick);
})();
