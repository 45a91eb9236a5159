// How much of a stage comes after its controls. On a phone a picture and the sentence stay above these: they leave the
// screen together with the last control, as nothing below it moves them.

export class Strip {
  /** @param {HTMLElement} body gets what was measured as --after  @param {HTMLElement[]} nodes the last one shown ends it */
  constructor(body, nodes) {
    [this.body, this.nodes] = [body, nodes];
    this.observer = new ResizeObserver(() => this.measure());
  }

  watch(isWanted) {
    if (isWanted === this.isWatched) return;
    this.isWatched = isWanted;
    this.observer.disconnect();
    if (isWanted) for (const node of [this.body, ...this.nodes]) this.observer.observe(node);
  }

  measure() {
    const last = this.nodes.findLast((node) => node.offsetHeight > 0);
    const bottom = (node) => node.getBoundingClientRect().bottom;
    const after = last ? Math.max(0, Math.round(bottom(this.body) - bottom(last))) : 0;
    if (after !== this.after) this.body.style.setProperty("--after", `${(this.after = after)}px`);
  }
}
