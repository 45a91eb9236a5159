// A layer's weights, its maps, or images, on one sheet; beside maps the image, with what the chosen cell sees of it.

import { Chosen, placeOf } from "./chosen.js";
import { element, record, text } from "./dom.js";
import { ImagePane } from "./panes.js";
import { Sheet } from "./sheet.js";
import { boxOf, button, seenWords } from "./window.js";

export class SheetView {
  /** @param {(place: number[]) => void} writeOut asks for the arithmetic of a cell; its place, where a window is there */
  constructor(outbox, repaint, writeOut) {
    this.outbox = outbox;
    this.repaint = repaint;
    this.sheet = new Sheet(() => this.choose());
    this.sheet.moved = () => {
      this.tell();
      repaint();
    };
    this.chosen = new Chosen(outbox);
    this.image = new ImagePane();
    this.holder = this.sheet.holder;
    this.arithmetic = button("Show the calculation", () => {
      const place = this.sheet.counted;
      this.choose();
      writeOut((this.data.place ?? []).map((axis) => (axis ? place[axis] * (this.data.shrunk ?? 1) : 0)));
    });
    const line = element("div", "stage-sheet-line", {}, this.sheet.value, this.arithmetic);
    this.side = element("div", "stage-sheet-side", {}, this.image.node);
    const main = element("div", "stage-sheet-main", {}, this.sheet.said, line, this.holder);
    this.node = element("div", "stage-sheet", {}, this.side, main);
  }

  take(data) {
    this.data = data;
    this.image.fill(data.picture);
    this.side.hidden = !record(data.picture);
    const { sheet } = this;
    sheet.fill(record(data.sheet), { lines: data.lines, captions: data.captions, titles: data.titles, boxes: data.boxes });
    const tile = this.tile(data);
    const isOther = data.of !== this.of || String(tile) !== String(this.tiled);
    const begins = data.of !== this.of || (isOther && String(tile) !== String([sheet.place.down, sheet.place.across]));
    // An answer to the choice of a map knows the cell before: the hand's own stays.
    const isAhead = this.chosen.isWaiting;
    const cell = this.chosen.taken(data) ?? (begins && !isAhead ? placeOf(data) : null);
    if (cell) sheet.goTo(...tile, ...cell.map((at, axis) => at / (data.shrunk ?? 1) - (data.sheet.first?.[["row", "column"][axis]] ?? 0)));
    else if (begins && !isAhead) sheet.begin(...tile);
    this.tiled = tile;
    this.of = data.of;
    this.tell();
  }

  tell() {
    const box = this.box();
    this.arithmetic.hidden = !this.data.can_write;
    if (this.data.picture) this.image.say(`This cell sees ${seenWords(box)}`);
  }

  box() {
    const { row, column } = this.sheet.place;
    return boxOf(this.data.sights, [row, column], this.data.shrunk ?? 1);
  }

  /** The tile of what is chosen: of the filter, and of the channel. */
  tile({ chooses, filter, channel, sheet }) {
    const chosen = { down: 0, across: 0 };
    for (const [key, axis] of Object.entries(chooses ?? {})) {
      const number = (key === "inside:filter" ? filter : channel) - (sheet.first?.[axis] ?? 0);
      if (axis in chosen) chosen[axis] = Math.min(Math.max(number, 0), sheet.shape[axis === "down" ? 0 : 1] - 1);
    }
    return [chosen.down, chosen.across];
  }

  /** The place that is pointed at is chosen. */
  choose() {
    const place = this.sheet.counted;
    for (const [key, axis] of Object.entries(this.data.chooses ?? {})) this.outbox.push(key, place[axis], "commit", true);
    if (!this.data.names) this.chosen.tell(...[place.row, place.column].map((at) => at * (this.data.shrunk ?? 1)));
    const name = text(this.data.names?.[place.across]);
    if (name) this.outbox.push("inside:image", name);
  }

  get width() {
    return this.sheet.width;
  }

  save(drawing) {
    this.sheet.save(drawing);
  }

  paint(theme) {
    if (!this.data) return;
    this.sheet.draw(theme);
    if (this.data.picture) this.image.draw(theme, { box: this.box() });
  }
}
