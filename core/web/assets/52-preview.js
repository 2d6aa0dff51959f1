/* « Voir comme »: inside its frame (<html data-preview>), and on the page that holds the frame.
   The address below which the frame asks stands in Dash's configuration; what the frame shows is then named
   as ever, so that the pages know themselves. What is no page of the portal is not followed. */
(function () {
  "use strict";
  const root = document.documentElement;

  /* A frame that has come is brought into view. */
  const brought = new WeakSet();
  new MutationObserver(() => {
    const frame = document.querySelector("[data-shown] iframe");
    if (!frame || brought.has(frame)) return;
    brought.add(frame);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    frame.closest("[data-shown]").scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }).observe(root, { childList: true, subtree: true });

  if (!("preview" in root.dataset)) return;
  history.replaceState(null, "", "/");
  const words = root.lang.startsWith("en")
    ? { read: "Preview: read only, nothing was saved.", closed: "This does not open in a preview." }
    : { read: "Aperçu : lecture seule, rien n’a été enregistré.", closed: "Ceci ne s’ouvre pas dans un aperçu." };

  let band = null;
  let timer = null;
  function tell(text) {
    band ??= document.createElement("div");
    band.className = "banner";
    band.setAttribute("role", "status");
    band.textContent = text;
    document.body.prepend(band);
    clearTimeout(timer);
    timer = setTimeout(() => band.remove(), 4000);
  }
  window.addEventListener("balise:read-only", () => tell(words.read));

  const pages = /^\/(?:$|(?!deconnexion|connexion|langue|mot-de-passe|mur|apercu|assets)[a-z-]+(?:\/[^.]*)?$)/;
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!link || link.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (link.origin !== location.origin || !pages.test(link.pathname)) return tell(words.closed);
      const leaves = link.pathname !== location.pathname;
      history.pushState(null, "", link.href);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      if (leaves) scrollTo(0, 0);
    },
    true,
  );
  document.addEventListener(
    "submit",
    (event) => {
      if (event.target instanceof Element && !event.target.matches("[data-filter], [data-push]")) event.preventDefault();
    },
    true,
  );
})();
