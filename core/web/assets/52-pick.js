/* <div data-pick='{"whole", "companies", "sites": [[site, company], …]}'>: a grid of companies and sites of
   which a page stands here at a time; what is selected, of every page and search, is held by the element,
   and is its .value, which data-press sends. A click selects a row or not, Shift a range, Ctrl+A all rows
   that are shown; arrows go from row to row, Space selects. */
(function () {
  "use strict";
  const states = new WeakMap();

  function state(pick) {
    let now = states.get(pick);
    if (now?.from !== pick.dataset.pick) {
      const said = JSON.parse(pick.dataset.pick);
      now = { from: pick.dataset.pick, whole: said.whole, companies: new Set(said.companies), sites: new Map(said.sites), anchor: null };
      states.set(pick, now);
    }
    return now;
  }

  const rows = (pick) => [...pick.querySelectorAll("[data-site], [data-company]")];
  const matches = (pick) => pick.querySelector("[data-matches]")?.dataset.matches ?? "";

  function is(now, row) {
    if (row.dataset.company) return now.whole || now.companies.has(+row.dataset.company);
    return locked(now, row) || now.sites.has(+row.dataset.site);
  }

  function locked(now, row) {
    return now.whole || (row.dataset.site !== undefined && now.companies.has(+row.dataset.of));
  }

  function put(now, row, on) {
    if (locked(now, row)) return;
    if (row.dataset.company) {
      if (on) now.companies.add(+row.dataset.company);
      else now.companies.delete(+row.dataset.company);
    } else if (on) now.sites.set(+row.dataset.site, +row.dataset.of);
    else now.sites.delete(+row.dataset.site);
  }

  function every(pick, now) {
    const found = matches(pick);
    if (found === "many") return null;
    if (found) return JSON.parse(found).every(([site, company]) => now.whole || now.companies.has(company) || now.sites.has(site));
    if ("whole" in pick.dataset) return now.whole;
    return rows(pick).length > 0 && rows(pick).every((row) => is(now, row));
  }

  function paint(pick) {
    const now = state(pick);
    const counts = JSON.parse(pick.dataset.counts);
    for (const row of rows(pick)) {
      const tick = row.querySelector(".tick");
      const on = is(now, row);
      put_attribute(row, "aria-selected", on ? "true" : null);
      if (!tick) continue;
      put_attribute(tick, "aria-checked", String(on));
      put_attribute(tick, "aria-disabled", locked(now, row) ? "true" : null);
      tick.tabIndex = -1;
    }
    const first = rows(pick).find((row) => row.querySelector(".tick") === now.at) ?? rows(pick).find((row) => row.querySelector(".tick"));
    if (first) first.querySelector(".tick").tabIndex = 0;
    const all = pick.querySelector("[data-pick-all]");
    const on = every(pick, now);
    put_attribute(all, "aria-checked", String(on ?? false));
    all.disabled = on === null;
    const words = JSON.parse(pick.dataset.words);
    let n = 0;
    for (const company of now.companies) n += counts[company] ?? 0;
    for (const [, company] of now.sites) if (!now.companies.has(company)) n++;
    const said = on === null ? words.many : now.whole ? words.whole : (n < 2 ? words.one : words.some).replace("{n}", n.toLocaleString(document.documentElement.lang));
    const place = pick.querySelector(".pick-count");
    if (place.textContent !== said) place.textContent = said;
    pick.value = { whole: now.whole, companies: [...now.companies], sites: [...now.sites.keys()] };
  }

  function put_attribute(element, name, value) {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }

  function changed(pick) {
    paint(pick);
    pick.dispatchEvent(new CustomEvent("balise:changed", { bubbles: true }));
  }

  function toggle(pick, row, extend) {
    const now = state(pick);
    const on = !is(now, row);
    const all = rows(pick);
    if (extend && now.anchor && all.includes(now.anchor)) {
      const [a, b] = [all.indexOf(now.anchor), all.indexOf(row)].sort((x, y) => x - y);
      for (const one of all.slice(a, b + 1)) if (one.dataset.site) put(now, one, true);
    } else put(now, row, on);
    now.anchor = row;
    now.at = row.querySelector(".tick");
    changed(pick);
  }

  function toggleAll(pick) {
    const now = state(pick);
    const found = matches(pick);
    const on = !every(pick, now);
    if (found && found !== "many") {
      for (const [site, company] of JSON.parse(found)) {
        if (now.whole || now.companies.has(company)) continue;
        if (on) now.sites.set(site, company);
        else now.sites.delete(site);
      }
    } else if ("whole" in pick.dataset) {
      now.whole = on;
      if (!on) {
        now.companies.clear();
        now.sites.clear();
      }
    } else {
      for (const company of JSON.parse(pick.dataset.companies)) if (on) now.companies.add(company); else now.companies.delete(company);
      for (const row of rows(pick)) if (row.dataset.site) put(now, row, on);
    }
    changed(pick);
  }

  document.addEventListener("mousedown", (event) => {
    if (event.shiftKey && event.target instanceof Element && event.target.closest("[data-pick] tbody")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const pick = event.target.closest("[data-pick]");
    if (!pick) return;
    if (event.target.closest("[data-pick-all]")) return toggleAll(pick);
    const row = event.target.closest("[data-site], [data-company]");
    if (row && row.querySelector(".tick")) toggle(pick, row, event.shiftKey);
  });

  document.addEventListener("keydown", (event) => {
    const tick = event.target instanceof Element ? event.target.closest("[data-pick] tbody .tick") : null;
    if (!tick) return;
    const pick = tick.closest("[data-pick]");
    const ticks = rows(pick).map((row) => row.querySelector(".tick")).filter(Boolean);
    const at = ticks.indexOf(tick);
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: ticks.length - 1 };
    if (event.key in steps) {
      const next = ticks[Math.max(0, Math.min(ticks.length - 1, steps[event.key]))];
      if (event.shiftKey && next !== tick) {
        const now = state(pick);
        for (const one of [tick, next]) put(now, one.closest("tr"), true);
        changed(pick);
      }
      state(pick).at = next;
      for (const one of ticks) one.tabIndex = one === next ? 0 : -1;
      next.focus();
    } else if (event.key === " " || event.key === "Enter") toggle(pick, tick.closest("tr"), event.shiftKey);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      const now = state(pick);
      for (const row of rows(pick)) if (row.dataset.site) put(now, row, true);
      changed(pick);
    } else return;
    event.preventDefault();
  });

  new MutationObserver((changes) => {
    const touched = new Set();
    for (const change of changes) {
      const inside = change.target instanceof Element ? change.target.closest("[data-pick]") : change.target.parentElement?.closest("[data-pick]");
      if (inside) touched.add(inside);
      for (const node of change.addedNodes) if (node instanceof Element) for (const pick of node.querySelectorAll("[data-pick]")) touched.add(pick);
    }
    touched.forEach(paint);
    // The first field that is wrong takes the focus: it may stand far above the buttons.
    if (!changes.some((change) => change.target instanceof Element && change.target.matches(".field-wrong:not(:empty)"))) return;
    const place = document.querySelector(".user-form .field-wrong:not(:empty)").closest(".field, .part");
    place.querySelector("input, select, [role=listbox], .tick")?.focus({ preventScroll: true });
    place.scrollIntoView({ block: "center" });
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-pick", "data-site", "data-company", "data-of", "data-matches"] });

  /* What was changed and is not saved is said beside the buttons. */
  function unsaved(event) {
    const form = event.target instanceof Element ? event.target.closest(".user-form") : null;
    if (form && !event.target.closest("#users-find")) form.classList.add("is-changed");
  }
  document.addEventListener("input", unsaved);
  document.addEventListener("balise:changed", unsaved);
})();
