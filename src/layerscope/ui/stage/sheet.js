// Many small grids of numbers on one canvas, all on one scale. It answers to the pointer and to the arrow keys with a place.

import { cellSize, colorOf, isThin } from "./cellmap.js";
import { element, setAttributes, setText, text } from "./dom.js";
import { numbers, sized } from "./panes.js";
import { short } from "./products.js";

const [INK, PAPER, SEEN] = ["#1a1a1a", "#ffffff", "#d55e00"];
const [GAP, LINE_GAP, BLOCK_GAP] = [3, 6, 8]; // pixels between tiles of a line, below a line, and between lines that stand beside each other
const [SMALLEST, LARGEST, WIDEST_CELL] = [26, 200, 26]; // pixels of a tile's longer side, and of a cell
const CAPTION = 18; // pixels below a tile for its caption
const PADDING = 8; // pixels around the canvas, for the frames at its edge
const LINED = 9; // pixels of a cell from which lines stand between cells

export class Sheet {
  /** @param {() => void} choose the place was pointed at and pressed */
  constructor(choose) {
    this.choose = choose;
    this.said = element("p", "stage-inside-label");
    this.value = element("p", "stage-sheet-value");
    this.canvas = element("canvas", "stage-cells", { "aria-hidden": "true" });
    this.node = element("div", "stage-sheet-cells", { role: "slider", tabindex: "0", "aria-valuemin": 0 }, this.canvas);
    this.holder = element("div", "stage-sheet-holder", {}, this.node);
    this.place = { down: 0, across: 0, row: 0, column: 0 };
    this.node.addEventListener("pointermove", (event) => this.point(event, false));
    this.node.addEventListener("pointerdown", (event) => event.button === 0 && this.point(event, true));
    this.node.addEventListener("keydown", (event) => this.walk(event));
  }

  /** @param {object} data tiles, shape, words, most, said; gray: from 0 to 1 in gray */
  fill(data, { lines, captions = [], titles = [], boxes = [] } = {}) {
    const [down, across, rows, columns] = data.shape;
    Object.assign(this, { data, down, across, rows, columns, lines, captions, titles, boxes });
    if (data.tiles !== this.filled) this.values = numbers(data.tiles);
    this.filled = data.tiles;
    const last = { down: down - 1, across: across - 1, row: rows - 1, column: columns - 1 };
    for (const axis of Object.keys(last)) this.place[axis] = Math.min(this.place[axis], last[axis]);
    setText(this.said, data.said);
    this.tell();
    this.pictures = null;
  }

  /** To the value of largest size in a tile. */
  begin(down, across) {
    const size = this.rows * this.columns;
    const first = (down * this.across + across) * size;
    let best = 0;
    for (let index = 0; index < size; index += 1) {
      if (Math.abs(this.values[first + index]) > Math.abs(this.values[first + best])) best = index;
    }
    this.place = { down, across, row: Math.floor(best / this.columns), column: best % this.columns };
    this.tell();
  }

  /** To a cell that another view or a link names, as near as there is one. */
  goTo(down, across, row, column) {
    const within = (at, count) => Math.min(Math.max(Math.floor(at) || 0, 0), count - 1);
    this.place = { down: within(down, this.down), across: within(across, this.across), row: within(row, this.rows), column: within(column, this.columns) };
    this.tell();
  }

  at({ down, across, row, column }) {
    return this.values[((down * this.across + across) * this.rows + row) * this.columns + column];
  }

  /** The place in the whole of which a part is here. */
  get counted() {
    const { row, column } = this.place;
    const here = { ...this.place, place: row * this.columns + column };
    return Object.fromEntries(Object.entries(here).map(([axis, number]) => [axis, number + (Number(this.data.first?.[axis]) || 0)]));
  }

  /** The place and its value in words. */
  tell() {
    const { place, counted } = this;
    const words = text(this.data.words).replace(/\{(\w+)\}/g, (_, name) => counted[name]);
    const value = this.at(place);
    const title = this.titles[place.down * this.across + place.across];
    this.words = title ?? (Number.isNaN(value) ? "" : `${words}: ${short(value, 4)}`);
    setText(this.value, this.words);
    const index = ((place.down * this.across + place.across) * this.rows + place.row) * this.columns + place.column;
    setAttributes(this.node, {
      "aria-label": text(this.data.said), "aria-valuemax": this.values.length - 1, "aria-valuenow": index, "aria-valuetext": this.words || "empty",
    });
  }

