// One value as a formula of few numbers: the cells that are read, the cell that they make, and the formula with its numbers.
// Python sends one map of the output at once; of a volume one slice of it is seen.

import { boxOf, placeIn, seenWords } from "./along.js";
import { largest } from "./cellmap.js";
import { Chosen } from "./chosen.js";
import { element, setText, showText } from "./dom.js";
import { filled, written } from "./formula.js";
import { ImagePane, numbers, pane, widen } from "./panes.js";
import { short } from "./products.js";
import { counted, Stepper } from "./stepper.js";
import { sumText, writeSum } from "./terms.js";

const MOST = 3; // inputs that are drawn
const FILTER = "inside:filter";

export class CellView {
  /** @param {() => void} repaint asks the card to paint once */
  constructor(outbox, repaint) {
    this.outbox = outbox;
    this.repaint = repaint;
    this.index = 0;
    this.chosen = new Chosen(outbox);
    const walk = (down, across, deep = 0) => this.step(down, across, deep);
    this.inputs = Array.from({ length: MOST }, (_, place) => pane((row, column) => this.pointAt(place, Math.floor(row), Math.floor(column)), walk));
    this.output = pane((row, column) => this.choose(this.slice, Math.floor(row), Math.floor(column)), walk);
    this.image = new ImagePane();
    this.slices = new Stepper((slice) => this.choose(slice, ...this.place.slice(1)));
    this.terms = element("p", "stage-formula-terms");
    this.words = element("p", "stage-formula-words", { hidden: "" });
    const maps = element("div", "stage-inside-maps", {}, ...this.inputs.map(({ node }) => node), this.output.node, this.image.node);
    this.node = element("div", "stage-inside-scene stage-inside-formula", {}, element("div", "", {}, this.terms, this.words), maps);
    this.holder = this.output.holder;
    this.tools = element("span", "stage-inside-walk", {}, this.slices.node);
  }

  take(data) {
    const isOther = data.layer !== this.data?.layer;
    this.data = data;
    this.grid = gridOf(data.shown);
    this.sums = numbers(data.sums);
    const got = (value) => (typeof value === "number" ? value : { sizes: value.sizes, cells: numbers(value.cells) });
    this.which = got(data.which);
    this.own = Object.fromEntries(Object.entries(data.numbers).map(([name, value]) => [name, got(value)]));
    this.reads = data.reads.map((read) => ({ ...read, grid: gridOf(read), cells: numbers(read.cells), at: read.at?.map(numbers) }));
    this.image.fill(data.picture);
    this.filled = [];
    const named = this.chosen.taken(data);
    const place = this.wanted ?? named;
    this.wanted = null;
    widen(this.node, [this.grid.rows, this.grid.columns]);
    if (this.isVector) this.moveTo(this.outbox.owes(FILTER) ? this.index : data.filter);
    else if (place) this.moveTo(this.indexOf(place));
    else if (isOther) this.begin();
    else this.moveTo(this.index);
  }

  /** Which cell it will be once the layer comes: one that was chosen in another view. */
  goTo(place) {
    this.wanted = place;
  }

  /** Whether there are no maps: which value it is then is the number that is chosen. */
  get isVector() {
    return this.data.shown.shape.length < 2;
  }

  /** Where the map says most. */
  begin() {
    const most = largest(this.sums);
    this.moveTo(Math.max(0, this.sums.findIndex((value) => Math.abs(value) === most)));
  }

  /** The number of a cell: of its column, in a line; else of its row and column, in the slice that is named or seen. */
  indexOf(place) {
    if (this.data.shown.fold) return place.at(-1);
    const slice = place.length > 2 ? place.at(-3) : this.slice;
    return (slice * this.grid.rows + place.at(-2)) * this.grid.columns + place.at(-1);
  }

  get place() {
    return placeIn(this.grid, this.index);
  }

  get slice() {
    return this.place[0];
  }

  moveTo(index) {
    this.index = Math.min(Math.max(index, 0), this.grid.count - 1);
    this.tell();
    this.repaint();
  }

  step(down, across, deep) {
    const [slice, row, column] = this.place;
    this.choose(slice + deep, row + down, column + across);
  }

