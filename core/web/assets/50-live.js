/* Live pages rest while nobody looks: <div data-live="id of a dcc.Interval">. */
(function () {
  "use strict";
  document.addEventListener("visibilitychange", () => {
    for (const element of document.querySelectorAll("[data-live]")) {
      window.dash_clientside?.set_props(element.dataset.live, { disabled: document.hidden });
    }
  });
})();
