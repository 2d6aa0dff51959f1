/* Charts: the small plotly.js, loaded when a first chart appears, in the colours of the theme.
   A figure carries its two templates in layout.meta ({light, dark}: core/web/components/chart.py).
   With layout.meta.zoom, what is drawn over with the mouse becomes the period of the address, so
   that the server answers with finer points; <button data-picture="id of a chart"> saves it. */
(function () {
  "use strict";
  const here = document.currentScript.src;
  // Dash asks this address for plotly.js when a chart has to be drawn; its own bundle is 4.7 MB.
  Object.defineProperty(window, "_dashPlotlyJSURL", {
    get: () => new URL("lazy/plotly-basic.min.js?v=4.1.1", here).href,
    set: () => {},
  });

  const theme = () => (document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light");
  const dressed = (layout) => {
    const template = layout?.meta?.[theme()];
    if (!template) return layout;
    // A finger that goes over a chart scrolls the page.
    const dragmode = matchMedia("(pointer: coarse)").matches ? false : layout.dragmode;
    return { ...layout, template, dragmode, xaxis: thinned(layout.xaxis) };
  };

  /* A narrow screen has room for every other mark. */
  function thinned(axis) {
    const many = (axis?.tickvals?.length ?? 0) > 5;
    if (!many || !matchMedia("(max-width: 600px)").matches) return axis;
    const odd = (_value, place) => place % 2 === 0;
    return { ...axis, tickvals: axis.tickvals.filter(odd), ticktext: axis.ticktext.filter(odd) };
  }

  const SHORTEST = 600; // seconds

  /* Return « 2026-11-24T08:20 » in the zone of the chart. */
  function minute(epoch, zone) {
    const form = { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
    return new Intl.DateTimeFormat("sv-SE", form).format(new Date(epoch * 1000)).replace(" ", "T");
  }

  function zoomed(chart, event) {
    const zoom = chart.layout?.meta?.zoom;
    const range = event["xaxis.range"] ?? [event["xaxis.range[0]"], event["xaxis.range[1]"]];
    if (!zoom || typeof range[0] !== "string" || typeof range[1] !== "string") return;
    const [start, end] = range.map((place) => zoom.epoch + Date.parse(`${place.replace(" ", "T")}Z`) / 1000 - zoom.at);
    const middle = (start + end) / 2;
    const half = Math.max(end - start, SHORTEST) / 2;
    const query = new URLSearchParams(location.search);
    query.set("periode", "perso");
    query.set("du", minute(middle - half, zoom.zone));
    query.set("au", minute(middle + half, zoom.zone));
    history.pushState(null, "", `${location.pathname}?${query}`);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-picture]");
    const chart = button && document.querySelector(`#${button.dataset.picture} .js-plotly-plot`);
    if (!chart) return;
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--ui-surface").trim();
    const title = { text: button.dataset.title || button.dataset.name, x: 0.01, xanchor: "left", font: { size: 14 } };
    const margin = { ...chart.layout.margin, t: 44, r: 16 };
    const legend = { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" };
    const more = { title, margin, legend, showlegend: true, paper_bgcolor: colour, autosize: false };
    const layout = { ...chart.layout, ...more, width: 1200, height: 480 };
    // As SVG, which a page may load from a data: address alone, then on a canvas.
    const size = { width: 1200, height: 480 };
    const svg = await plotly.toImage({ data: chart.data, layout }, { format: "svg", ...size });
    const image = Object.assign(new Image(), { src: svg });
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 2400, height: 960 });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = `${button.dataset.name}.png`;
    link.click();
  });

  const heard = new WeakSet(); // charts whose zoom is listened to
  let plotly;
  Object.defineProperty(window, "Plotly", {
    configurable: true,
    get: () => plotly,
    set(loaded) {
      plotly = { ...loaded };
      for (const name of ["newPlot", "react"]) {
        plotly[name] = async (element, data, layout, config) => {
          const chart = await (Array.isArray(data) || data === undefined
            ? loaded[name](element, data, dressed(layout), config)
            : loaded[name](element, { ...data, layout: dressed(data.layout) }));
          if (name === "newPlot" || !heard.has(chart)) {
            heard.add(chart);
            chart.on("plotly_relayout", (event) => zoomed(chart, event));
          }
          return chart;
        };
      }
    },
  });

  window.addEventListener("balise:theme", () => {
    for (const chart of document.querySelectorAll(".js-plotly-plot")) {
      const template = chart.layout?.meta?.[theme()];
      if (template) plotly.relayout(chart, { template });
    }
  });
})();
