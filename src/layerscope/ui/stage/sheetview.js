// A layer's weights, its maps, or images, on one sheet; beside maps the image, with what the chosen cell sees of it.

import { boxOf, seenWords } from "./along.js";
import { Chosen, placeOf } from "./chosen.js";
import { element, record, text } from "./dom.js";
import { ImagePane, widen } from "./panes.js";
import { Sheet } from "./sheet.js";
import { button } from "./window.js";

const PLANE = ["row", "column"];

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
      this.choose();
      this.chosen.flush();
      writeOut(this.whole(this.data.place ?? []));
    });
    const line = element("div", "stage-sheet-line", {}, this.sheet.value, this.arithmetic);
    this.side = element("div", "stage-sheet-side", {}, this.image.node);
    const main = element("div", "stage-sheet-main", {}, line, this.holder, this.sheet.said);
    this.node = element("div", "stage-sheet", {}, this.side, main);
  }

  take(data) {
    this.data = data;
    this.image.fill(data.picture);
    this.side.hidden = !record(data.picture);
    widen(this.node, data.picture?.size ?? [1, 1]);
    const { sheet } = this;
    sheet.fill(record(data.sheet), { lines: data.lines, captions: data.captions, titles: data.titles, boxes: data.boxes });
    const tile = this.tile(data);
    const isOther = data.of !== this.of || String(tile) !== String(this.tiled);
    const begins = data.of !== this.of || (isOther && String(tile) !== String([sheet.place.down, sheet.place.across]));
    // An answer to the choice of a map knows the cell before: the hand's own stays.
    const isAhead = this.chosen.isWaiting;
    const cell = this.chosen.taken(data) ?? (begins && !isAhead ? placeOf(data) : null);
    if (cell) sheet.goTo(...tile, ...this.here(cell));
    else if (begins && !isAhead) sheet.begin(...tile);
    this.tiled = tile;
    this.of = data.of;
    this.tell();
  }

  tell() {
    const box = this.box();
    this.arithmetic.hidden = !this.data.can_write;
    if (this.data.picture) this.image.say(`This cell sees ${seenWords(box, this.data.is_line)}`);
  }

  box() {
    const { across, row, column } = this.sheet.counted;
    return boxOf(this.data.sights, [across, row, column].slice(-(this.data.sights?.length ?? 2)), this.data.shrunk ?? 1);
  }

  /** The place that is pointed at along those axes, in cells of the whole map; "" is an axis that is not there. */
  whole(axes) {
    const place = this.sheet.counted;
    return axes.map((axis) => (axis ? place[axis] * (PLANE.includes(axis) ? this.data.shrunk ?? 1 : 1) : 0));
  }

  /** Row and column on the sheet of a cell of the whole map. */
  here(cell) {
    const { shrunk = 1, sheet } = this.data;
    return cell.slice(-PLANE.length).map((at, axis) => at / shrunk - (sheet.first?.[PLANE[axis]] ?? 0));
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
    if (!this.data.names) this.chosen.tell(...this.whole(this.data.place?.length > PLANE.length ? this.data.place : PLANE));
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
