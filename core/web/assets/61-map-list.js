/* The status map, second part: chips, table, sites without a place, how old the measures are. Text
   from outside is always textContent. */
(function () {
  "use strict";
  const map = (window.baliseMap = window.baliseMap ?? {});
  const PER_PAGE = 16;
  const id = (name) => document.getElementById(name);

  function el(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  }
  const led = (state, large) => el("span", { class: `led led-${state.css}${large ? " led-lg" : ""}`, "aria-hidden": "true" });
  const push = (attributes, ...children) => el("a", { "data-push": "", ...attributes }, ...children);
  const icon = (name) => el("i", { class: `i i-${name}`, "aria-hidden": "true" });
  const grouped = new Intl.NumberFormat(document.documentElement.lang || "fr");
  const number = (value) => grouped.format(value);
  const running = (one, form) => (one.since ? el("span", { class: "tabular", "data-since": one.since, "data-short": form ?? true }) : el("span", { class: "na" }, "N/A"));
  const moment = (one) => one.since && new Intl.DateTimeFormat(document.documentElement.lang || "fr", { dateStyle: "short", timeStyle: "medium", timeZone: map.model.words.zone }).format(new Date(one.since * 1000));

  /* Put new children in the place of others when they differ: focus, scroll and hover stay. */
  function fill(holder, children) {
    if (!holder) return;
    const now = el("div", {}, ...children);
    const same = holder.dataset.drawn === now.innerHTML;
    if (same) return;
    const focused = holder.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    holder.dataset.drawn = now.innerHTML;
    holder.replaceChildren(...now.childNodes);
    if (focused) [...holder.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused && a.offsetParent)?.focus({ preventScroll: true });
  }

  function chips(counts, asked) {
    const items = [3, 1, 0, 2].map((index) => {
      const state = map.model.words.states[index];
      const current = asked.state === index;
      const href = map.address({ etat: current ? null : state.key, page: null });
      return push({ class: "chip", href, "aria-current": current ? "true" : null }, led(state), el("span", {}, state.word), " ", el("b", {}, number(counts[index])));
    });
    fill(id("map-chips"), items);
  }

  function row(one, asked) {
    const state = map.state(one);
    const why = [state.word, map.reason(one)].filter(Boolean).join(" · ");
    const href = map.address({ site: one.id });
    const said = el("span", { title: why }, led(state), el("span", { class: "sr-only" }, why));
    const commune = one.commune ? el("td", { title: one.commune }, one.commune) : el("td", {}, el("span", { class: "na" }, "N/A"));
    const lines = [why, one.commune].filter(Boolean).map((part) => el("span", { class: "piece" }, part));
    const second = lines.flatMap((piece, i) => (i ? [" · ", piece] : [piece]));
    const phone = el("td", { class: "cell-phone" },
      el("div", { class: "l1" }, led(state), push({ class: "row-link cut", href }, el("b", {}, one.name)), el("span", { class: "muted" }, icon("right"))),
      el("div", { class: "l2" }, ...second, " · ", running(one)));
    return el("tr", { "data-href": href, "data-site": one.id, "aria-selected": asked.site === one.id ? "true" : null },
      el("td", {}, said),
      el("td", { title: one.name }, push({ class: "row-link", href }, one.name)),
      commune,
      el("td", { class: "num soft", title: one.since ? map.text("since-when", { moment: moment(one) }) : null }, running(one, "compact")),
      phone);
  }

  function pager(total, page) {
    const pages = Math.max(1, Math.ceil(total / PER_PAGE));
    const first = (page - 1) * PER_PAGE + 1;
    const values = { first: number(first), last: number(Math.min(total, page * PER_PAGE)), total: number(total) };
    const parts = [el("span", {}, map.text("count", values))];
    if (pages > 1) {
      const near = [...new Set([1, page - 1, page, page + 1, pages])].filter((n) => n >= 1 && n <= pages).sort((a, b) => a - b);
      const links = near.flatMap((n, i) => {
        const gap = i && n - near[i - 1] > 1 ? [el("li", { class: "page-item disabled" }, el("span", { class: "page-link" }, "…"))] : [];
        const link = push({ class: "page-link", href: map.address({ page: n > 1 ? n : null }), "aria-label": map.text("page", { n }), "aria-current": n === page ? "page" : null }, String(n));
        return [...gap, el("li", { class: `page-item${n === page ? " active" : ""}` }, link)];
      });
      parts.push(el("nav", { "aria-label": map.text("pages") }, el("ul", { class: "pagination" }, ...links)));
    }
    return el("div", { class: "foot" }, ...parts);
  }

  function nothing(asked) {
    if (!map.model.sites.length) {
      return el("div", { class: "empty" }, icon("map"), el("strong", {}, map.text("empty")), el("p", {}, map.text("empty-text")));
    }
    const filters = [];
    if (asked.text) filters.push(map.text("filter-text", { text: asked.text }));
    if (asked.state >= 0) filters.push(map.text("filter-state", { state: map.model.words.states[asked.state].word }));
    const clear = push({ class: "btn btn-secondary", href: map.address({ etat: null, q: null, page: null }) }, map.text("clear"));
    return el("div", { class: "empty" }, icon("filter"), el("strong", {}, map.text("nothing")), el("p", {}, map.text("nothing-text", { filters: filters.join(", ") })), clear);
  }

  function table(shown, asked) {
    if (!shown.length) return fill(id("map-table"), [nothing(asked)]);
    const page = Math.min(asked.page, Math.ceil(shown.length / PER_PAGE));
    const heads = [["state", "col-state"], ["site", ""], ["commune", "col-commune"], ["duration", "num col-since"]];
    const head = el("thead", {}, el("tr", {}, ...heads.map(([name, css]) => el("th", { scope: "col", class: css || null }, map.text(name)))));
    const rows = shown.slice((page - 1) * PER_PAGE, page * PER_PAGE).map((one) => row(one, asked));
    const drawn = el("table", { class: "grid fold", "aria-label": map.text("table") }, head, el("tbody", {}, ...rows));
    fill(id("map-table"), [el("div", { class: "scroll" }, drawn), pager(shown.length, page)]);
  }

  /* What has no place stands beside the map, with why; the operator's staff may place it. */
  function unplaced() {
    const lost = map.model.sites.filter((one) => one.lat === null);
    if (!lost.length) return fill(id("map-unplaced"), []);
    const open = id("map-unplaced")?.querySelector("details")?.open ?? lost.length <= 5;
    const items = lost.slice(0, 200).map((one) => {
      const name = push({ href: map.address({ site: one.id }), class: "cut" }, one.name);
      const why = el("div", { class: "cut small soft" }, [map.model.words.unplaced[one.why], one.commune].filter(Boolean).join(" · "));
      const place = map.model.words.texts["link-place"];
      const button = place ? push({ class: "btn btn-secondary btn-sm", href: place + one.id, "data-push": "map-place" }, map.text("place")) : null;
      return el("li", {}, led(map.state(one)), el("div", { class: "grow" }, el("div", { class: "cut" }, name), why), button);
    });
    const more = lost.length > items.length ? [el("li", { class: "soft small" }, `… ${number(lost.length - items.length)}`)] : [];
    const head = el("summary", {}, map.text("unplaced", { n: number(lost.length) }));
    fill(id("map-unplaced"), [el("details", { open, class: "map-lost" }, head, el("div", { class: "small soft pad-side" }, map.text("unplaced-why")), el("ul", { class: "rows" }, ...items, ...more))]);
  }

  function fresh() {
    if (!id("map-fresh") || !map.model.words) return;
    const { at, words } = map.model;
    const [, up, unknown] = [null, words.states[3], words.states[2]];
    if (!at) return fill(id("map-fresh"), [led(unknown), map.text("never")]);
    const seconds = Date.now() / 1000 - at + (map.offset ?? 0);
    if (seconds > words.stale) {
      const minutes = Math.floor(seconds / 60);
      const age = minutes < 60 ? `${minutes}\u202fmin` : `${Math.floor(minutes / 60)}\u202fh\u202f${String(minutes % 60).padStart(2, "0")}`;
      return fill(id("map-fresh"), [led(unknown), map.text("late", { age })]);
    }
    const clock = new Intl.DateTimeFormat("fr", { timeStyle: "medium", timeZone: words.zone }).format(new Date(at * 1000));
    fill(id("map-fresh"), [led(up), el("span", { class: "fresh-now" }, map.text("fresh", { clock })), el("span", { class: "fresh-old", "data-read": at })]);
  }
  setInterval(() => document.hidden || fresh(), 10000);
  window.addEventListener("balise:clock", (event) => (map.offset = (event.detail - Date.now()) / 1000));

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#map-full")) return;
    if (document.fullscreenElement) document.exitFullscreen();
    else id("map")?.requestFullscreen?.();
  });

  Object.assign(map, {
    el, led, push, icon, running, number, fill,
    list(shown, counts, asked) {
      chips(counts, asked);
      table(shown, asked);
      unplaced();
      fresh();
    },
  });
})();
