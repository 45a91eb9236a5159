// A layer's window at work on one image: it walks over the input, and the map grows. Python sends the arrays once; where
// the window is only this view knows. Of a volume one slice is seen at a time: of the map the chosen cell's own, of the
// input the one that a chosen slice of the window reads.

import { axesOf, boxOf, NOTHING, placeIn, placeWords, seenWords } from "./along.js";
import { Chosen } from "./chosen.js";
import { element, setText } from "./dom.js";
import { largest } from "./cellmap.js";
import { ImagePane, numbers, pane, widen } from "./panes.js";
import { Products, short } from "./products.js";
import { counted, Stepper } from "./stepper.js";
import { sumText, writeSum } from "./terms.js";

const MOST_TERMS = 6; // channels, and slices, whose sums are told one by one
const LARGEST_CELL = 26; // pixels of a map's cell, where the pane is as wide as there is room
const [SLOWEST, WHOLE] = [300, 15_000]; // milliseconds: for one cell, and at most for the whole map

export class WindowView {
  /** @param {() => void} repaint asks the card to paint once */
  constructor(outbox, repaint) {
    this.outbox = outbox;
    this.repaint = repaint;
    this.place = [0, 0, 0]; // slice, row, column
    this.tap = 0; // which of the window's slices is seen
    this.grown = Infinity;
    this.chosen = new Chosen(outbox);
    const by = (act) => (...at) => {
      this.pause();
      this.grown = Infinity;
      act(...at);
      this.chosen.tell(...(this.data.slices ? this.place : this.place.slice(1)));
    };
    const walk = by((down, across, deep = 0) => this.moveTo(this.place[0] + deep, this.place[1] + down, this.place[2] + across));
    this.input = pane(by((row, column) => this.pointAtInput(row, column)), walk);
    this.output = pane(by((row, column) => this.moveTo(this.place[0], Math.floor(row), Math.floor(column))), walk);
    this.slice = new Stepper(by((slice) => this.moveTo(slice, ...this.place.slice(1))));
    this.deep = new Stepper((tap) => this.turnTo(tap));
    this.image = new ImagePane();
    this.products = new Products((row, column, number) => outbox.push("inside:cell", `${this.data.slices ? `${this.tap},` : ""}${row},${column},${number}`));
    this.terms = element("p", "stage-terms");
    const maps = element("div", "stage-inside-maps", {}, this.input.node, this.output.node, this.image.node);
    const sum = element("div", "stage-inside-sum", {}, this.terms, this.products.node, this.products.line.node);
    this.node = element("div", "stage-inside-scene", {}, maps, sum);
    this.holder = this.input.holder;
    this.playing = button("▶ Play", () => (this.timer ? this.pause() : this.play()));
    this.playing.classList.add("stage-inside-play");
    this.tools = element("span", "stage-inside-walk", {}, this.slice.node, this.deep.node, this.playing, button("Step", () => this.next()));
  }

  take(data) {
    const isOther = data.layer !== this.data?.layer;
    this.data = data;
    this.axes = axesOf(data);
    this.channels = parts(numbers(data.cells), this.count("size"));
    this.sums = numbers(data.sums);
    this.rest = data.rest ? numbers(data.rest) : null;
    this.kernels = data.weights ? parts(numbers(data.weights), this.count("kernel")) : null;
    this.filled = null;
    this.image.fill(data.picture);
    this.products.node.hidden = !data.listed;
    widen(this.node, data.size);
    const rim = this.axes.slice(data.slices ? 0 : 1).flatMap((axis) => axis.rim);
    this.rimmed = rim.some((cells) => cells > 0) ? `, padding ${[...new Set(rim)].join(" or ")}` : "";
    if (data.turned) {
      const apart = data.apart.some((cells) => cells > 1) ? `, its cells ${[...new Set(data.apart)].join(" or ")} apart` : "";
      this.rimmed = `${apart}; the kernel is turned by 180°`;
    }
    const named = this.chosen.taken(data);
    if (!isOther || this.wanted || named) {
      const place = this.wanted ?? named ?? this.place;
      this.wanted = null;
      return this.moveTo(...this.spread(place));
    }
    this.pause();
    this.grown = Infinity;
    this.begin();
  }

  /** Where the window will be once the layer comes: a cell that was chosen in another view. */
  goTo(place) {
    this.wanted = place;
    if (this.data) this.moveTo(...this.spread(place));
  }

  /** A place with its slice; one of two numbers stays in the slice that is seen. */
  spread(place) {
    return place.length > 2 ? place : [this.place[0], ...place];
  }

  /** How many cells all axes have together. */
  count(key) {
    return this.axes.reduce((product, axis) => product * axis[key], 1);
  }

  /** Where the map says most. */
  begin() {
    const most = largest(this.sums);
    this.moveTo(...this.placed(Math.max(0, this.sums.findIndex((value) => Math.abs(value) === most))));
  }

