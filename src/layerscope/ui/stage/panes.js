// Two small panes of the view inside a network: a grid of cells with a line above it, and the image with what is seen of it.

import { cellSize, CellMap, isThin } from "./cellmap.js";
import { element, record, setAttributes, setText, text } from "./dom.js";

/** float32 in base64, little end first. */
export function numbers(packed) {
  return new Float32Array(bytes(packed).buffer);
}

const bytes = (packed) => Uint8Array.from(atob(text(packed)), (letter) => letter.charCodeAt(0));

/** Width and height of a canvas on the screen. */
const sizeOf = (canvas) => ({ wide: parseFloat(canvas.style.width), high: parseFloat(canvas.style.height) });

/** A grid of cells and its label; `point` and `step` as a CellMap has them. */
export function pane(point, step) {
  const label = element("p", "stage-inside-label");
  const map = new CellMap(point, step);
  const holder = element("div", "stage-inside-holder", {}, map.node);
  const saved = (marks) => ({
    label: label.textContent, ...sizeOf(map.canvas), draw: (drawing, x, y) => map.save(drawing, x, y, marks),
  });
  return { label, map, holder, saved, node: element("div", "stage-inside-pane", {}, label, holder) };
}

/** Gives the panes the whole width where a picture of so many rows and columns is thin, and no more height than it takes. */
export const widen = (node, ...sizes) => setAttributes(node, { "data-thin": sizes.some(([rows, columns]) => isThin(rows, columns)) ? "" : null });

const [INK, PAPER, SEEN, WARM] = ["#1a1a1a", "#ffffff", "#d55e00", [217, 130, 0]];

/** The network's input, in its colors: with a box around what is seen of it, or with a heat over it. */
export class ImagePane {
  constructor() {
    this.label = element("p", "stage-inside-label");
    this.canvas = element("canvas", "stage-cells", { role: "img" });
    this.holder = element("div", "stage-inside-holder", {}, this.canvas);
    this.node = element("div", "stage-inside-pane", { hidden: "" }, this.label, this.holder);
    this.picture = document.createElement("canvas");
  }

  /** @param {object | null} data rows, columns, pixels (red, green, blue of each), size: the input's own rows and columns */
  fill(data) {
    this.data = record(data);
    this.node.hidden = !this.data;
    if (!this.data || this.data.pixels === this.filled) return;
    this.filled = this.data.pixels;
    const { rows, columns } = this.data;
    const colors = bytes(this.data.pixels);
    Object.assign(this.picture, { width: columns, height: rows });
    const context = this.picture.getContext("2d");
    const image = context.createImageData(columns, rows);
    for (let index = 0; index < rows * columns; index += 1) {
      image.data.set([colors[3 * index], colors[3 * index + 1], colors[3 * index + 2], 255], 4 * index);
    }
    context.putImageData(image, 0, 0);
  }

  say(label) {
    setText(this.label, label);
    setAttributes(this.canvas, { "aria-label": label });
  }

  /** The pane for a saved picture; null where there is no image. */
  saved() {
    if (!this.data) return null;
    const { wide, high } = sizeOf(this.canvas);
    return { label: this.label.textContent, wide, high, draw: (drawing, x, y) => drawing.image(this.canvas, x, y, wide, high) };
  }

  /** @param {object} marks box: [first row, last row, first column, last column] of the input, of a volume after those of the slices; heat: {values, rows, columns, most} */
  draw(theme, { box, heat } = {}) {
    const side = this.holder.clientWidth;
    if (!this.data || side < 2) return;
    const [rows, columns] = this.data.size;
    const [across, down] = cellSize(rows, columns, side);
    const [wide, high] = [Math.max(1, columns * across), Math.max(1, rows * down)];
    const context = sized(this.canvas, wide, high);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture, 0, 0, wide, high);
    if (heat) warm(context, heat, wide, high);
    Object.assign(context, { strokeStyle: theme.text, lineWidth: 1 });
    context.strokeRect(0.5, 0.5, wide - 1, high - 1);
    const [first, last, start, end] = box?.slice(-4) ?? [0, -1];
    if (last < first || end < start) return;
    const [top, left] = [first * down, start * across];
    const [height, width] = [(last - first + 1) * down, (end - start + 1) * across];
    for (const [color, line] of [[INK, 4.5], [PAPER, 3.6], [SEEN, 2.2]]) {
      Object.assign(context, { strokeStyle: color, lineWidth: line });
      context.strokeRect(Math.max(1.5, left), Math.max(1.5, top), Math.min(width, wide - left - 1.5), Math.min(height, high - top - 1.5));
    }
  }
}

/** What is positive as orange over the image, denser where it is larger, as far as `most`. */
function warm(context, { values, rows, columns, most }, wide, high) {
  if (!(most > 0)) return;
  values.forEach((value, index) => {
    if (!(value > 0)) return;
    const [row, column] = [Math.floor(index / columns), index % columns];
    context.fillStyle = `rgba(${WARM.join(",")},${(0.75 * value) / most})`;
    context.fillRect((column * wide) / columns, (row * high) / rows, wide / columns, high / rows);
  });
}

/** The canvas's context for a size in CSS pixels, emptied; sharp on any screen. */
export function sized(canvas, wide, high) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(wide * ratio), Math.round(high * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    Object.assign(canvas, { width, height });
    Object.assign(canvas.style, { width: `${wide}px`, height: `${high}px` });
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, wide, high);
  return context;
}
