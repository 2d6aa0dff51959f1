/* <button data-do="print"> prints the page. */
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-do=print]")) window.print();
});
