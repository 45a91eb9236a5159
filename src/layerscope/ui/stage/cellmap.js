// A grid of numbers as colored cells on a canvas: with a rim of padding, a window on it, or one cell lit. It answers to
// the pointer and to the arrow keys with a place in cells.

import { element, setAttributes } from "./dom.js";

const [INK, PAPER, WINDOW] = ["#1a1a1a", "#ffffff", "#d55e00"];
const BLACK = [20, 23, 27];
const WHITE = [255, 255, 255];
const [BELOW, ABOVE] = [[0, 114, 178], [217, 130, 0]]; // Okabe and Ito's blue and a darker orange
const LINED = 6; // pixels of a cell from which lines stand between cells
const THICK = 24; // pixels of a row where each is much longer than all of them are high
const [LONG, RATIO, FLAT] = [12, 4, 2]; // cells from which a side may be much longer, so many times the other, and then on the screen at least
const LETTERED = 9; // pixels of a cell from which the padding's zeros are written

const mixed = (from, to, part) => from.map((value, index) => Math.round(value + (to[index] - value) * part));

/** The color of a number: gray from 0 to 1, or blue below 0 and orange above, as far as `most`. */
export function colorOf(value, most, isGray) {
  if (isGray) return mixed(BLACK, WHITE, Math.min(1, Math.max(0, value)));
  return mixed(WHITE, value < 0 ? BELOW : ABOVE, most > 0 ? Math.min(1, Math.abs(value) / most) : Number(!Number.isFinite(value)));
}

/** The largest size among numbers; where a window reads nothing, the maximum is −∞ and has no size. */
export const largest = (values) =>
  values.reduce((most, value) => (Math.abs(value) > most && Number.isFinite(value) ? Math.abs(value) : most), 0);

/** Whether squares would make a row, or a column, too thin to hit: its one side is much longer than the other. */
export const isThin = (rows, columns) => Math.max(rows, columns) > LONG && Math.max(rows, columns) > RATIO * Math.min(rows, columns);

/** A cell's width and height in pixels: a square, but where the one side of all of them is much longer than the other, the
    shorter one is stretched until a row, or a column, can be hit. */
export function cellSize(rows, columns, side) {
  const square = Math.min(side / columns, side / rows);
  const least = (count) => Math.max(square, Math.min(THICK, side / FLAT / count));
  return isThin(rows, columns) ? [least(columns), least(rows)] : [square, square];
}

