/* <div data-frame="address" data-title="…" data-css="…"> gets a frame with the PDF of that address where the browser
   shows PDFs in a page. Where it does not (no viewer, a phone or a tablet: iOS shows the first page alone) the
   div stays empty, nothing is fetched, and what follows it shows instead: .frame-else. */
(function () {
  "use strict";
  const shows = () =>
    navigator.pdfViewerEnabled !== false && !matchMedia("(max-width: 767.98px), (pointer: coarse)").matches;

  function fill() {
    for (const holder of document.querySelectorAll("[data-frame]:empty")) {
      if (!shows()) continue;
      const frame = document.createElement("iframe");
      Object.assign(frame, { src: holder.dataset.frame, title: holder.dataset.title, className: holder.dataset.css });
      holder.append(frame);
    }
  }
  new MutationObserver(fill).observe(document.documentElement, { childList: true, subtree: true });
  fill();
})();
