// Pictures for paper: while the browser prepares a printing, the page is as wide and as light as the paper (the class
// that ui/printing.py gives rules to), and each stage draws its pictures for that at once; afterwards for the screen.

const PRINTING = "layerscope-printing";
const redraws = new Set();

function turn(isPaper) {
  if (document.documentElement.classList.toggle(PRINTING, isPaper)) void document.body.offsetWidth;
  for (const redraw of redraws) redraw();
}

addEventListener("beforeprint", () => turn(true));
addEventListener("afterprint", () => turn(false));

/** Calls `redraw` before and after each printing, until the function that it returns is called. */
export function listenForPrinting(redraw) {
  redraws.add(redraw);
  return () => redraws.delete(redraw);
}