  /** A cell is chosen by hand. */
  choose(...place) {
    const { slices, rows, columns } = this.grid;
    const [slice, row, column] = place.map((at, axis) => Math.min(Math.max(at, 0), [slices, rows, columns][axis] - 1));
    this.pick((slice * rows + row) * columns + column);
  }

  /** The cell of that number is chosen by hand. */
  pick(index) {
    const was = this.index;
    this.moveTo(index);
    if (this.isVector && was !== this.index) this.outbox.push(FILTER, this.index, "commit", true);
    else if (!this.isVector) this.chosen.tell(...(this.data.shown.fold ? [0, this.index] : this.grid.slices > 1 ? this.place : this.place.slice(1)));
  }

  /** The cell that is made of one of an input's. */
  pointAt(number, row, column) {
    const read = this.shown[number];
    if (!read) return;
    const [map, cell] = [this.mapOf(read), row * read.grid.columns + column];
    if (!read.at) return this.choose(this.slice, row, column);
    const found = read.at[1].findIndex((one, index) => one === cell && read.at[0][index] === map);
    if (found >= 0) this.pick(found);
  }

  /** Where the cell that is read stands among the maps that were sent of an input; -1 where none is read. */
  mapOf(read, index = this.index) {
    return read.at ? read.at[0][index] : Math.floor(index / read.grid.size);
  }

  cellOf(read, index = this.index) {
    return read.at ? read.at[1][index] : index % read.grid.size;
  }

  valueOf(read) {
    return read.is_few ? read.cells[this.mapOf(read) * read.grid.size + this.cellOf(read)] : this.sums[this.index];
  }

  number(name) {
    const read = this.reads.find(({ letter }) => letter === name);
    if (read) return this.valueOf(read);
    return this.here(this.own[name]);
  }

  /** This value's own number; along an axis where all are the same there is one. */
  here(sent) {
    if (typeof sent === "number") return sent;
    const [, rows, columns] = this.data.shown.map;
    const place = placeIn({ rows, columns }, this.index);
    return sent.cells[place.reduce((index, at, axis) => index * sent.sizes[axis] + Math.min(at, sent.sizes[axis] - 1), 0)];
  }

  /** The inputs that are drawn: of those that values only move from, the one that this value comes from. */
  get shown() {
    const read = this.data.moves ? this.reads.filter((one) => this.mapOf(one) >= 0) : this.reads;
    return (read.length ? read : this.reads.slice(0, 1)).slice(0, MOST);
  }

  /** The formula of this value, in numbers and words. */
  tell() {
    const { data } = this;
    const value = this.sums[this.index];
    const named = (name) => data.names[name] ?? (name === "x" ? name : (this.reads.find(({ letter }) => letter === name)?.name ?? name));
    const formula = data.formulas[this.here(this.which)];
    const where = cellWords(data.shown, null, this.grid, this.index);
    showText(this.words, formula.text.includes("{bias}") ? `value = ${filled(formula.text, named)}` : "");
    if (data.moves) {
      const [read] = this.reads.filter((one) => this.mapOf(one) >= 0);
      writeSum(this.terms, [[read ? `${read.name}, ${this.wordsOf(read)}` : "padding", value]], where, value);
    } else {
      const [parts, equals] = written(formula, (name) => this.number(name), named, value);
      writeSum(this.terms, parts, where, value, equals);
    }
    this.fill();
    const said = `${where}: ${short(value, 3)}`;
    this.output.map.name(`Cell of ${data.layer}'s map`, this.index, this.grid.count - 1, said);
    this.shown.forEach((read, place) => {
      const on = this.shown.length > 1 ? read.name : "its input";
      this.inputs[place].map.name(`Window of ${data.layer} on ${on}`, this.index, this.grid.count - 1, said);
    });
    this.slices.draw(counted("slice of the map", this.grid.slices), this.slice, this.grid.slices);
    if (data.picture) this.image.say(`This cell sees ${seenWords(this.box(), data.is_line)} of the ${data.is_line ? "input" : "image"}`);
  }

  /** The cell that is read of an input, in words. */
  wordsOf(read) {
    return cellWords(read, read.maps[this.mapOf(read)], read.grid, this.cellOf(read));
  }

