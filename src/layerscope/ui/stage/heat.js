// Which places of the image speak for a class: the heat over the image, the heat itself, and the classes that score most.
// Of a volume the heat is a sheet of slices, and over the image lies the one that is pointed at. A cell that is pointed
// at is written out.

import { largest } from "./cellmap.js";
import { placeWords } from "./along.js";
import { Chosen } from "./chosen.js";
import { element, list, record, setText, text } from "./dom.js";
import { ImagePane, numbers, pane, widen } from "./panes.js";
import { drawActions } from "./panel.js";
import { holding, short } from "./products.js";
import { Sheet } from "./sheet.js";
import { sumText, writeSum } from "./terms.js";

export class HeatView {
  constructor(outbox, repaint) {
    this.outbox = outbox;
    this.repaint = repaint;
    this.place = [0, 0];
    this.image = new ImagePane();
    this.chosen = new Chosen(outbox);
    this.cells = pane((row, column) => this.choose(Math.floor(row), Math.floor(column)),
      (down, across) => this.choose(this.place[0] + down, this.place[1] + across));
    this.slices = new Sheet(() => {
      const { across, row, column } = this.slices.counted;
      this.outbox.push("inside:channel", across, "commit", true);
      this.chosen.tell(row, column);
    });
    this.slices.moved = () => this.tell();
    this.volume = element("div", "stage-inside-pane stage-heat-slices", {}, this.slices.value, this.slices.holder, this.slices.said);
    this.said = element("p", "stage-inside-label");
    this.terms = element("p", "stage-heat-terms");
    this.top = element("div", "stage-message-actions stage-heat-top");
    this.holder = element("div", "stage-inside-maps stage-heat-panes", {}, this.image.node, this.cells.node, this.volume);
    this.node = element("div", "stage-heat", {}, this.said, this.holder, this.top, this.terms);
  }

  take(data) {
    const isOther = data.stem !== this.data?.stem || data.of !== this.data?.of;
    this.data = data;
    const [rows, columns] = data.size;
    this.heat = { values: numbers(data.heat), rows, columns };
    const sheet = record(data.sheet);
    this.cells.node.hidden = Boolean(sheet);
    this.volume.hidden = !sheet;
    this.image.fill(data.picture);
    widen(this.holder, data.size, data.picture?.size ?? [1, 1]);
    setText(this.said, data.said);
    drawActions(this.top, list(data.top), this.outbox);
    this.parts = partsOf(record(data.parts));
    const named = this.chosen.taken(data)?.slice(-2);
    if (!sheet) {
      this.cells.map.fill({ values: this.heat.values, rows, columns, isGray: false });
      return this.moveTo(...(named ?? this.place));
    }
    this.slices.fill(sheet, { captions: data.captions });
    const most = largest(this.heat.values);
    const best = this.heat.values.findIndex((value) => Math.abs(value) === most);
    if (named) this.slices.goTo(0, data.channel - (sheet.first?.across ?? 0), ...named);
    else if (isOther) this.slices.begin(0, Math.max(0, Math.floor(best / (rows * columns))));
    return this.tell();
  }

  /** A cell was chosen by hand. */
  choose(row, column) {
    this.moveTo(row, column);
    this.chosen.tell(...this.place);
  }

  moveTo(row, column) {
    const { rows, columns } = this.heat;
    this.place = [Math.min(Math.max(row, 0), rows - 1), Math.min(Math.max(column, 0), columns - 1)];
    const { wrapped } = this.data; // so many cells of a sequence, in lines below each other
    if (wrapped) {
      const last = Math.min(this.place[0] * columns + this.place[1], wrapped - 1);
      this.place = [Math.floor(last / columns), last % columns];
    }
    this.tell();
  }

