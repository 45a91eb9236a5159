// Which places of the image speak for a class: the heat over the image, the heat itself, and the classes that score most.

import { element, list, setText } from "./dom.js";
import { ImagePane, numbers, pane } from "./panes.js";
import { drawActions } from "./panel.js";
import { short } from "./products.js";

export class HeatView {
  constructor(outbox, repaint) {
    this.outbox = outbox;
    this.repaint = repaint;
    this.place = [0, 0];
    this.image = new ImagePane();
    this.cells = pane((row, column) => this.moveTo(Math.floor(row), Math.floor(column)),
      (down, across) => this.moveTo(this.place[0] + down, this.place[1] + across));
    this.holder = this.image.holder;
    this.said = element("p", "stage-inside-label");
    this.top = element("div", "stage-message-actions stage-heat-top");
    const panes = element("div", "stage-inside-maps stage-heat-panes", {}, this.image.node, this.cells.node);
    this.node = element("div", "stage-heat", {}, this.said, this.top, panes);
  }

  take(data) {
    this.data = data;
    const [rows, columns] = data.size;
    this.heat = { values: numbers(data.heat), rows, columns };
    this.cells.map.fill({ values: this.heat.values, rows, columns, isGray: false });
    this.image.fill(data.picture);
    this.image.say(`Image, orange where it supports ${data.name}`);
    setText(this.said, data.said);
    drawActions(this.top, list(data.top), this.outbox);
    this.moveTo(...this.place);
  }

  moveTo(row, column) {
    const { rows, columns, values } = this.heat;
    this.place = [Math.min(Math.max(row, 0), rows - 1), Math.min(Math.max(column, 0), columns - 1)];
    const { wrapped } = this.data; // so many cells of a sequence, in lines below each other
    if (wrapped) {
      const last = Math.min(this.place[0] * columns + this.place[1], wrapped - 1);
      this.place = [Math.floor(last / columns), last % columns];
    }
    const index = this.place[0] * columns + this.place[1];
    const where = wrapped ? `${index}` : `row ${this.place[0]}, column ${this.place[1]}`;
    const said = `${where}: ${short(values[index], 4)}`;
    setText(this.cells.label, wrapped ? `${this.data.cell} ${said}` : `${this.data.cell}, ${said}`);
    this.cells.map.name(this.data.of, index, (wrapped || values.length) - 1, said);
    this.repaint();
  }

  get width() {
    return 0; // that of the texts
  }

  save(drawing) {
    drawing.line(this.data.said);
    drawing.panes([this.image.saved(), this.cells.saved({})]);
  }

  paint(theme) {
    if (!this.data) return;
    this.image.draw(theme, { heat: this.heat });
    this.cells.map.draw(this.cells.holder.clientWidth, theme, { cell: this.place });
  }
}
