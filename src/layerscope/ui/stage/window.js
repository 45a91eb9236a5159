// A layer's window at work on one image: it walks over the input, and the map grows. Python sends the arrays once; where
// the window is only this view knows.

import { Chosen } from "./chosen.js";
import { element, setText } from "./dom.js";
import { largest } from "./cellmap.js";
import { ImagePane, numbers, pane } from "./panes.js";
import { addedUp, Products, short } from "./products.js";

const MOST_TERMS = 6; // channels whose sums are told one by one
const [SLOWEST, WHOLE] = [300, 15_000]; // milliseconds: for one cell, and at most for the whole map

export class WindowView {
  /** @param {() => void} repaint asks the card to paint once */
  constructor(outbox, repaint) {
    this.outbox = outbox;
    this.repaint = repaint;
    this.place = [0, 0];
    this.grown = Infinity;
    this.chosen = new Chosen(outbox);
    const by = (act) => (...at) => {
      this.pause();
      this.grown = Infinity;
      act(...at);
      this.chosen.tell(...this.place);
    };
    const walk = by((down, across) => this.moveTo(this.place[0] + down, this.place[1] + across));
    this.input = pane(by((row, column) => this.pointAtInput(row, column)), walk);
    this.output = pane(by((row, column) => this.moveTo(Math.floor(row), Math.floor(column))), walk);
    this.image = new ImagePane();
    this.products = new Products((row, column, number) => outbox.push("inside:cell", `${row},${column},${number}`));
    this.terms = element("p", "stage-terms");
    const maps = element("div", "stage-inside-maps", {}, this.input.node, this.output.node, this.image.node);
    const sum = element("div", "stage-inside-sum", {}, this.terms, this.products.node, this.products.line.node);
    this.node = element("div", "stage-inside-scene", {}, maps, sum);
    this.holder = this.input.holder;
    this.playing = button("▶ Play", () => (this.timer ? this.pause() : this.play()));
    this.playing.classList.add("stage-inside-play");
    this.tools = element("span", "stage-inside-walk", {}, this.playing, button("Step", () => this.next()));
  }

  take(data) {
    const isOther = data.layer !== this.data?.layer;
    this.data = data;
    const [rows, columns] = data.size;
    const cells = numbers(data.cells);
    const each = (all, size) => Array.from({ length: all.length / size }, (_, index) => all.subarray(index * size, (index + 1) * size));
    this.channels = each(cells, rows * columns);
    this.sums = numbers(data.sums);
    this.rest = data.rest ? numbers(data.rest) : null;
    const taps = data.kernel[0] * data.kernel[1];
    this.kernels = data.weights ? each(numbers(data.weights), taps) : null;
    const inner = data.inner.map((cells, axis) => (cells - 1) * (data.apart?.[axis] ?? 1) + 1);
    const after = data.size.map((cells, axis) => cells - data.before[axis] - inner[axis]);
    const rim = [...data.before, ...after].map((cells) => Math.max(0, cells));
    const isZero = data.padding === "zeros" || data.padding === "";
    this.input.map.fill({ values: this.channels[data.shown], rows, columns, rim, isZero, isGray: data.gray });
    this.output.map.fill({ values: this.sums, rows: data.map[0], columns: data.map[1], isGray: false });
    this.image.fill(data.picture);
    this.products.fill({
      rows: data.kernel[0], columns: data.kernel[1], weights: this.kernels?.[data.shown],
      label: this.kernels ? `Kernel of ${data.layer}, and what it is multiplied by` : `Values under the window of ${data.layer}`,
      isFixed: !data.hand, isTurned: data.turned,
    });
    this.products.node.hidden = !data.listed;
    this.rimmed = rim.some((cells) => cells > 0) ? `, padding ${[...new Set(rim)].join(" or ")}` : "";
    if (data.turned) {
      const apart = data.apart.some((cells) => cells > 1) ? `, its cells ${[...new Set(data.apart)].join(" or ")} apart` : "";
      this.rimmed = `${apart}; the kernel is turned by 180°`;
    }
    const named = this.chosen.taken(data);
    if (!isOther || this.wanted || named) {
      const place = this.wanted ?? named ?? this.place;
      this.wanted = null;
      return this.moveTo(...place);
    }
    this.pause();
    this.grown = Infinity;
    this.begin();
  }

  /** Where the window will be once the layer comes: a cell that was chosen in another view. */
  goTo(place) {
    this.wanted = place;
    if (this.data) this.moveTo(...place);
  }

