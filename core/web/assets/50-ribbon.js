/* A day of the ribbon that is too near another to be a link opens by the pointer all the same:
   <i data-go="address to be added to the page's">. */
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    const day = event.target instanceof Element && event.target.closest(".ribbon [data-go]");
    if (!day) return;
    const link = document.createElement("a");
    link.href = day.dataset.go;
    link.dataset.push = "";
    link.dataset.merge = "";
    link.hidden = true;
    document.body.append(link);
    link.click(); // 50-address.js hears it
    link.remove();
  });
})();