  /** Whether a tile takes the whole width. */
  get isLong() {
    return this.columns > this.rows && isThin(this.rows, this.columns);
  }

  /** How the tiles lie: as large as there is room for, in as many blocks beside each other as that takes. */
  layOut(wide, high) {
    const { rows, columns, lines, captions } = this;
    const across = lines ? this.across : 1;
    const blocks = lines ? this.down : this.down * this.across;
    const below = captions.length ? CAPTION : 0;
    this.between = lines ? LINE_GAP : BLOCK_GAP;
    const isLong = this.isLong;
    // A tile that is much higher than wide has wider cells, to be seen and hit.
    const [stretched, square] = rows > columns && isThin(rows, columns) ? cellSize(rows, columns, LARGEST) : [1, 1];
    const wider = stretched / square;
    const most = Math.min(WIDEST_CELL, (isLong ? wide : LARGEST) / Math.max(rows, columns));
    const fit = (beside, least) => {
      const inLine = Math.ceil(blocks / beside);
      const free = wide - (beside - 1) * BLOCK_GAP - beside * (across - 1) * GAP;
      const tall = (high - inLine * (this.between + below)) / (inLine * rows);
      return Math.min(most, free / (beside * across * columns * wider), isLong ? most : Math.max(least, tall));
    };
    const least = Math.min(most, SMALLEST / Math.max(rows, columns));
    let [best, cell] = [1, 0];
    for (let beside = 1; beside <= blocks; beside += 1) {
      const size = fit(beside, least);
      if (size < least && beside > 1) break;
      if (size > cell) [best, cell] = [beside, size];
    }
    this.cell = Math.max(cell, 0.25);
    this.beside = best;
    [this.cell, this.line] = isLong ? cellSize(rows, columns, this.cell * columns) : [this.cell * wider, this.cell];
    this.tile = { wide: columns * this.cell, high: rows * this.line + below };
    this.block = across * this.tile.wide + (across - 1) * GAP;
    this.width = best * this.block + (best - 1) * BLOCK_GAP;
    this.height = Math.ceil(blocks / best) * (this.tile.high + this.between);
  }

  corner(down, across) {
    const block = this.lines ? down : down * this.across + across;
    const x = (block % this.beside) * (this.block + BLOCK_GAP) + (this.lines ? across * (this.tile.wide + GAP) : 0);
    return [x, Math.floor(block / this.beside) * (this.tile.high + this.between)];
  }

  draw(theme) {
    const [wide, high] = [this.holder.clientWidth - PADDING, this.holder.clientHeight - PADDING];
    if (!this.data || wide < 2) return;
    this.layOut(wide, Math.max(high, 120));
    const context = sized(this.canvas, this.width, this.height);
    context.imageSmoothingEnabled = false;
    this.pictures ??= this.paint();
    Object.assign(context, { font: `12px ${theme.font}`, textBaseline: "top" });
    for (let down = 0; down < this.down; down += 1) {
      for (let across = 0; across < this.across; across += 1) this.drawTile(context, theme, down, across);
    }
    const { place } = this;
    const [x, y] = this.corner(place.down, place.across);
    if (this.titles.length) return frame(context, x, y, this.tile.wide, this.rows * this.line);
    frame(context, x + place.column * this.cell, y + place.row * this.line, this.cell, this.line);
  }

  drawTile(context, theme, down, across) {
    const [x, y] = this.corner(down, across);
    const [wide, high] = [this.tile.wide, this.rows * this.line];
    const index = down * this.across + across;
    context.drawImage(this.pictures, 0, index * this.rows, this.columns, this.rows, x, y, wide, high);
    Object.assign(context, { strokeStyle: "rgba(128,128,128,0.5)", lineWidth: 0.75 });
    if (Math.min(this.cell, this.line) >= LINED) {
      context.beginPath();
      for (let row = 1; row < this.rows; row += 1) context.rect(x, y + row * this.line, wide, 0);
      for (let column = 1; column < this.columns; column += 1) context.rect(x + column * this.cell, y, 0, high);
      context.stroke();
    }
    Object.assign(context, { strokeStyle: theme.text, lineWidth: 1 });
    context.strokeRect(x, y, wide, high);
    const box = this.boxes[index];
    if (box) {
      const [top, left, bottom, right] = box;
      frame(context, x + left * wide, y + top * high, (right - left) * wide, (bottom - top) * high);
    }
    if (this.captions[index]) {
      context.fillStyle = theme.text;
      context.fillText(this.captions[index], x, y + high + 3, wide);
    }
  }

