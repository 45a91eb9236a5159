// What lies under a window, cell by cell: the value, the weight (to be set by hand), their product. On a phone a cell is
// tapped, and its weight is typed below the grid.

import { element, setAttributes, setText, showText } from "./dom.js";
import { colorOf, largest } from "./cellmap.js";
import { OneField, PHONE } from "./onefield.js";

const DENSE = 7; // cells along an axis beyond which products are told by their color alone
const DIGITS = [3, 4, 5, 6, 7, 8]; // after the point of what is added up, the fewest first
const FACTOR = [4, 5, 6, 7, 8, 9]; // significant digits of a factor, the fewest first
const WHOLE = 6; // significant digits of what is said under the pointer, where a cell has room for fewer
const MORE = 3; // so many of them are tried
const SEEN = 10; // the largest part is at least so many times the last digit
const LIGHT = 0.55; // of the full color, so that dark numbers are read on it

/** A number in few characters, with a minus that is as wide as a plus. */
export function short(value, digits = 2) {
  if (Number.isNaN(value)) return "";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  const shown = value.toFixed(size >= 1000 ? 0 : size >= 100 ? Math.min(1, digits) : digits);
  const plain = shown.includes(".") ? shown.replace(/\.?0+$/, "") : shown;
  return plain === "-0" ? "0" : plain.replace("-", "−");
}

const shown = (value, digits) => Number(short(value, digits).replace("−", "-"));

/**
 * How a sum is written so that somebody who adds its rounded parts finds what is shown: so many digits after the point,
 * and "=" where they add up, "≈" where even more digits would not do. Of small parts there are as many more.
 */
export function addedUp(parts, sum) {
  const adds = (digits) => Math.abs(parts.reduce((all, part) => all + shown(part, digits), 0) - shown(sum, digits)) < 0.5 * 10 ** -digits;
  const most = largest(parts);
  const from = most > 0 ? DIGITS.findIndex((digits) => most * 10 ** digits >= SEEN) : 0;
  const tried = DIGITS.slice(from).slice(0, MORE);
  const digits = tried.find(adds);
  return digits === undefined ? [tried[0], "≈"] : [digits, "="];
}

/** A number with so many significant digits, in plain digits. */
export function significant(value, count) {
  if (!value || !Number.isFinite(value)) return short(value);
  const places = count - 1 - Math.floor(Math.log10(Math.abs(value)));
  const plain = Number(value.toPrecision(count)).toFixed(Math.min(100, Math.max(0, places)));
  return (plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain).replace("-", "−");
}

/**
 * Numbers written so that somebody who calculates with them finds the result as it is shown, with so many digits after the
 * point: with four significant digits, or more where those would not do.
 */
export function holding(numbers, calculate, digits) {
  const result = short(calculate(...numbers), digits);
  const told = (count) => numbers.map((value) => significant(value, count));
  const holds = (words) => short(calculate(...words.map((word) => Number(word.replace("−", "-")))), digits) === result;
  return FACTOR.map(told).find(holds) ?? told(FACTOR.at(-1));
}

const css = (color) => `rgb(${color.join()})`;

export class Products {
  /** @param {(row: number, column: number, text: string) => void} set a weight by hand */
  constructor(set) {
    this.set = set;
    this.node = element("div", "stage-products", { role: "group" });
    this.line = new OneField((typed) => this.take(this.active, typed));
    this.cells = [];
    this.active = 0;
    this.node.addEventListener("keydown", (event) => this.walk(event));
    this.node.addEventListener("focusin", ({ target }) => {
      const index = this.cells.findIndex(({ stop }) => stop === target);
      if (index < 0) return;
      this.enter(index);
      target.select?.();
    });
  }

  enter(index) {
    if (index !== this.active) this.line.submit(); // a tap need not take the focus away from it
    this.active = index;
    this.mark();
  }

  /** Which cell the Tab key comes to; where its weight is typed below the grid, it is marked. */
  mark() {
    this.line.node.hidden = !this.isTapped;
    this.cells.forEach(({ stop }, index) => {
      const isActive = index === this.active;
      setAttributes(stop, { tabindex: isActive ? 0 : -1, "aria-pressed": this.isTapped ? String(isActive) : null });
    });
    if (this.isTapped) this.line.draw(this.called(this.active), short(this.weights[this.active], this.digits));
  }

  called(index) {
    const { names = [], isTurned } = this.given;
    if (names[index]) return `weight of ${names[index]}`;
    const place = isTurned ? this.cells.length - 1 - index : index;
    if (this.given.isLine) return `weight ${place}`;
    return `weight in row ${Math.floor(place / this.columns)}, column ${place % this.columns}`;
  }

  /** Whether a weight is typed below the grid here. */
  get isToTap() {
    return PHONE.matches && Boolean(this.weights) && !this.given.isFixed;
  }

  /** The same numbers as the screen's width wants them, where it has changed. */
  fit() {
    if (!this.given || this.isTapped === this.isToTap) return;
    this.fill(this.given);
    this.show(...this.seen);
  }