  /** The window whose middle is nearest to a point of the input's slice. */
  pointAtInput(row, column) {
    this.moveTo(this.place[0], ...[row, column].map((at, axis) => this.axes[axis + 1].nearest(at)));
  }

  moveTo(...place) {
    this.place = place.map((at, axis) => this.axes[axis].within(at));
    this.tell();
    this.repaint();
  }

  /** Another slice of the window. */
  turnTo(tap) {
    this.tap = tap;
    this.tell();
    this.repaint();
  }

  get index() {
    return this.place.reduce((index, at, axis) => index * this.axes[axis].map + at, 0);
  }

  /** The place of a cell that is counted slice by slice, row by row. */
  placed(index) {
    const [, { map: rows }, { map: columns }] = this.axes;
    return placeIn({ rows, columns }, index);
  }

  /** One cell on, in reading order; after the last one it begins again. The map holds what was reached. */
  next(cells = 1) {
    const count = this.sums.length;
    const isEnd = this.index >= count - 1;
    const index = isEnd ? 0 : Math.min(this.index + cells, count - 1);
    this.grown = index + 1;
    this.moveTo(...this.placed(index));
    return index < count - 1;
  }

  play() {
    const count = this.sums.length;
    if (this.index >= count - 1) this.place = [0, 0, 0];
    this.grown = this.index + 1;
    const pace = Math.min(SLOWEST, WHOLE / count);
    let last = performance.now();
    const turn = (now) => {
      const due = Math.floor((now - last) / pace);
      if (due > 0) last += due * pace;
      this.timer = requestAnimationFrame(turn);
      if (due > 0 && !this.next(due)) this.pause();
    };
    this.timer = requestAnimationFrame(turn);
    setText(this.playing, "❚❚ Pause");
    this.moveTo(...this.place);
  }

  pause() {
    cancelAnimationFrame(this.timer);
    if (this.timer) setText(this.playing, "▶ Play");
    this.timer = null;
  }

  /** The values of a channel under a slice of the window, row by row; a NaN is a cell that is not read. */
  under(channel, tap) {
    const [deep, rows, columns] = this.axes;
    const slice = deep.cell(this.place[0], tap);
    const values = [];
    for (let i = 0; i < rows.kernel; i += 1) {
      for (let j = 0; j < columns.kernel; j += 1) {
        const [row, column] = [rows.cell(this.place[1], i), columns.cell(this.place[2], j)];
        const isThere = Math.min(slice, row, column) >= 0;
        values.push(isThere ? this.channels[channel][(slice * rows.size + row) * columns.size + column] : NaN);
      }
    }
    return values;
  }

  /** Which slices of the window read any at this place: all of them, but at the end of an uneven one. */
  get taps() {
    return Array.from({ length: this.axes[0].kernel }, (_, tap) => tap).filter((tap) => this.axes[0].cell(this.place[0], tap) >= 0);
  }

  /** The slice of the input that a slice of the window reads, in words. */
  named(tap) {
    return this.axes[0].named(this.axes[0].cell(this.place[0], tap));
  }

  /** The slices that are seen, and of the kernel the one that is chosen. */
  fill() {
    const [{ data }, [deep, rows, columns]] = [this, this.axes];
    if (!this.taps.includes(this.tap)) this.tap = this.taps.at(-1) ?? 0;
    const seen = [deep.cell(this.place[0], this.tap), this.place[0], this.tap].join();
    if (this.filled === seen) return;
    this.filled = seen;
    const all = this.channels[data.shown];
    this.input.map.fill({
      values: part(all, deep.cell(this.place[0], this.tap), rows.size * columns.size), rows: rows.size, columns: columns.size,
      rim: [0, 1].flatMap((end) => [rows.rim[end], columns.rim[end]]), isZero: data.padding === "zeros" || data.padding === "",
      isGray: data.gray, most: largest(all),
    });
    this.output.map.fill({
      values: part(this.sums, this.place[0], rows.map * columns.map), rows: rows.map, columns: columns.map, isGray: false,
      most: largest(this.sums),
    });
    const of = data.slices ? `, its slice ${this.tap}` : "";
    this.products.fill({
      rows: rows.kernel, columns: columns.kernel, weights: this.kernels && part(this.kernels[data.shown], this.tap, rows.kernel * columns.kernel),
      label: this.kernels ? `Kernel of ${data.layer}${of}, and what it is multiplied by` : `Values under the window of ${data.layer}${of}`,
      isLine: data.axes === 1, isFixed: !data.hand, isTurned: data.turned,
    });
  }

