// A layer's weights, its maps, or images, on one sheet; beside maps the image, with what the chosen cell sees of it.

import { element, record, text } from "./dom.js";
import { ImagePane } from "./panes.js";
import { Sheet } from "./sheet.js";
import { boxOf, button, seenWords } from "./window.js";

export class SheetView {
  /** @param {(place: number[]) => void} writeOut asks for the arithmetic of a map's cell */
  constructor(outbox, repaint, writeOut) {
    this.outbox = outbox;
    this.repaint = repaint;
    this.sheet = new Sheet((place) => this.choose(place));
    this.sheet.moved = () => {
      this.tell();
      repaint();
    };
    this.image = new ImagePane();
    this.holder = this.sheet.holder;
    this.arithmetic = button("Show the calculation", () => writeOut([this.sheet.place.row, this.sheet.place.column].map((at) => at * (this.data.shrunk ?? 1))));
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
    const [down, across] = [Math.min(data.filter ?? 0, data.sheet.shape[0] - 1), data.clicks === "kernel" ? data.channel : data.filter ?? 0];
    sheet.fill(record(data.sheet), { lines: data.lines, captions: data.captions, titles: data.titles, boxes: data.boxes });
    if (data.of !== this.of) sheet.begin(data.clicks === "kernel" ? down : 0, Math.min(data.clicks === "image" ? 0 : across, sheet.across - 1));
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

  choose({ down, across }) {
    const { clicks, names } = this.data;
    if (clicks === "map") this.outbox.push("inside:filter", across, "commit", true);
    if (clicks === "kernel") {
      this.outbox.push("inside:filter", down, "commit", true);
      this.outbox.push("inside:channel", across, "commit", true);
    }
    if (clicks === "image" && text(names?.[across])) this.outbox.push("inside:image", text(names[across]));
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
