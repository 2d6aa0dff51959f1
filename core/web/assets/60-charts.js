/* Charts: the small plotly.js, loaded when a first chart appears, in the colours of the theme.
   A figure carries its two templates in layout.meta ({light, dark}: core/web/components/chart.py). */
(function () {
  "use strict";
  const here = document.currentScript.src;
  // Dash asks this address for plotly.js when a chart has to be drawn; its own bundle is 4.7 MB.
  Object.defineProperty(window, "_dashPlotlyJSURL", {
    get: () => new URL("lazy/plotly-cartesian.min.js?v=4.1.1", here).href,
    set: () => {},
  });

  const theme = () => (document.documentElement.dataset.bsTheme === "dark" ? "dark" : "light");
  const dressed = (layout) => {
    const template = layout?.meta?.[theme()];
    return template ? { ...layout, template } : layout;
  };

  let plotly;
  Object.defineProperty(window, "Plotly", {
    configurable: true,
    get: () => plotly,
    set(loaded) {
      plotly = { ...loaded };
      for (const name of ["newPlot", "react"]) {
        plotly[name] = (element, data, layout, config) =>
          Array.isArray(data) || data === undefined
            ? loaded[name](element, data, dressed(layout), config)
            : loaded[name](element, { ...data, layout: dressed(data.layout) });
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
