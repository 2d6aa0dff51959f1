/* A secret that the server showed: <… data-hide-after="60"> is taken away after so many seconds, and at once
   when the page is left or hidden; what stood before it, data-mask of its holder, comes back. */
(function () {
  "use strict";
  const timers = new WeakMap();

  function hide(secret) {
    const holder = secret.closest("[data-mask]");
    if (holder) window.dash_clientside?.set_props(holder.id, { children: holder.dataset.mask });
  }

  new MutationObserver(() => {
    for (const secret of document.querySelectorAll("[data-hide-after]")) {
      if (timers.has(secret)) continue;
      timers.set(secret, setTimeout(hide, Number(secret.dataset.hideAfter) * 1000, secret));
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  function hideAll() {
    document.querySelectorAll("[data-hide-after]").forEach(hide);
  }
  document.addEventListener("visibilitychange", () => document.hidden && hideAll());
  window.addEventListener("pagehide", hideAll);
})();