  /** Where the map says most. */
  begin() {
    const most = largest(this.sums);
    const index = Math.max(0, this.sums.findIndex((value) => Math.abs(value) === most));
    this.moveTo(Math.floor(index / this.data.map[1]), index % this.data.map[1]);
  }

  /** The window whose middle is nearest to a point of the input. */
  pointAtInput(row, column) {
    this.moveTo(...[row, column].map((at, axis) => {
      const spans = spansOf(this.data.spans, axis);
      if (spans) return nearest(spans, at);
      const { kernel, dilation, stride } = this.data;
      return Math.round((at - (dilation[axis] * (kernel[axis] - 1) + 1) / 2) / stride[axis]);
    }));
  }

  /** What the window reads along an axis at the place: its first cell, how many, and how far apart they are. */
  along(axis) {
    const [{ kernel, dilation, stride }, at] = [this.data, this.place[axis]];
    const spans = spansOf(this.data.spans, axis);
    if (spans) return [spans[at][0], spans[at][1] - spans[at][0] + 1, 1];
    return [at * stride[axis], kernel[axis], dilation[axis]];
  }

  moveTo(row, column) {
    this.place = [row, column].map((at, axis) => Math.min(Math.max(at, 0), this.data.map[axis] - 1));
    this.tell();
    this.repaint();
  }

  get index() {
    return this.place[0] * this.data.map[1] + this.place[1];
  }

  /** One cell on, in reading order; after the last one it begins again. The map holds what was reached. */
  next(cells = 1) {
    const count = this.data.map[0] * this.data.map[1];
    const isEnd = this.index >= count - 1;
    const index = isEnd ? 0 : Math.min(this.index + cells, count - 1);
    this.grown = index + 1;
    this.moveTo(Math.floor(index / this.data.map[1]), index % this.data.map[1]);
    return index < count - 1;
  }

