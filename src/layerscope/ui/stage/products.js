// What lies under a window, cell by cell: the value, the weight (to be set by hand), their product.

import { element, setAttributes, setText } from "./dom.js";
import { colorOf, largest } from "./cellmap.js";

const DENSE = 7; // cells along an axis beyond which products are told by their color alone
const DIGITS = [3, 4, 5]; // after the point of what is added up, the fewest first
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
 * and "=" where they add up, "≈" where even more digits would not do.
 */
export function addedUp(parts, sum) {
  const adds = (digits) => Math.abs(parts.reduce((all, part) => all + shown(part, digits), 0) - shown(sum, digits)) < 0.5 * 10 ** -digits;
  const digits = DIGITS.find(adds);
  return digits === undefined ? [DIGITS[0], "≈"] : [digits, "="];
}

const css = (color) => `rgb(${color.join()})`;

export class Products {
  /** @param {(row: number, column: number, text: string) => void} set a weight by hand */
  constructor(set) {
    this.set = set;
    this.node = element("div", "stage-products", { role: "group" });
    this.cells = [];
    this.active = 0;
    this.node.addEventListener("keydown", (event) => this.walk(event));
    this.node.addEventListener("focusin", ({ target }) => {
      const index = this.cells.findIndex(({ weight }) => weight === target);
      if (index < 0) return;
      this.enter(index);
      target.select();
    });
  }

  enter(index) {
    setAttributes(this.cells[this.active]?.weight ?? this.node, this.cells[this.active] ? { tabindex: -1 } : {});
    this.active = index;
    setAttributes(this.cells[index].weight, { tabindex: 0 });
  }

  /** @param {object} kernel rows, columns, weights (none for pooling), layer, kind */
  fill({ rows, columns, weights, label }) {
    Object.assign(this, { rows, columns, weights });
    const count = rows * columns;
    this.isDense = Math.max(rows, columns) > DENSE;
    setAttributes(this.node, { "aria-label": label, "data-dense": this.isDense ? "" : null, "data-plain": weights ? null : "" });
    this.node.style.setProperty("--columns", columns);
    this.node.style.setProperty("--rows", rows);
    while (this.cells.length > count) this.cells.pop().node.remove();
    while (this.cells.length < count) this.cells.push(this.make(this.cells.length));
    if (this.active >= count) this.active = 0;
    const most = weights ? largest(weights) : 0;
    const digits = this.digits = most < 0.1 && !this.isDense ? 3 : 2;
    this.cells.forEach(({ weight }, index) => {
      weight.hidden = !weights;
      if (!weights) return;
      const [row, column] = [Math.floor(index / columns), index % columns];
      const said = short(weights[index], digits);
      if (weight.said !== `${weights[index]}` || document.activeElement !== weight) weight.value = said;
      weight.said = `${weights[index]}`;
      weight.style.background = css(colorOf(weights[index] * LIGHT, most, false));
      setAttributes(weight, { "aria-label": `weight in row ${row}, column ${column}`, tabindex: index === this.active ? 0 : -1 });
    });
  }

  make(index) {
    const value = element("span", "stage-product-value");
    const weight = element("input", "stage-product-weight", { type: "text", inputmode: "decimal", autocomplete: "off", maxlength: 9 });
    const result = element("span", "stage-product-result");
    const node = element("div", "stage-product", {}, value, weight, result);
    weight.addEventListener("change", () => {
      const number = Number(weight.value.trim().replace("−", "-").replace(",", "."));
      if (!weight.value.trim() || !Number.isFinite(number)) weight.value = short(this.weights[index], this.digits);
      else this.set(Math.floor(index / this.columns), index % this.columns, String(number));
    });
    this.node.append(node);
    return { node, value, weight, result };
  }

  /** The arrow keys walk through the weights: within a number only once the caret is at its end. */
  walk(event) {
    const { target, key } = event;
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!moves[key] || !target.matches?.(".stage-product-weight") || event.altKey) return;
    const [start, end, length] = [target.selectionStart, target.selectionEnd, target.value.length];
    const isWhole = start === 0 && end === length;
    if (!isWhole && ((key === "ArrowLeft" && start > 0) || (key === "ArrowRight" && end < length))) return;
    event.preventDefault();
    const row = Math.floor(this.active / this.columns) + moves[key][0];
    const column = (this.active % this.columns) + moves[key][1];
    if (row < 0 || column < 0 || row >= this.rows || column >= this.columns) return;
    this.cells[row * this.columns + column].weight.focus();
  }

  /** The numbers under the window; a NaN is a cell that is not read. `best` is the index of a maximum. */
  show(values, best = -1) {
    const products = this.weights ? values.map((value, index) => value * this.weights[index]) : values;
    const most = largest(products.filter((value) => !Number.isNaN(value)));
    const digits = most < 0.1 && !this.isDense ? 3 : 2;
    this.cells.forEach(({ node, value, result }, index) => {
      setText(value, this.weights ? `${short(values[index])} ×` : short(values[index], 3) || "not read");
      setText(result, this.weights ? `= ${short(products[index], digits)}` : "");
      node.style.background = Number.isNaN(values[index]) ? "" : css(colorOf(products[index] * LIGHT, most, false));
      node.classList.toggle("stage-is-best", index === best);
    });
    return products;
  }
}
