/* What happens when a request of Dash fails. window.fetch is wrapped once:
   401: the session is over, go and sign in; 403: the right is gone, ask for the page again; 5xx: a banner with the reference of the request;
   no network: a banner until the server answers again. */
(function () {
  "use strict";
  const words = document.documentElement.lang.startsWith("en")
    ? {
        failed: (ref) => `The last action did not succeed${ref ? ` (reference ${ref})` : ""}.`,
        lost: "Connection to the server lost, trying again…",
        retry: "Try again",
      }
    : {
        failed: (ref) => `La dernière action n’a pas abouti${ref ? ` (référence ${ref})` : ""}.`,
        lost: "Connexion au serveur perdue, nouvel essai…",
        retry: "Réessayer",
      };
  const plain = window.fetch.bind(window);
  let banner = null;
  let watch = null;
  let leaving = false;

  // The banner is a band at the top of the page: the header stands below it.
  function band() {
    document.documentElement.style.setProperty("--band", `${banner?.offsetHeight ?? 0}px`);
  }
  window.addEventListener("resize", () => banner && band());

  function clear() {
    if (banner) {
      banner.remove();
      banner = null;
      band();
    }
    clearInterval(watch);
    watch = null;
  }

  function tell(text, retry) {
    if (banner?.dataset.text === text) return;
    banner?.remove();
    banner = document.createElement("div");
    banner.className = "banner";
    banner.dataset.text = text;
    banner.setAttribute("role", "status");
    banner.append(text);
    if (retry) {
      const button = document.createElement("button");
      button.className = "btn btn-secondary btn-sm";
      button.textContent = words.retry;
      button.addEventListener("click", () => window.location.reload());
      banner.append(button);
    }
    document.body.prepend(banner);
    band();
  }

  function lost() {
    window.dispatchEvent(new CustomEvent("balise:lost"));
    tell(words.lost, false);
    watch ??= setInterval(() => plain("/healthz", { cache: "no-store" }).then((answer) => answer.ok && back(), () => {}), 5000);
  }

  function back() {
    clear();
    window.dispatchEvent(new CustomEvent("balise:back"));
  }

  function judge(answer, address) {
    const date = Date.parse(answer.headers.get("Date"));
    if (date) window.dispatchEvent(new CustomEvent("balise:clock", { detail: date }));
    if (answer.status === 401) {
      leaving = true;
      const here = window.location.pathname + window.location.search;
      window.location.assign(`/connexion?expiree=1&next=${encodeURIComponent(here)}`);
    } else if (answer.status === 403) {
      // A right was withdrawn while the page was open: the server says so in a page of its own.
      leaving = true;
      window.location.reload();
    } else if (answer.status >= 500) {
      tell(words.failed(answer.headers.get("X-Request-Id")), true);
    } else if (answer.ok) {
      clear();
      if (address.pathname === "/_dash-update-component") window.dispatchEvent(new CustomEvent("balise:answer"));
    }
  }

  // In a preview nobody signs in again and nothing is saved: what is refused is said, and that is all.
  async function previewed(resource, options) {
    const answer = await plain(resource, options);
    if (answer.headers.get("X-Balise-Preview")) window.dispatchEvent(new CustomEvent("balise:read-only"));
    if (answer.ok) window.dispatchEvent(new CustomEvent("balise:answer"));
    return answer;
  }

  window.addEventListener("pagehide", () => (leaving = true));

  window.fetch = async function (resource, options) {
    const address = new URL(resource instanceof Request ? resource.url : resource, window.location.href);
    if ("preview" in document.documentElement.dataset) return previewed(resource, options);
    if (address.origin !== window.location.origin || !address.pathname.startsWith("/_")) {
      return plain(resource, options);
    }
    try {
      const packed = address.pathname === "/_dash-update-component" ? window.balisePacked : null;
      const answer = await plain(resource, packed?.ask(options) ?? options);
      judge(answer, address);
      return packed ? packed.read(answer) : answer;
    } catch (error) {
      if (!leaving && error.name !== "AbortError") lost();
      throw error;
    }
  };
})();