  /** @param {object} given rows, columns, weights (none for pooling), label, names of the products, isLine: whether the kernel has one axis;
      isFixed: whether no weight can be set here; isTurned: whether the kernel's last weight comes first */
  fill(given) {
    const { rows, columns, weights, label, names = [], isFixed = false } = (this.given = given);
    Object.assign(this, { rows, columns, weights });
    const isTapped = this.isToTap;
    if (isTapped !== this.isTapped) for (const { node } of this.cells.splice(0)) node.remove();
    this.isTapped = isTapped;
    const count = names.length || rows * columns;
    this.isDense = Math.max(rows, columns) > DENSE;
    setAttributes(this.node, { "aria-label": label, "data-dense": this.isDense ? "" : null, "data-plain": weights ? null : "" });
    this.node.style.setProperty("--columns", columns);
    this.node.style.setProperty("--rows", rows);
    while (this.cells.length > count) this.cells.pop().node.remove();
    while (this.cells.length < count) this.cells.push(this.make(this.cells.length));
    if (this.active >= count) this.active = 0;
    const most = weights ? largest(weights) : 0;
    const digits = this.digits = most < 0.1 && !this.isDense ? 3 : 2;
    this.cells.forEach(({ name, weight, stop }, index) => {
      showText(name, names[index]);
      weight.hidden = !weights;
      weight.readOnly = isFixed;
      if (!weights) return;
      const said = short(weights[index], digits);
      if (isTapped) setText(weight, said);
      else if (!weight.isTyped && (weight.said !== `${weights[index]}` || document.activeElement !== weight)) weight.value = said;
      weight.said = `${weights[index]}`;
      weight.style.background = css(colorOf(weights[index] * LIGHT, most, false));
      setAttributes(stop, { "aria-label": `${this.called(index)}${isTapped ? `: ${said}` : ""}` });
    });
    this.mark();
  }

  make(index) {
    const name = element("span", "stage-product-name", { hidden: "" });
    const value = element("span", "stage-product-value");
    const result = element("span", "stage-product-result");
    const [weight, node] = this.isTapped ? this.tapped(index) : this.typed(index);
    node.append(name, value, weight, result);
    this.node.append(node);
    return { node, name, value, weight, result, stop: this.isTapped ? node : weight };
  }

  typed(index) {
    const weight = element("input", "stage-product-weight", { type: "text", inputmode: "decimal", autocomplete: "off", maxlength: 9 });
    // An answer that comes while somebody types is about what was before.
    weight.addEventListener("input", () => (weight.isTyped = true));
    weight.addEventListener("blur", () => (weight.isTyped = false));
    weight.addEventListener("change", () => {
      weight.isTyped = false;
      if (!this.take(index, weight.value)) weight.value = short(this.weights[index], this.digits);
    });
    const cell = element("div", "stage-product");
    cell.addEventListener("click", (event) => event.target === weight || weight.focus()); // the whole cell is pressed
    return [weight, cell];
  }

  tapped(index) {
    const node = element("button", "stage-product", { type: "button" });
    node.addEventListener("click", () => {
      this.enter(index);
      this.line.open();
    });
    return [element("span", "stage-product-weight"), node];
  }

  /** Sends what was typed for a weight; whether it is a number. */
  take(index, typed) {
    const number = Number(typed.trim().replace("−", "-").replace(",", "."));
    if (!typed.trim() || !Number.isFinite(number)) return false;
    this.set(Math.floor(index / this.columns), index % this.columns, String(number));
    return true;
  }

  /** The arrow keys walk through the weights: within a number only once the caret is at its end. */
  walk(event) {
    const { target, key } = event;
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!moves[key] || !this.cells.some(({ stop }) => stop === target) || event.altKey) return;
    const [start, end, length] = [target.selectionStart, target.selectionEnd, target.value.length];
    const isWhole = this.isTapped || (start === 0 && end === length);
    if (!isWhole && ((key === "ArrowLeft" && start > 0) || (key === "ArrowRight" && end < length))) return;
    event.preventDefault();
    const row = Math.floor(this.active / this.columns) + moves[key][0];
    const column = (this.active % this.columns) + moves[key][1];
    if (row < 0 || column < 0 || row >= this.rows || column >= this.columns) return;
    this.cells[row * this.columns + column].stop.focus();
  }

  /** A product with all its digits. */
  whole(index, value, product) {
    const told = (number) => significant(number, WHOLE);
    return this.weights ? `${told(value)} × ${told(this.weights[index])} = ${told(product)}` : told(value);
  }

  /** The numbers under the window; a NaN is a cell that is not read. `best` is the index of a maximum. */
  show(values, best = -1) {
    this.seen = [values, best];
    const products = this.weights ? values.map((value, index) => value * this.weights[index]) : values;
    const most = largest(products.filter((value) => !Number.isNaN(value)));
    const digits = most < 0.1 && !this.isDense ? 3 : 2;
    this.cells.forEach(({ node, value, result }, index) => {
      const isRead = !Number.isNaN(values[index]);
      setText(value, !isRead ? "not read" : this.weights ? `${short(values[index])} ×` : short(values[index], 3));
      setAttributes(node, { title: isRead ? this.whole(index, values[index], products[index]) : null });
      setText(result, this.weights && isRead ? `= ${short(products[index], digits)}` : "");
      node.style.background = Number.isNaN(values[index]) ? "" : css(colorOf(products[index] * LIGHT, most, false));
      node.classList.toggle("stage-is-best", index === best);
    });
    return products;
  }
}
