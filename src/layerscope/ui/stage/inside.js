// A layer's window at work on one image: it walks over the input, and the map grows. Python sends the arrays once; where
// the window is only this card knows.

import { element, freshId, list, record, setAttributes, setText, showText, text } from "./dom.js";
import { CellMap, largest } from "./cellmap.js";
import { drawChoices } from "./choices.js";
import { pixelsOf } from "./ownimage.js";
import { drawActions } from "./panel.js";
import { Products, short } from "./products.js";

const MOST_TERMS = 6; // channels whose sums are told one by one
const [SLOWEST, WHOLE] = [300, 15_000]; // milliseconds: for one cell, and at most for the whole map

/** float32 in base64, little end first. */
function numbers(packed) {
  const bytes = Uint8Array.from(atob(text(packed)), (letter) => letter.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

export class Inside {
  constructor(outbox) {
    this.outbox = outbox;
    this.place = [0, 0];
    this.grown = Infinity;
    this.title = element("h2", "stage-figure-title", { id: freshId() });
    this.choices = element("div", "stage-figure-choices");
    this.bar = element("div", "stage-bar", {}, this.choices);
    this.absent = element("p", "stage-inside-absent", { hidden: "" });
    this.offers = element("div", "stage-message-actions");
    this.input = this.pane((row, column) => this.pointAtInput(row, column));
    this.output = this.pane((row, column) => this.moveTo(Math.floor(row), Math.floor(column)));
    this.products = new Products((row, column, number) => outbox.push("inside:cell", `${row},${column},${number}`));
    this.terms = element("p", "stage-terms");
    this.note = element("p", "stage-inside-note", { hidden: "" });
    this.problem = element("p", "stage-inside-problem", { role: "alert", hidden: "" });
    this.tools = this.makeTools();
    const maps = element("div", "stage-inside-maps", {}, this.input.node, this.output.node);
    const sum = element("div", "stage-inside-sum", {}, this.terms, this.products.node);
    this.scene = element("div", "stage-inside-scene", {}, maps, sum);
    const head = element("div", "stage-inside-head", {}, this.title, this.problem, this.note);
    this.body = element("div", "stage-inside", {}, head, this.absent, this.offers, this.tools, this.scene);
    this.node = element("section", "stage-card stage-figure", { "aria-labelledby": this.title.id }, this.bar, this.body);
    this.node.figure = this;
    this.observer = new ResizeObserver(() => this.paint());
    this.observer.observe(this.input.holder);
    this.node.discard = () => {
      this.observer.disconnect();
      this.pause();
    };
  }

  pane(point) {
    const label = element("p", "stage-inside-label");
    const map = new CellMap((row, column) => {
      this.pause();
      this.grown = Infinity;
      point(row, column);
    }, (down, across) => this.walk(down, across));
    const holder = element("div", "stage-inside-holder", {}, map.node);
    return { label, map, holder, node: element("div", "stage-inside-pane", {}, label, holder) };
  }

  makeTools() {
    const field = (label, control) => element("label", "stage-inside-field", {}, element("span", "", {}, label), control);
    const button = (label, act) => {
      const node = element("button", "stage-button", { type: "button" }, label);
      node.addEventListener("click", act);
      return node;
    };
    const menu = (key) => {
      const node = element("select", "stage-select stage-menu");
      node.addEventListener("change", () => this.outbox.push(key, node.value));
      return node;
    };
    const stepper = (key) => {
      const node = element("input", "stage-number", { type: "number", min: 0, step: 1 });
      node.addEventListener("input", () => {
        const wanted = Math.round(Number(node.value));
        if (node.value !== "" && wanted >= 0 && wanted <= Number(node.max)) this.outbox.push(key, wanted, "commit", true);
      });
      node.addEventListener("change", () => (node.value = node.shown));
      return node;
    };
    this.image = menu("inside:image");
    this.hand = menu("inside:weights");
    this.filter = stepper("inside:filter");
    this.channel = stepper("inside:channel");
    this.filterField = field("filter", this.filter);
    this.channelField = field("channel", this.channel);
    this.handField = field("weights", this.hand);
    this.file = element("input", "", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: "", tabindex: "-1" });
    this.file.addEventListener("change", () => this.send(this.file.files[0]));
    this.fresh = button("New weights", () => this.outbox.push("inside:new", null));
    this.playing = button("▶ Play", () => (this.timer ? this.pause() : this.play()));
    this.playing.classList.add("stage-inside-play");
    const next = button("Step", () => this.next());
    const own = button("Your image…", () => this.file.click());
    return element("div", "stage-inside-tools", {}, field("image", this.image), own, this.file, this.filterField,
      this.channelField, this.handField, this.fresh, element("span", "stage-inside-walk", {}, this.playing, next));
  }

  draw(item, _plotly, theme) {
    drawChoices(this.choices, list(item.choices), this.outbox);
    this.theme = theme;
    this.node.style.setProperty("--height", `${Number(item.height) || 520}px`);
    this.node.style.setProperty("--share-of-height", Number(item.height) || 520);
    if (item.waits) return this.paint(); // what takes long comes once the hand rests
    setText(this.title, item.title);
    showText(this.absent, item.absent);
    drawActions(this.offers, list(item.offers), this.outbox);
    const scene = record(item.inside);
    this.tools.hidden = this.scene.hidden = Boolean(item.absent);
    if (item.absent || !scene) {
      this.pause();
      this.data = null;
      showText(this.note, "");
      return;
    }
    const said = JSON.stringify(scene);
    if (said !== this.said || !this.data) this.take(scene);
    this.said = said;
    this.paint();
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
    const rim = [data.before[0], data.before[1], rows - data.before[0] - data.inner[0], columns - data.before[1] - data.inner[1]];
    const isZero = data.padding === "zeros" || data.padding === "";
    this.input.map.fill({ values: this.channels[data.shown], rows, columns, rim, isZero, isGray: data.gray });
    this.output.map.fill({ values: this.sums, rows: data.map[0], columns: data.map[1], isGray: false });
    this.products.fill({
      rows: data.kernel[0], columns: data.kernel[1], weights: this.kernels?.[data.shown],
      label: this.kernels ? `Kernel of ${data.layer}, and what it is multiplied by` : `Values under the window of ${data.layer}`,
    });
    this.rimmed = rim.some((cells) => cells > 0) ? `, padding ${[...new Set(rim)].join(" or ")}` : "";
    this.drawTools(data);
    if (!isOther) return this.moveTo(...this.place);
    this.pause();
    this.grown = Infinity;
    this.begin();
  }

  /** Where the map says most. */
  begin() {
    const most = largest(this.sums);
    const index = Math.max(0, this.sums.findIndex((value) => Math.abs(value) === most));
    this.moveTo(Math.floor(index / this.data.map[1]), index % this.data.map[1]);
  }

  drawTools(data) {
    const options = (select, choice, key) => {
      const said = JSON.stringify(choice.options);
      if (select.said !== said) {
        select.said = said;
        select.replaceChildren(...list(choice.options).map(({ value, label }) => element("option", "", { value }, label)));
      }
      if (!this.outbox.owes(key)) select.value = choice.value;
    };
    const step = (input, value, count, key) => {
      setAttributes(input, { max: count - 1 });
      input.shown = String(value);
      if (!this.outbox.owes(key) && document.activeElement !== input) input.value = value;
      if (!this.outbox.owes(key) && Number(input.value) !== value && input.value !== "") input.value = value;
    };
    options(this.image, data.image, "inside:image");
    if (data.hand) options(this.hand, data.hand, "inside:weights");
    step(this.filter, data.filter, data.filters, "inside:filter");
    step(this.channel, data.channel, data.channels.length, "inside:channel");
    setText(this.filterField.firstChild, `${data.kind === "sum" ? "filter" : "channel"} (0 to ${data.filters - 1})`);
    setText(this.channelField.firstChild, `channel (0 to ${data.channels.length - 1})`);
    this.filterField.hidden = data.filters < 2;
    this.channelField.hidden = data.channels.length < 2;
    this.handField.hidden = this.fresh.hidden = !data.hand;
    showText(this.note, data.note);
  }

  async send(file) {
    this.file.value = "";
    if (!file) return;
    try {
      const pixels = await pixelsOf(file, this.data.own);
      showText(this.problem, "");
      this.outbox.push("inside:own", pixels, "commit", true);
    } catch (problem) {
      showText(this.problem, problem.message);
    }
  }

  /** The window whose middle is nearest to a point of the input. */
  pointAtInput(row, column) {
    const { kernel, dilation, stride } = this.data;
    this.moveTo(...[row, column].map((at, axis) => Math.round((at - (dilation[axis] * (kernel[axis] - 1) + 1) / 2) / stride[axis])));
  }

  walk(down, across) {
    this.pause();
    this.grown = Infinity;
    this.moveTo(this.place[0] + down, this.place[1] + across);
  }

  moveTo(row, column) {
    this.place = [row, column].map((at, axis) => Math.min(Math.max(at, 0), this.data.map[axis] - 1));
    this.tell();
    this.paint();
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
    const { kernel, dilation, stride, size } = this.data;
    const values = [];
    for (let i = 0; i < kernel[0]; i += 1) {
      for (let j = 0; j < kernel[1]; j += 1) {
        const [row, column] = [this.place[0] * stride[0] + i * dilation[0], this.place[1] * stride[1] + j * dilation[1]];
        const isThere = row < size[0] && column < size[1];
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
    const parts = data.kind === "sum" ? this.summands() : [[`${data.kind === "max" ? "largest" : "mean"} of ${read.length}`, null]];
    if (data.kind === "mean" && data.divisor) parts[0][0] = `sum of ${read.length} / ${data.divisor}`;
    const nodes = parts.flatMap(([label, value], place) => {
      const shown = value === null ? "" : short(value, 3);
      const node = element("span", "stage-term", {}, element("small", "", {}, label), shown);
      return place ? [element("span", "stage-term-sign", {}, "+"), node] : [node];
    });
    const where = `row ${this.place[0]}, column ${this.place[1]}`;
    const result = element("strong", "stage-term stage-term-result", { "data-sum": sum }, element("small", "", {}, where), short(sum, 3));
    this.terms.replaceChildren(...nodes, element("span", "stage-term-sign", {}, "="), result);
    setText(this.input.label, `${data.reads}, channel ${data.channels[data.channel]}: ${data.inner.join("×")}${this.rimmed}`);
    setText(this.output.label, `map ${data.filter} of ${data.layer}: ${data.map.join("×")}`);
    const said = `${where}: ${short(sum, 3)}`;
    this.input.map.name(`Window of ${data.layer} on its input`, this.index, this.sums.length - 1, said);
    this.output.map.name(`Cell of ${data.layer}'s map`, this.index, this.sums.length - 1, said);
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

  dot(channel) {
    const weights = this.kernels[channel];
    return this.under(channel).reduce((sum, value, index) => sum + value * weights[index], 0);
  }

  paint() {
    if (!this.data || !this.theme || this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      if (this.data && this.node.isConnected) this.paintNow();
    });
  }

  paintNow() {
    const { kernel, dilation, stride } = this.data;
    const side = this.input.holder.clientWidth;
    const [row, column] = this.place.map((at, axis) => at * stride[axis]);
    const [height, width] = kernel.map((cells, axis) => dilation[axis] * (cells - 1) + 1);
    const taps = [];
    if (dilation[0] > 1 || dilation[1] > 1) {
      for (let i = 0; i < kernel[0]; i += 1) for (let j = 0; j < kernel[1]; j += 1) taps.push([row + i * dilation[0], column + j * dilation[1]]);
    }
    this.input.map.draw(side, this.theme, { window: { row, column, height, width, taps } });
    this.output.map.draw(side, this.theme, { cell: this.place, reached: this.grown });
  }

  redraw(theme) {
    this.theme = theme;
    if (this.data) this.paintNow();
  }
}
