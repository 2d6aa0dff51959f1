/* What scrolls sideways on a phone (.swipe) shows its current item. */
(function () {
  "use strict";
  function show() {
    for (const box of document.querySelectorAll(".swipe")) {
      if (box.scrollWidth <= box.clientWidth) continue;
      const current = box.querySelector('[aria-current="true"]');
      if (!current || box.dataset.shown === current.textContent) continue;
      box.dataset.shown = current.textContent;
      const [frame, item] = [box.getBoundingClientRect(), current.getBoundingClientRect()];
      box.scrollLeft += item.left - frame.left - (frame.width - item.width) / 2;
    }
  }
  let asked = 0;
  new MutationObserver(() => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(show);
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