  tell() {
    const { rows, columns, values } = this.heat;
    const { data } = this;
    const written = this.write();
    this.image.say(text(data.over).replace("{across}", this.slices.data ? this.slices.counted.across : 0));
    if (!data.sheet) {
      const index = this.place[0] * columns + this.place[1];
      const said = `${this.named(...this.place)}: ${written && values[index] ? written : short(values[index], 4)}`;
      setText(this.cells.label, this.isCounted ? `${data.cell} ${said}` : `${data.cell}, ${said}`);
      this.cells.map.name(data.of, index, (data.wrapped || rows * columns) - 1, said);
    }
    this.repaint();
  }

  /** Whether what the cells stand for is counted: stretch 3 of a sequence. */
  get isCounted() {
    return Boolean(this.data.wrapped || (this.data.is_line && this.data.counts));
  }

  /** A place in words, or as a number. */
  named(row, column) {
    if (this.isCounted) return `${row * this.heat.columns + column}`;
    return placeWords([row, column], this.data.is_line ? 1 : 2);
  }

  /** How the cell that is pointed at comes about; its value as it is written there, or nothing. */
  write() {
    const { rows, columns } = this.heat;
    const counted = this.data.sheet && this.slices.counted;
    const [slice, row, column] = counted ? [counted.across, counted.row, counted.column] : [0, ...this.place];
    const found = this.parts?.((slice * rows + row) * columns + column);
    this.terms.hidden = !found;
    if (!found) return "";
    const [parts, about] = found;
    const at = this.named(row, column);
    const where = this.data.sheet ? `slice ${slice}, ${at}` : this.isCounted ? `${this.data.cell} ${at}` : at;
    const sum = parts.reduce((total, [, value]) => total + value, 0);
    return writeSum(this.terms, parts, `${where}${about(sum)}`, sum);
  }

  /** What lies over the image: the heat, or the slice of it that is pointed at, as dense as in the others. */
  get over() {
    const { rows, columns, values } = this.heat;
    const from = this.data.sheet ? this.slices.place.across * rows * columns : 0;
    return { rows, columns, values: values.subarray(from, from + rows * columns), most: values.reduce((most, value) => Math.max(most, value), 0) };
  }

  get width() {
    return this.data?.sheet ? this.slices.width : 0; // else that of the texts
  }

  save(drawing) {
    drawing.line(this.data.said);
    if (!this.terms.hidden) drawing.line(sumText(this.terms));
    drawing.panes([this.image.saved(), this.data.sheet ? null : this.cells.saved({})]);
    if (this.data.sheet) this.slices.save(drawing);
  }

  paint(theme) {
    if (!this.data) return;
    this.image.draw(theme, { heat: this.over });
    if (this.data.sheet) this.slices.draw(theme);
    else this.cells.map.draw(this.cells.holder.clientWidth, theme, { cell: this.place });
  }
}

/** What is multiplied, in words that hold for a product of so many digits. */
const product = (name, ...factors) => (digits) => `${name}: ${holding(factors, (one, other) => one * other, digits).join(" × ")}`;

/**
 * Of a cell, by its number, what adds up to its heat, and what is to be said of the sum; null where Python sends nothing
 * of it.
 */
function partsOf(sent) {
  if (!sent) return null;
  if (sent.drops) {
    const drops = numbers(sent.drops);
    return (cell) => [[["score", sent.score], [`minus the score with this ${sent.cell} covered`, drops[cell] - sent.score]], () => ""];
  }
  const [maps, weights, values, rest] = ["maps", "weights", "values", "rest"].map((key) => numbers(sent[key]));
  return (cell) => {
    const largest = Array.from({ length: maps.length / rest.length }, (_, place) => place * rest.length + cell);
    const parts = largest.map((at) => [product(`map ${maps[at]}`, weights[at], values[at]), weights[at] * values[at]]);
    const others = sent.others ? [[sent.others > 1 ? `other ${sent.others} maps` : "the other map", rest[cell]]] : [];
    return [[...parts, ...others], (sum) => (sum < 0 ? "; ReLU makes it 0" : "")];
  };
}