export class CellMap {
  /** @param {(row: number, column: number) => void} point a place in cells, the padding included
      @param {(down: number, across: number, deep: number) => void} step the arrow keys; with Shift to the slices beside */
  constructor(point, step) {
    this.canvas = element("canvas", "stage-cells", { "aria-hidden": "true" });
    this.node = element("div", "stage-cellmap", { role: "slider", tabindex: "0", "aria-valuemin": 0 });
    this.node.append(this.canvas);
    this.picture = document.createElement("canvas");
    const here = (event) => {
      const box = this.canvas.getBoundingClientRect();
      point(((event.clientY - box.top) / box.height) * this.rows, ((event.clientX - box.left) / box.width) * this.columns);
    };
    this.node.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.node.setPointerCapture(event.pointerId);
      this.node.focus({ preventScroll: true });
      event.preventDefault();
      here(event);
    });
    this.node.addEventListener("pointermove", (event) => this.node.hasPointerCapture(event.pointerId) && here(event));
    this.node.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -1e6], End: [0, 1e6],
        PageUp: [-1e6, 0], PageDown: [1e6, 0] }[event.key];
      if (!move) return;
      event.preventDefault();
      step(...(event.shiftKey ? [0, 0, move[0] || move[1]] : move));
    });
  }

  /** @param {object} grid values, rows, columns, isGray; rim: cells of padding [top, left, bottom, right]; isZero:
      whether the padding is 0 and drawn empty; most: where the colors end, where that is not the largest of the values */
  fill(grid) {
    Object.assign(this, grid);
    this.most = grid.most ?? largest(this.values);
    const { rows, columns, values } = this;
    const [top, left, bottom, right] = this.rim ?? [0, 0, 0, 0];
    this.inner = [top, left, rows - bottom, columns - right];
    Object.assign(this.picture, { width: columns, height: rows });
    const context = this.picture.getContext("2d");
    const image = context.createImageData(columns, rows);
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      const [row, column] = [Math.floor(index / columns), index % columns];
      const isRim = row < top || column < left || row >= rows - bottom || column >= columns - right;
      if (Number.isNaN(value) || (isRim && this.isZero)) continue;
      image.data.set([...colorOf(value, this.most, this.isGray), isRim ? 120 : 255], 4 * index);
    }
    context.putImageData(image, 0, 0);
  }

  /** @param {object} marks window: {row, column, height, width, taps}; cell: [row, column]; reached: cells that are seen */
  draw(side, theme, { window, cell, reached = Infinity }) {
    if (!this.rows || side < 2) return;
    const [across, down] = (this.size = cellSize(this.rows, this.columns, side));
    const [wide, high] = [Math.max(1, across * this.columns), Math.max(1, down * this.rows)];
    const ratio = globalThis.devicePixelRatio || 1;
    const pixels = [Math.round(wide * ratio), Math.round(high * ratio)];
    if (this.canvas.width !== pixels[0] || this.canvas.height !== pixels[1]) {
      [this.canvas.width, this.canvas.height] = pixels;
      Object.assign(this.canvas.style, { width: `${wide}px`, height: `${high}px` });
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, wide, high);
    context.imageSmoothingEnabled = false;
    const [top, left, bottom, right] = this.inner;
    const isRimmed = bottom - top < this.rows || right - left < this.columns;
    if (isRimmed) {
      context.fillStyle = theme.panel;
      context.fillRect(0, 0, wide, high);
    }
    context.drawImage(this.picture, 0, 0, wide, high);
    this.hide(context, theme, reached);
    if (across >= LINED) this.rule(context, wide, high);
    this.pad(context, theme);
    const box = (row, column, height, width, color, line, out = 0) => {
      Object.assign(context, { strokeStyle: color, lineWidth: line });
      context.strokeRect(column * across - out, row * down - out, width * across + 2 * out, height * down + 2 * out);
    };
    if (isRimmed) {
      context.setLineDash([3, 2]);
      box(0, 0, this.rows, this.columns, theme.text, 1, -0.5);
      context.setLineDash([]);
    }
    box(top, left, bottom - top, right - left, theme.text, 1, -0.5);
    if (window) {
      for (const [row, column] of window.taps) box(row, column, 1, 1, WINDOW, 1.2, -0.8);
      box(window.row, window.column, window.height, window.width, PAPER, 4);
      box(window.row, window.column, window.height, window.width, WINDOW, 2.4);
    }
    if (cell) {
      box(...cell, 1, 1, INK, 3.5, 1);
      box(...cell, 1, 1, PAPER, 1.2, 1);
    }
  }

  /** The cells in a saved picture, with the same marks as on the screen. */
  save(drawing, x, y, { window, cell }) {
    const [across, down] = this.size;
    drawing.cells(this.picture, x, y, this.size, { lined: across >= LINED });
    const frame = (row, column, height, width, line) =>
      drawing.frame(x + column * across, y + row * down, width * across, height * down, WINDOW, line);
    for (const [row, column] of window?.taps ?? []) frame(row, column, 1, 1, 1.2);
    if (window) frame(window.row, window.column, window.height, window.width, 2.4);
    if (cell) frame(...cell, 1, 1, 2.4);
  }

  /** Cells that the window has not reached yet. */
  hide(context, theme, reached) {
    if (reached >= this.rows * this.columns) return;
    const [row, column] = [Math.floor(reached / this.columns), reached % this.columns];
    const [across, down] = this.size;
    context.fillStyle = theme.panel;
    context.fillRect(column * across, row * down, (this.columns - column) * across, down);
    context.fillRect(0, (row + 1) * down, this.columns * across, (this.rows - row - 1) * down);
  }

  rule(context, wide, high) {
    const [across, down] = this.size;
    context.beginPath();
    for (let row = 1; row < this.rows; row += 1) context.rect(0, row * down - 0.25, wide, 0.5);
    for (let column = 1; column < this.columns; column += 1) context.rect(column * across - 0.25, 0, 0.5, high);
    context.fillStyle = "rgba(128,128,128,0.45)";
    context.fill();
  }

  /** The zeros of the padding, where there is room to write them. */
  pad(context, theme) {
    const [across, down] = this.size;
    if (!this.isZero || across < LETTERED) return;
    const [top, left, bottom, right] = this.inner;
    Object.assign(context, { fillStyle: theme.text, font: `${Math.min(12, across * 0.75)}px ${theme.font}`, textAlign: "center", textBaseline: "middle" });
    for (let row = 0; row < this.rows; row += 1) {
      for (let column = 0; column < this.columns; column += 1) {
        if (row >= top && row < bottom && column >= left && column < right) continue;
        if (this.values[row * this.columns + column] === 0) context.fillText("0", (column + 0.5) * across, (row + 0.5) * down);
      }
    }
  }

  /** What a screen reader says of it. */
  name(label, now, most, words) {
    setAttributes(this.node, { "aria-label": label, "aria-valuemax": most, "aria-valuenow": now, "aria-valuetext": words });
  }
}