  /** All tiles as they lie, without the frame of the chosen place. */
  save(drawing) {
    drawing.line(this.data.said);
    const lined = Math.min(this.cell, this.line) >= LINED;
    for (let down = 0; down < this.down; down += 1) {
      for (let across = 0; across < this.across; across += 1) {
        const index = down * this.across + across;
        const [left, top] = this.corner(down, across);
        const [x, y] = [drawing.left + left, drawing.y + top];
        const [wide, high] = [this.tile.wide, this.rows * this.line];
        drawing.cells(this.pictures, x, y, [this.cell, this.line], { first: index * this.rows, rows: this.rows, lined });
        const [from, begin, to, end] = this.boxes[index] ?? [];
        if (this.boxes[index]) drawing.frame(x + begin * wide, y + from * high, (end - begin) * wide, (to - from) * high, SEEN, 2);
        if (this.captions[index]) drawing.words(this.captions[index], x, y + high + 2, wide + BLOCK_GAP);
      }
    }
    drawing.y += this.height;
  }

  /** All tiles below each other, one pixel a cell. */
  paint() {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: this.columns, height: this.rows * this.down * this.across });
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    this.values.forEach((value, index) => {
      if (!Number.isNaN(value)) image.data.set([...colorOf(value, this.data.most, this.data.gray), 255], 4 * index);
    });
    context.putImageData(image, 0, 0);
    return canvas;
  }

  point(event, isPressed) {
    if (!this.data || !this.tile) return;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const beside = Math.floor(x / (this.block + BLOCK_GAP));
    const block = Math.floor(y / (this.tile.high + this.between)) * this.beside + beside;
    const inBlock = x - beside * (this.block + BLOCK_GAP);
    const tile = this.lines ? Math.floor(inBlock / (this.tile.wide + GAP)) : 0;
    const [down, across] = this.lines ? [block, tile] : [Math.floor(block / this.across), block % this.across];
    const column = Math.floor((inBlock - tile * (this.tile.wide + GAP)) / this.cell);
    const row = Math.floor((y % (this.tile.high + this.between)) / this.line);
    if (beside >= this.beside || down >= this.down || across >= this.across || row < 0 || row >= this.rows || column < 0 || column >= this.columns) return;
    if (isPressed) event.preventDefault();
    if (isPressed) this.node.focus({ preventScroll: true });
    this.move({ down, across, row, column }, isPressed);
  }

  move(place, isChosen) {
    this.place = place;
    this.tell();
    this.moved?.(isChosen);
    if (isChosen) this.choose();
  }

  /** Arrow keys walk from cell to cell, with Shift from tile to tile; Enter chooses. */
  walk(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.data) return;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.move({ ...this.place }, true);
    }
    if (!step) return;
    event.preventDefault();
    const place = { ...this.place };
    if (event.shiftKey || this.titles.length || (this.rows === 1 && step[0]) || (this.columns === 1 && step[1])) this.walkTiles(place, step);
    else {
      place.row = Math.min(Math.max(place.row + step[0], 0), this.rows - 1);
      place.column = Math.min(Math.max(place.column + step[1], 0), this.columns - 1);
    }
    this.move(place, false);
  }

  walkTiles(place, [down, across]) {
    if (this.lines) {
      place.down = Math.min(Math.max(place.down + down, 0), this.down - 1);
      place.across = Math.min(Math.max(place.across + across, 0), this.across - 1);
      return;
    }
    const index = place.down * this.across + place.across + across + down * (this.beside ?? 1);
    const last = this.down * this.across - 1;
    const within = Math.min(Math.max(index, 0), last);
    [place.down, place.across] = [Math.floor(within / this.across), within % this.across];
  }
}

function frame(context, x, y, wide, high) {
  for (const [color, line] of [[INK, 3.6], [PAPER, 2.6], [SEEN, 1.5]]) {
    Object.assign(context, { strokeStyle: color, lineWidth: line });
    context.strokeRect(x, y, Math.max(1, wide), Math.max(1, high));
  }
}
