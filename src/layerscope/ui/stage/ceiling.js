// How far down the page the columns begin, for a size of which the whole must stay on the screen: a longer sentence or a
// teacher's line above them then takes from their height, and pushes nothing off the screen.

const BELOW = 6; // pixels that stay free below the columns

export class Ceiling {
  /** @param {HTMLElement} root gets what was measured as --above  @param {HTMLElement} main the columns */
  constructor(root, main) {
    [this.root, this.main] = [root, main];
    // What stands above may grow in many ways; each of them makes the page's block higher.
    this.observer = new ResizeObserver(() => this.measure());
  }

  watch(isWanted) {
    if (isWanted === Boolean(this.page)) return;
    this.observer.disconnect();
    this.page = isWanted ? this.root.closest(".stMain") : null;
    if (!this.page) return this.root.style.removeProperty("--above");
    for (const node of [this.page, this.page.firstElementChild, this.root]) this.observer.observe(node);
  }

  measure() {
    const top = Math.ceil(this.main.getBoundingClientRect().top + this.page.scrollTop);
    if (top !== this.top) this.root.style.setProperty("--above", `${(this.top = top) + BELOW}px`);
  }
}
