/* The status map, first part: what it knows. The server tells every site once (map-start), then
   what changed (map-news); this side keeps the model and says what it shows (map-version). The
   address holds the filters: etat, q, page, site. See core/web/components/map_data.py. */
(function () {
  "use strict";
  const MODULUS = 2147483647;
  const KEPT = "balise-map-every"; // seconds between two refreshes, "0": never
  const LONGEST = 900;
  const ID = 0, NAME = 1, COMPANY = 2, COMMUNE = 3, POSTAL = 4, LAT = 5, LON = 6, WHY = 7, LINKS = 8, CODE = 9, SINCE = 10, WORST = 11;
  const model = { sites: [], words: null, start: null, at: 0, key: "", t: 0, selected: null };
  let asked = 0;

  function fold(text) {
    return text.replace(/’/g, "'").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\bst(e?)\b/g, "saint$1");
  }

  function site(row) {
    return {
      id: row[ID], name: row[NAME], company: row[COMPANY], commune: row[COMMUNE], postal: row[POSTAL],
      lat: row[LAT], lon: row[LON], why: row[WHY], links: row[LINKS],
      code: row[CODE], since: row[SINCE], worst: row[WORST], folded: null,
    };
  }

  // What one looks for, read once: the names do not change without a new start.
  function holds(one, words) {
    one.folded ??= fold([one.name, one.company, one.commune, one.postal, ...one.links.flat()].join(" "));
    return words.every((word) => one.folded.includes(word));
  }

  const text = (name, values) =>
    (model.words.texts[name] ?? "").replace(/\{(\w+)\}/g, (whole, key) => values?.[key] ?? whole);
  const state = (one) => model.words.states[Math.floor(one.code / model.words.base)];
  const rank = (one) => Math.floor(one.code / model.words.base);
  const reason = (one) => model.words.reasons[one.code % model.words.base];
  const reference = (one) => one.links[one.worst]?.[0] ?? "";

  function query() {
    const from = new URLSearchParams(location.search);
    const page = Number(from.get("page"));
    return {
      state: model.words?.states.findIndex((s) => s.key === from.get("etat")) ?? -1,
      text: (from.get("q") ?? "").trim().slice(0, 80),
      page: Number.isInteger(page) && page > 1 ? page : 1,
      site: Number(from.get("site")) || null,
    };
  }

  function address(changes) {
    const to = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") to.delete(name);
      else to.set(name, value);
    }
    const search = to.toString();
    return model.words.texts.address + (search && `?${search}`);
  }

  function go(changes) {
    history.replaceState(null, "", address(changes));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  function sum() {
    let total = 0;
    for (const one of model.sites) total = (total * 31 + one.code * 7 + one.since + one.worst * 3) % MODULUS;
    return total;
  }

  function version() {
    const runs = [];
    for (const { code } of model.sites) {
      if (runs.length && runs[runs.length - 2] === code) runs[runs.length - 1]++;
      else runs.push(code, 1);
    }
    return { key: model.key, t: model.t, at: model.at, sum: sum(), runs };
  }

  function begin(start) {
    Object.assign(model, { key: start.key, t: start.t, at: start.at, sites: start.sites.map(site) });
  }

  function change(news) {
    if (news === null || news === undefined) return;
    if (typeof news === "number") model.at = news;
    else if (news.full) begin(news.full);
    else {
      model.at = news.at;
      model.t = news.t;
      for (const [at, code, since, worst] of news.d) {
        if (model.sites[at]) Object.assign(model.sites[at], { code, since, worst });
      }
    }
  }

  // A number that the interval has not had yet: its callback hears a change.
  function ask() {
    window.dash_clientside.set_props("map-tick", { n_intervals: 1e6 + ++asked });
  }

  /* Refresh: as often as the user said, not while nobody looks. */
  function every() {
    let kept = null;
    try {
      kept = localStorage.getItem(KEPT);
    } catch {
      /* storage refused: the choice lasts as long as the page */
    }
    const field = document.getElementById("map-every");
    const known = [...(field?.options ?? [])].map((option) => option.value);
    return known.includes(model.every) ? model.every : known.includes(kept) ? kept : field?.value ?? "30";
  }

  function pace() {
    const holder = document.getElementById("map");
    if (!holder) return;
    const seconds = Number(every());
    window.dash_clientside.set_props("map-every", { value: String(seconds) });
    window.dash_clientside.set_props("map-tick", { interval: (seconds || LONGEST) * 1000, disabled: document.hidden || !seconds });
    // Past this the LEDs are grey (50-stale.js): what is not refreshed is not known.
    holder.dataset.staleAfter = Math.max(model.words.stale, 2 * (seconds || LONGEST));
  }

  document.addEventListener("change", (event) => {
    if (event.target?.id !== "map-every") return;
    model.every = event.target.value;
    try {
      localStorage.setItem(KEPT, model.every);
    } catch {
      /* storage refused */
    }
    pace();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.getElementById("map") || !model.words) return;
    pace();
    if (!document.hidden && every() !== "0") ask();
  });
  window.addEventListener("balise:back", () => document.getElementById("map") && !document.hidden && ask());

  function draw(fresh) {
    window.baliseMap.show(fresh);
  }

  function heard() {
    if (document.getElementById("map") && model.words) draw(false);
  }
  window.addEventListener("_dashprivate_pushstate", heard);
  window.addEventListener("popstate", heard);

  /* What a filter leaves, worst first; by name within a state, as the server sorted. */
  function found() {
    const { state: wanted, text: said } = query();
    const words = fold(said).split(/\s+/).filter(Boolean);
    const matching = words.length ? model.sites.filter((one) => holds(one, words)) : model.sites;
    const counts = model.words.states.map(() => 0);
    for (const one of matching) counts[rank(one)]++;
    const shown = matching.filter((one) => wanted < 0 || rank(one) === wanted);
    return { counts, shown: [...shown].sort((a, b) => rank(a) - rank(b)) };
  }

  window.baliseMap = Object.assign(window.baliseMap ?? {}, {
    model, text, state, rank, reason, reference, query, address, go, found,
  });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    map: {
      take(start, news, words) {
        if (!start || !words) return window.dash_clientside.no_update;
        model.words = words;
        if (model.start !== start) {
          Object.assign(model, { start, news: null });
          begin(start);
          pace();
          draw(true);
          if (news === undefined || news === null) return version();
        }
        const before = model.key;
        if (news !== null && news !== undefined) change(news);
        const now = version();
        draw(model.key !== before);
        return now;
      },
    },
  });
})();
