/* Live pages rest while nobody looks, and ask at once when one looks again or when the server is
   back: <div data-live="id of a dcc.Interval">. */
(function () {
  "use strict";
  let count = 0;

  function set(also) {
    for (const element of document.querySelectorAll("[data-live]")) {
      window.dash_clientside?.set_props(element.dataset.live, also());
    }
  }
  // A number that the interval has not had yet: its callbacks hear a change.
  const ask = () => ({ disabled: false, n_intervals: 1e6 + ++count });

  document.addEventListener("visibilitychange", () => {
    set(document.hidden ? () => ({ disabled: true }) : ask);
  });
  window.addEventListener("balise:back", () => document.hidden || set(ask));
})();