  play() {
    const count = this.data.map[0] * this.data.map[1];
    if (this.index >= count - 1) this.place = [0, 0];
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

  /** The values of a channel under the window, row by row; a NaN is a cell that is not read. */
  under(channel) {
    const { kernel, size } = this.data;
    const [[top, high, down], [left, wide, across]] = [this.along(0), this.along(1)];
    const values = [];
    for (let i = 0; i < kernel[0]; i += 1) {
      for (let j = 0; j < kernel[1]; j += 1) {
        const [row, column] = [top + i * down, left + j * across];
        const isThere = i < high && j < wide && row < size[0] && column < size[1];
        values.push(isThere ? this.channels[channel][row * size[1] + column] : NaN);
      }
    }
    return values;
  }

  /** The arithmetic of this place, in numbers and words. */
  tell() {
    const { data } = this;
    const values = this.under(data.shown);
    const sum = this.sums[this.index];
    const read = values.filter((value) => !Number.isNaN(value));
    const best = data.kind === "max" ? values.indexOf(Math.max(...read)) : -1;
    this.products.show(values, best);
    const parts = data.kind === "sum" ? this.summands() : data.kind === "norm" ? this.normed(values[0]) : [[`${data.kind === "max" ? "largest" : "mean"} of ${read.length}`, null]];
    if (data.kind === "mean" && data.divisor) parts[0][0] = `sum of ${read.length} / ${data.divisor}`;
    const told = parts.map(([, value]) => value).filter((value) => value !== null);
    const [digits, sign] = told.length > 1 ? addedUp(told, sum) : [3, "="];
    const nodes = parts.flatMap(([label, value], place) => {
      const shown = value === null ? "" : short(value, digits);
      const node = element("span", "stage-term", {}, element("small", "", {}, label), shown);
      return place ? [element("span", "stage-term-sign", {}, "+"), node] : [node];
    });
    const where = `row ${this.place[0]}, column ${this.place[1]}`;
    const result = element("strong", "stage-term stage-term-result", { "data-sum": sum }, element("small", "", {}, where), short(sum, digits));
    this.terms.replaceChildren(...nodes, element("span", "stage-term-sign", {}, sign), result);
    setText(this.input.label, `${data.reads}, channel ${data.channels[data.channel]}: ${data.inner.join("×")}${this.rimmed}`);
    setText(this.output.label, `map ${data.filter} of ${data.layer}: ${data.map.join("×")}`);
    const said = `${where}: ${short(sum, 3)}`;
    this.input.map.name(`Window of ${data.layer} on its input`, this.index, this.sums.length - 1, said);
    this.output.map.name(`Cell of ${data.layer}'s map`, this.index, this.sums.length - 1, said);
    if (data.picture) this.image.say(`This cell sees ${seenWords(this.box())} of the image`);
  }

  /** What adds up to the value: each channel's products, those of channels that are not told one by one, the bias. */
  summands() {
    const { data } = this;
    const sums = this.channels.map((_, channel) => this.dot(channel));
    const name = (channel) => `channel ${data.channels.length === this.channels.length ? data.channels[channel] : data.channels[data.channel]}`;
    const others = data.channels.length - 1;
    const bias = data.bias === null ? [] : [["bias", data.bias]];
    if (this.rest) return [[name(0), sums[0]], [`other ${others} channels`, this.rest[this.index]], ...bias];
    if (sums.length <= MOST_TERMS) return [...sums.map((sum, channel) => [name(channel), sum]), ...bias];
    const rest = sums.reduce((total, sum, channel) => (channel === data.shown ? total : total + sum), 0);
    return [[name(data.shown), sums[data.shown]], [`other ${others} channels`, rest], ...bias];
  }

  /** A BatchNorm's value: its label says how the scaled value comes about. */
  normed(value) {
    const { mean, variance, eps, weight, bias } = this.data.norm;
    const said = `(${short(value, 4)} − ${short(mean, 4)}) / √(${short(variance, 4)} + ${eps}) × ${short(weight, 4)}`;
    return [[said, ((value - mean) / Math.sqrt(variance + eps)) * weight], ["bias", bias]];
  }

  /** What the cell sees of the image: first and last row, first and last column. */
  box() {
    return boxOf(this.data.sights, this.place);
  }

  dot(channel) {
    const weights = this.kernels[channel];
    return this.under(channel).reduce((sum, value, index) => (Number.isNaN(value) ? sum : sum + value * weights[index]), 0);
  }

  get width() {
    return 0; // that of the texts
  }

  save(drawing) {
    drawing.panes([this.input.saved(this.seen), this.output.saved({ cell: this.place }), this.image.saved()]);
    const words = (term) => [...term.childNodes].map((part) => part.textContent).filter(Boolean).join(": ");
    drawing.line([...this.terms.children].map(words).join(" "));
  }

  paint(theme) {
    if (!this.data) return;
    this.products.fit();
    const side = this.input.holder.clientWidth;
    const [[row, high, down], [column, wide, across]] = [this.along(0), this.along(1)];
    const [height, width] = [down * (high - 1) + 1, across * (wide - 1) + 1];
    const taps = [];
    if (down > 1 || across > 1) {
      for (let i = 0; i < high; i += 1) for (let j = 0; j < wide; j += 1) taps.push([row + i * down, column + j * across]);
    }
    this.seen = { window: { row, column, height, width, taps } };
    this.input.map.draw(side, theme, this.seen);
    this.output.map.draw(side, theme, { cell: this.place, reached: this.grown });
    if (this.data.picture) this.image.draw(theme, { box: this.box() });
  }
}

/** The spans along an axis; null where the window is the same everywhere. */
const spansOf = (spans, axis) => (spans?.[axis]?.length ? spans[axis] : null);

/** The place whose span has its middle nearest to a point. */
const nearest = (spans, at) => {
  const away = spans.map(([first, last]) => Math.abs((first + last + 1) / 2 - at));
  return away.indexOf(Math.min(...away));
};

/** What a cell of a map sees, from what each row and each column of it sees; the last one stands for all after it. */
export function boxOf(sights, place, shrunk = 1) {
  if (!sights) return null;
  return sights.flatMap((spans, axis) => {
    const last = spans.length - 1;
    const [from, to] = [place[axis] * shrunk, place[axis] * shrunk + shrunk - 1].map((at) => spans[Math.min(at, last)]);
    return [Math.min(from[0], to[0]), Math.max(from[1], to[1])];
  });
}

/** A box of the image in words. */
export function seenWords(box) {
  if (!box || box[1] < box[0] || box[3] < box[2]) return "nothing";
  return `rows ${box[0]} to ${box[1]}, columns ${box[2]} to ${box[3]}`;
}

export function button(label, act) {
  const node = element("button", "stage-button", { type: "button" }, label);
  node.addEventListener("click", act);
  return node;
}
