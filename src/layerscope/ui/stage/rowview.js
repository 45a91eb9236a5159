// One value of a Linear: the input and the output as lines of cells, the largest products, and what adds up to the value.

import { element, setAttributes, setText } from "./dom.js";
import { numbers, pane } from "./panes.js";
import { Products, short } from "./products.js";
import { sumText, writeSum } from "./terms.js";

const COLUMNS = 4; // products beside each other

export class RowView {
  constructor(outbox, repaint) {
    this.outbox = outbox;
    this.repaint = repaint;
    this.input = pane(() => {}, () => {});
    setAttributes(this.input.map.node, { role: "img", tabindex: null, "aria-valuemin": null }); // nothing is chosen there
    this.output = pane((row, column) => this.choose(Math.floor(row), Math.floor(column)),
      (down, across) => this.choose(this.place[0] + down, this.place[1] + across));
    this.products = new Products(() => {});
    this.terms = element("p", "stage-row-terms");
    const maps = element("div", "stage-inside-maps", {}, this.input.node, this.output.node);
    const sum = element("div", "stage-inside-sum", {}, this.terms, this.products.node);
    this.node = element("div", "stage-inside-scene", {}, maps, sum);
    this.holder = this.input.holder;
  }

  take(data) {
    this.data = data;
    for (const [where, part] of [[this.input, data.given], [this.output, data.made]]) {
      where.map.fill({ values: numbers(part.cells), rows: part.size[0], columns: part.size[1], isGray: false });
    }
    const at = data.filter - data.made.first;
    this.place = [Math.floor(at / data.made.size[1]), at % data.made.size[1]];
    const rows = Math.ceil(data.terms.length / COLUMNS);
    const [indices, values, weights] = [0, 1, 2].map((part) => data.terms.map((term) => term[part]));
    this.products.fill({
      rows, columns: Math.min(COLUMNS, data.terms.length), weights, isFixed: true,
      names: indices.map((index) => `input ${index}`), label: `Weights of ${data.layer}, and what they are multiplied by`,
    });
    this.products.show(values);
    this.taps = indices.filter((index) => index < data.given.size[0] * data.given.size[1])
      .map((index) => [Math.floor(index / data.given.size[1]), index % data.given.size[1]]);
    this.tell();
    this.repaint();
  }

  tell() {
    const { data } = this;
    const count = data.terms.length;
    const parts = [[data.others ? `the ${count} largest products` : count > 1 ? `all ${count} products` : "the product", data.sum]];
    if (data.others) parts.push([data.others > 1 ? `the other ${data.others} products` : "the other product", data.rest]);
    if (data.bias !== null) parts.push(["bias", data.bias]);
    const where = `value ${data.filter}`;
    writeSum(this.terms, parts, where, data.value);
    const row = data.depth > 1 ? `, row ${data.channel}` : "";
    const part = (cells) => (cells.cut ? `, ${cells.cut}` : "");
    setText(this.input.label, `${data.reads}${row}: ${data.in_features} values${part(data.given)}`);
    setText(this.output.label, `${data.layer}${row}: ${data.filters} values${part(data.made)}`);
    setAttributes(this.input.map.node, { "aria-label": this.input.label.textContent });
    this.output.map.name(`Value of ${data.layer}'s output`, data.filter, data.filters - 1, `${where}: ${short(data.value, 3)}`);
  }

  /** Another value: Python writes out its arithmetic. */
  choose(row, column) {
    const [rows, columns] = this.data.made.size;
    const at = Math.min(Math.max(row, 0), rows - 1) * columns + Math.min(Math.max(column, 0), columns - 1) + this.data.made.first;
    const wanted = Math.min(at, this.data.filters - 1);
    if (wanted === this.data.filter) return;
    this.place = [Math.floor((wanted - this.data.made.first) / columns), (wanted - this.data.made.first) % columns];
    this.outbox.push("inside:filter", wanted, "commit", true);
    this.repaint();
  }

  get width() {
    return 0; // that of the texts
  }

  get marks() {
    const [height, width] = this.data.given.size;
    return { window: { row: 0, column: 0, height, width, taps: this.taps } };
  }

  save(drawing) {
    drawing.panes([this.input.saved(this.marks), this.output.saved({ cell: this.place })]);
    drawing.line(sumText(this.terms));
  }

  paint(theme) {
    if (!this.data) return;
    this.input.map.draw(this.input.holder.clientWidth, theme, this.marks);
    this.output.map.draw(this.output.holder.clientWidth, theme, { cell: this.place });
  }
}