  /** The maps that are seen. */
  fill() {
    const { data, grid } = this;
    this.refill(this.output, `output ${this.slice}`, grid, this.sums, this.slice, false);
    setText(this.output.label, labelOf(data.layer, data.shown, data.at_map * grid.slices + this.slice, grid, true));
    this.inputs.forEach((pane, place) => {
      const read = this.shown[place];
      pane.node.hidden = !read;
      if (!read) return;
      const map = Math.max(0, this.mapOf(read));
      pane.holder.hidden = !read.is_few;
      setText(pane.label, labelOf(read.name, read, read.maps[map], read.grid));
      if (read.is_few) this.refill(pane, `${read.name} ${read.letter} ${read.maps[map]}`, read.grid, read.cells, map, read.gray);
    });
  }

  refill(pane, key, grid, all, map, isGray) {
    const { rows, columns, size } = grid;
    if (pane.key === key && pane.all === all) return;
    Object.assign(pane, { key, all });
    const values = new Float32Array(rows * columns).fill(NaN); // the last line may be shorter
    values.set(all.subarray(map * size, (map + 1) * size));
    pane.map.fill({ values, rows, columns, isGray, most: largest(all) });
  }

  /** What the cell sees of the image: first and last slice of a volume, first and last row, first and last column. */
  box() {
    return boxOf(this.data.sights, this.grid.slices > 1 ? this.place : this.place.slice(1));
  }

  get width() {
    return 0; // that of the texts
  }

  marksOf(read) {
    if (this.mapOf(read) < 0) return {};
    const [, row, column] = placeIn(read.grid, this.cellOf(read));
    return { window: { row, column, height: 1, width: 1, taps: [] } };
  }

  save(drawing) {
    const read = this.shown.map((one, place) => (one.is_few ? this.inputs[place].saved(this.marksOf(one)) : null));
    drawing.panes([...read, this.output.saved({ cell: this.place.slice(1) }), this.image.saved()]);
    drawing.line(sumText(this.terms));
  }

  paint(theme) {
    if (!this.data) return;
    this.shown.forEach((read, place) => {
      if (read.is_few) this.inputs[place].map.draw(this.inputs[place].holder.clientWidth, theme, this.marksOf(read));
    });
    this.output.map.draw(this.output.holder.clientWidth, theme, { cell: this.place.slice(1) });
    if (this.data.picture) this.image.draw(theme, { box: this.box() });
  }
}

/** How a tensor's maps are drawn: slices of rows and columns, `size` cells in each; a line is folded into rows. */
function gridOf({ map: [slices, rows, columns], fold }) {
  const count = slices * rows * columns;
  if (fold) return { slices: 1, rows: Math.ceil(count / fold), columns: fold, count, size: count };
  return { slices, rows, columns, count, size: rows * columns };
}

/** A cell in words, with the map that it is of, or without: "channel 3, row 2, column 5". */
function cellWords({ words, fold, shape }, map, grid, index) {
  if (shape.length < 2) return `${words[0]} ${index}`;
  const [slice, row, column] = placeIn(grid, index);
  const place = fold ? [index] : shape.length === 2 ? [column] : shape.length === 4 && map === null ? [slice, row, column] : [row, column];
  const numbers = map === null ? place : [...mapPlace(shape, map), ...place];
  return words.slice(words.length - numbers.length).map((word, axis) => `${word} ${numbers[axis]}`).join(", ");
}

/** The numbers that say which map it is: of a volume its slice too. */
const mapPlace = (shape, map) => (shape.length === 4 ? [Math.floor(map / shape[1]), map % shape[1]] : [map]);

/** What a pane shows: "conv1, channel 3: 24×24". */
function labelOf(name, { words, shape }, map, grid, isOutput = false) {
  const size = shape.length < 3 ? `${grid.count} values` : `${grid.rows}×${grid.columns}`;
  if (shape.length < 2) return `${name}: ${size}`;
  const [first, ...rest] = mapPlace(shape, map);
  const slice = rest.length ? `, ${words[1]} ${rest[0]}` : "";
  return isOutput && shape.length > 2 ? `map ${first} of ${name}${slice}: ${size}` : `${name}, ${words[0]} ${first}${slice}: ${size}`;
}