  /** The arithmetic of this place, in numbers and words. */
  tell() {
    this.fill();
    const { data, tap } = this;
    const slices = this.taps.map((each) => this.under(data.shown, each));
    const values = this.under(data.shown, tap);
    const sum = this.sums[this.index];
    const read = slices.flat().filter((value) => !Number.isNaN(value));
    const most = Math.max(...read);
    const best = data.kind === "max" ? values.indexOf(most) : -1;
    this.products.show(values, best);
    const parts = data.kind === "sum" ? this.summands() : [[`${data.kind === "max" ? "largest" : "mean"} of ${read.length}`, null]];
    if (data.kind === "mean" && data.divisor) parts[0][0] = `sum of ${read.length} / ${data.divisor}`;
    if (data.kind === "max" && data.slices) parts[0][0] += `, in ${this.named(this.taps[slices.findIndex((slice) => slice.includes(most))])}`;
    const [slice] = this.place;
    const where = placeWords(this.place, data.axes);
    writeSum(this.terms, parts, where, sum);
    const [from, to] = data.slices ? [`, ${this.named(tap)} of ${data.slices.inner}`, `, slice ${slice} of ${data.slices.map}`] : ["", ""];
    setText(this.input.label, `${data.reads}, channel ${data.channels[data.channel]}${from}: ${data.inner.join("×")}${this.rimmed}`);
    setText(this.output.label, `map ${data.filter} of ${data.layer}${to}: ${data.map.join("×")}`);
    this.slice.draw(counted("slice of the map", this.axes[0].map), slice, this.axes[0].map);
    this.deep.draw(counted("slice of the window", this.taps.length), tap, this.taps.length);
    const said = `${where}: ${short(sum, 3)}`;
    this.input.map.name(`Window of ${data.layer} on its input`, this.index, this.sums.length - 1, said);
    this.output.map.name(`Cell of ${data.layer}'s map`, this.index, this.sums.length - 1, said);
    if (data.picture) this.image.say(`This cell sees ${seenWords(this.box(), data.is_line)} of the ${data.is_line ? "input" : "image"}`);
  }

  /** What adds up to the value: the products of each channel in each slice, those that are not told one by one, the bias. */
  summands() {
    const { data } = this;
    const taps = this.taps.filter((tap) => this.named(tap) !== NOTHING);
    const count = data.channels.length;
    const name = (channel, tap) =>
      `channel ${data.channels[count === this.channels.length ? channel : data.channel]}${data.slices ? `, ${this.named(tap)}` : ""}`;
    const sums = this.channels.map((_, channel) => taps.map((tap) => [name(channel, tap), this.dot(channel, tap)]));
    const bias = data.bias === null ? [] : [["bias", data.bias]];
    if (!this.rest && count * taps.length <= MOST_TERMS) return [...sums.flat(), ...bias];
    const total = (terms) => terms.reduce((all, [, sum]) => all + sum, 0);
    const own = sums[data.shown];
    const at = Math.max(0, taps.indexOf(this.tap));
    const listed = own.length <= MOST_TERMS ? own : [own[at], [`its other ${own.length - 1} slices`, total(own) - own[at][1]]];
    const rest = this.rest ? this.rest[this.index] : total(sums.flat()) - total(own);
    return [...listed, ...(count > 1 ? [[`other ${count - 1} channels`, rest]] : []), ...bias];
  }

  /** What the cell sees of the image: first and last slice of a volume, first and last row, first and last column. */
  box() {
    return boxOf(this.data.sights, this.data.slices ? this.place : this.place.slice(1));
  }

  dot(channel, tap) {
    const values = this.under(channel, tap);
    const weights = part(this.kernels[channel], tap, values.length);
    return values.reduce((sum, value, index) => (Number.isNaN(value) ? sum : sum + value * weights[index]), 0);
  }

  get width() {
    return 0; // that of the texts
  }

  save(drawing) {
    drawing.panes([this.input.saved(this.seen), this.output.saved({ cell: this.place.slice(1) }), this.image.saved()]);
    drawing.line(sumText(this.terms));
  }

  paint(theme) {
    if (!this.data) return;
    this.products.fit();
    const [full, widest] = [this.input.holder.clientWidth, LARGEST_CELL * Math.max(...this.data.map)];
    const side = this.node.dataset.thin === undefined ? full : Math.min(full, widest);
    const [, [row, high, down], [column, wide, across]] = this.axes.map((axis, at) => axis.at(this.place[at]));
    const [height, width] = [down * (high - 1) + 1, across * (wide - 1) + 1];
    const taps = [];
    if (down > 1 || across > 1) {
      for (let i = 0; i < high; i += 1) for (let j = 0; j < wide; j += 1) taps.push([row + i * down, column + j * across]);
    }
    this.seen = { window: { row, column, height, width, taps } };
    this.input.map.draw(full, theme, this.seen);
    const [, { map: rows }, { map: columns }] = this.axes;
    this.output.map.draw(side, theme, { cell: this.place.slice(1), reached: this.grown - this.place[0] * rows * columns });
    if (this.data.picture) this.image.draw(theme, { box: this.box() });
  }
}

/** One of the equal parts of many numbers. */
const part = (all, index, size) => all.subarray(index * size, (index + 1) * size);

const parts = (all, size) => Array.from({ length: all.length / size }, (_, index) => part(all, index, size));

export function button(label, act) {
  const node = element("button", "stage-button", { type: "button" }, label);
  node.addEventListener("click", act);
  return node;
}
