/* The status map, third part: what stands on the map (dash-leaflet calls baliseMap.land, point and
   cluster by their names), and the popup of a site. A marker is the LED of its state, a cluster has
   the ring and the LED of the worst it holds. Text from outside is always textContent. */
(function () {
  "use strict";
  const map = (window.baliseMap = window.baliseMap ?? {});
  const id = (name) => document.getElementById(name);
  let leaflet = null; // the L.Map of the page
  let back = null; // where the focus was before the popup: "map" or "list"
  let opened = null; // the site whose popup was drawn last
  let heard = null; // the element whose changes are heard: what rubrics say of the open site
  let drawn = ""; // what the layer holds
  let focused = null; // the marker that had the focus when the layer was drawn anew

  function watch() {
    window.L?.Map.addInitHook(function () {
      leaflet = this;
      this.on("move zoom resize", place);
      // Leaflet hears the window alone: full screen, a banner or a folded page change the map too.
      const size = new ResizeObserver(() => this.invalidateSize({ animate: false }));
      size.observe(this.getContainer());
      this.on("unload", () => size.disconnect());
    });
  }
  watch();

  const land = (feature) => ({ className: `land land-${feature.properties.kind}`, weight: feature.properties.kind === "pays" ? 0.8 : 0.6 });

  function keep(marker, key) {
    marker.on("keydown", ({ originalEvent: event }) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      marker.fire("click", { latlng: marker.getLatLng() }, true); // Leaflet does it for popups alone
    });
    return marker.on("add", () => {
      if (focused !== key) return;
      focused = null;
      marker.getElement()?.focus({ preventScroll: true });
    });
  }

  function point(feature, latlng) {
    const one = map.model.byId.get(feature.properties.id);
    if (!one) return window.L.marker(latlng);
    const state = map.state(one);
    const said = map.el("span", { class: "sr-only" }, `${one.name}, ${state.word}`);
    const chosen = map.query().site === one.id;
    const body = map.el("span", { class: `mk${chosen ? " is-on" : ""}`, "data-site": one.id, "data-focus": one.id }, map.led(state, true), said);
    const made = window.L.marker(latlng, {
      icon: window.L.divIcon({ className: "mk-hold", html: body, iconSize: [24, 24] }),
      title: one.name,
      riseOnHover: true,
      zIndexOffset: chosen ? 4000 : (3 - map.rank(one)) * 1000, // the worst above, the chosen one over all
    });
    made.on("click", () => map.go({ site: one.id }));
    return keep(made, String(one.id));
  }

  function cluster(feature, latlng, index) {
    let worst = 3;
    for (const leaf of index.getLeaves(feature.properties.cluster_id, Infinity)) worst = Math.min(worst, leaf.properties.s);
    const state = map.model.words.states[worst];
    const count = feature.properties.point_count;
    const size = count < 10 ? 34 : count < 100 ? 40 : count < 1000 ? 46 : 54;
    const key = `${count} ${latlng.lat} ${latlng.lng}`;
    const said = map.text("cluster", { n: map.number(count), state: state.word });
    const body = map.el("span", { class: `cl cl-${state.css}`, "data-worst": state.key, "data-focus": key },
      map.el("span", { "aria-hidden": "true" }, map.number(count)), worst < 3 ? map.led(state, true) : null, map.el("span", { class: "sr-only" }, said));
    const made = window.L.marker(latlng, {
      icon: window.L.divIcon({ className: "mk-hold", html: body, iconSize: [size, size] }),
      title: said,
      zIndexOffset: (3 - worst) * 1000,
    });
    return keep(made, key);
  }

  /* The layer gets its sites again only when one of them changed: a refresh in which nothing
     happened moves nothing. */
  function layer(shown, asked) {
    const placed = shown.filter((one) => one.lat !== null);
    const now = `${map.model.key}|${asked.site}|${placed.map((one) => `${one.id}.${map.rank(one)}`).join()}`;
    id("map-none").hidden = !shown.length || placed.length > 0;
    id("map-none").textContent = map.text("no-place");
    if (now === drawn) return;
    drawn = now;
    focused = document.activeElement?.querySelector(":scope > [data-focus]")?.dataset.focus ?? null;
    const features = placed.map((one) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [one.lon, one.lat] },
      properties: { id: one.id, s: map.rank(one) },
    }));
    const hold = (kept) => ({ data: { type: "FeatureCollection", features: features.filter(kept) } });
    window.dash_clientside.set_props("map-sites", hold((one) => one.properties.id !== asked.site));
    window.dash_clientside.set_props("map-chosen", hold((one) => one.properties.id === asked.site));
  }

  /* Leaflet's own words are English. */
  function zoomWords() {
    for (const way of ["in", "out"]) {
      const button = document.querySelector(`.map .leaflet-control-zoom-${way}`);
      button?.setAttribute("title", map.text(`zoom-${way}`));
      button?.setAttribute("aria-label", map.text(`zoom-${way}`));
    }
  }

  function frame(sites) {
    if (!leaflet || !sites.length) return;
    const bounds = window.L.latLngBounds(sites.map((one) => [one.lat, one.lon]));
    leaflet.fitBounds(bounds, { padding: [24, 24], maxZoom: 11, animate: false });
  }

  const within = (one, [, south, west, north, east]) => one.lat >= south && one.lat <= north && one.lon >= west && one.lon <= east;

  /* Where sites gather far apart (overseas, abroad), one button frames each place. */
  function zones() {
    const placed = map.model.sites.filter((one) => one.lat !== null);
    const groups = map.model.words.zones.map((zone) => [zone[0], placed.filter((one) => within(one, zone))]);
    const known = new Set(groups.flatMap(([, sites]) => sites));
    groups.push([map.text("elsewhere"), placed.filter((one) => !known.has(one))]);
    const used = groups.filter(([, sites]) => sites.length);
    if (used.length < 2) return map.fill(id("map-zones"), []);
    const buttons = [[map.text("all"), placed], ...used].map(([name, sites], i) => {
      const worst = map.model.words.states[Math.min(...sites.map(map.rank))];
      return map.el("button", { type: "button", class: "chip", "data-zone": i }, map.led(worst), name, " ", map.el("b", {}, map.number(sites.length)));
    });
    map.zoned = [placed, ...used.map(([, sites]) => sites)];
    map.fill(id("map-zones"), [map.el("div", { role: "group", "aria-label": map.text("zones") }, ...buttons)]);
  }

  document.addEventListener("click", (event) => {
    const zone = event.target.closest?.("[data-zone]");
    if (zone) frame(map.zoned[Number(zone.dataset.zone)]);
    if (event.target.closest?.("[data-do=map-close]")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && id("map-popup") && !id("map-popup").hidden && !document.fullscreenElement) close();
  });

  /* The focus goes back to the marker or to the row that opened the popup, drawn anew since. */
  function close() {
    const from = map.query().site;
    const onMap = back === "map";
    map.go({ site: null });
    const marker = document.querySelector(`.map [data-site="${from}"]`)?.parentElement;
    const row = [...document.querySelectorAll("#map-table tr")].find((tr) => tr.dataset.site === String(from));
    const link = [...(row?.querySelectorAll("a") ?? [])].find((a) => a.offsetParent);
    (onMap ? marker ?? link : link ?? marker)?.focus({ preventScroll: true });
    if (onMap) focused = String(from); // the marker goes back among the others: drawn anew
  }

  /* What rubrics say of the site, told by the server for the one that is open. */
  function said(one) {
    const told = id("map-said")?.querySelector(`[data-of="${one.id}"]`);
    return told?.childElementCount ? [told.cloneNode(true)] : [];
  }
  function hear() {
    const holder = id("map-said");
    if (!holder || holder === heard) return;
    heard = holder;
    new MutationObserver(() => opened && popup(map.query())).observe(holder, { childList: true, subtree: true });
  }

  function content(one) {
    const state = map.state(one);
    const reference = map.reference(one);
    const texts = map.model.words.texts;
    const link = (name, value) => (texts[`link-${name}`] ? map.el("a", { href: texts[`link-${name}`] + encodeURIComponent(value) }, map.text(name)) : null);
    const move = texts["link-place"] ? map.push({ href: texts["link-place"] + one.id, "data-push": "map-place" }, map.text(one.lat === null ? "place" : "move")) : null;
    const links = [link("detail", reference), link("ticket", reference), move].filter(Boolean);
    const since = one.since ? [` ${map.text("since")} `, map.el("span", { class: "tabular", "data-since": one.since })] : [];
    const where = [reference, [one.commune, one.postal && `(${one.postal})`].filter(Boolean).join(" ")].filter(Boolean).join(" · ");
    return [
      map.el("div", { class: "popup-head" }, map.led(state), map.el("strong", { class: "cut", title: one.name, id: "map-popup-name" }, one.name),
        map.el("button", { type: "button", class: "icon-btn", "data-do": "map-close", "aria-label": map.text("close") }, map.icon("close"))),
      map.el("div", {}, map.el("span", { class: `t-${state.css} strong` }, state.word), ...since),
      map.reason(one) ? map.el("div", {}, map.reason(one)) : null,
      map.el("div", { class: "soft cut", title: one.company }, one.company),
      map.el("div", { class: "soft" }, where),
      ...said(one),
      one.links.length > 1 ? map.el("div", { class: "soft small" }, map.text("worst", { n: one.links.length })) : null,
      one.lat === null ? map.el("div", { class: "soft small" }, map.model.words.unplaced[one.why]) : null,
      map.el("div", { class: "popup-links" }, ...links),
    ].filter(Boolean);
  }

  function place() {
    const popup = id("map-popup");
    const one = map.model.byId?.get(opened);
    if (!popup || popup.hidden || !one || !leaflet) return;
    popup.classList.toggle("is-loose", one.lat === null);
    if (one.lat === null) return;
    const at = leaflet.latLngToContainerPoint([one.lat, one.lon]);
    const { x: wide, y: high } = leaflet.getSize();
    const below = at.y < popup.offsetHeight + 24;
    popup.classList.toggle("is-below", below);
    const half = popup.offsetWidth / 2 + 8;
    const x = Math.min(Math.max(at.x, Math.min(half, wide / 2)), Math.max(wide - half, wide / 2));
    popup.style.left = `${x}px`;
    popup.style.top = `${at.y}px`;
    popup.style.setProperty("--tip", `${at.x - x}px`);
    popup.style.visibility = at.x < 0 || at.y < 0 || at.x > wide || at.y > high ? "hidden" : "";
  }

  function popup(asked) {
    for (const mark of document.querySelectorAll(".map .mk")) mark.classList.toggle("is-on", mark.dataset.site === String(asked.site));
    const holder = id("map-popup");
    const one = asked.site ? map.model.byId.get(asked.site) : null;
    if (!asked.site) {
      holder.hidden = true;
      opened = null;
      return;
    }
    const first = opened !== asked.site;
    opened = asked.site;
    holder.hidden = false;
    holder.setAttribute("role", "dialog");
    holder.setAttribute("aria-labelledby", "map-popup-name");
    map.fill(holder, one ? content(one) : [map.el("div", { class: "popup-head" }, map.el("strong", { id: "map-popup-name" }, map.text("unknown-site")), map.el("button", { type: "button", class: "icon-btn", "data-do": "map-close", "aria-label": map.text("close") }, map.icon("close")))]);
    holder.classList.toggle("is-loose", !one || one.lat === null);
    if (first) {
      back = document.activeElement?.closest(".map") ? "map" : "list";
      if (one && one.lat !== null && leaflet) bring(one);
      holder.tabIndex = -1;
      holder.focus({ preventScroll: true });
    }
    place();
  }

  /* Bring a site into view, near enough to be told from its neighbours. */
  function bring(one) {
    const marker = document.querySelector(`.map [data-site="${one.id}"]`);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (marker) leaflet.panInside([one.lat, one.lon], { paddingTopLeft: [150, 190], paddingBottomRight: [150, 40], animate: !calm });
    else leaflet.setView([one.lat, one.lon], Math.max(leaflet.getZoom(), 9), { animate: !calm });
  }

  Object.assign(map, {
    land, point, cluster,
    /* Draw all that the address asks for; ``fresh`` when sites came, went or moved. */
    show(fresh) {
      if (!id("map-popup")) return;
      if (fresh) {
        map.model.byId = new Map(map.model.sites.map((one) => [one.id, one]));
        drawn = "";
      }
      const asked = map.query();
      const { counts, shown } = map.found();
      map.list(shown, counts, asked);
      layer(shown, asked);
      zones();
      zoomWords();
      hear();
      popup(asked);
    },
  });
})();
