// A picture of cells as a file: an SVG that stays sharp at any size, and a PNG made of it. What is drawn is given by the
// view: lines of text, grids of cells, images, frames.

import { afterPaint, element, setAttributes, text } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const [EDGE, GAP] = [14, 16]; // pixels around the picture, and between panes
const [LETTERS, SMALL, LINE] = [15, 12, 1.35]; // the title's size, all other texts', a line's height in those
const FONT = "Arial, Helvetica, sans-serif"; // a picture is seen where the page's own font is not
const SPARE = 1.12; // by how much letters may be wider there
const NARROWEST = 460; // pixels across: the texts above need them
const [SCALE, LONGEST] = [2, 8192]; // pixels of a PNG for each one of the picture, and along a side at most

const make = (tag, attributes = {}) => {
  const node = document.createElementNS(SVG, tag);
  setAttributes(node, attributes);
  return node;
};

export class Drawing {
  constructor(theme, width) {
    this.theme = theme;
    this.width = Math.max(NARROWEST, Math.ceil(width));
    [this.left, this.y] = [EDGE, EDGE];
    this.node = make("svg", { xmlns: SVG, "font-family": FONT, fill: theme.text });
    this.ruler = document.createElement("canvas").getContext("2d");
  }

  /** A line of text below what is there, in as many lines as it takes. */
  line(words, isTitle = false) {
    const size = isTitle ? LETTERS : SMALL;
    this.y += this.words(words, EDGE, this.y, this.width, size, isTitle) + 4;
  }

  /** Text from a corner on, broken at `wide`; returns its height. */
  words(words, x, y, wide, size = SMALL, isBold = false) {
    this.ruler.font = `${isBold ? "bold " : ""}${size}px ${FONT}`;
    const lines = [""];
    for (const word of text(words).split(" ").filter(Boolean)) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (lines.at(-1) && this.ruler.measureText(longer).width * SPARE > wide) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    lines.forEach((said, place) => {
      const node = make("text", { x, y: y + (place * LINE + 1) * size, "font-size": size, "font-weight": isBold ? "bold" : null });
      node.append(said);
      this.node.append(node);
    });
    return lines.length * LINE * size;
  }

  /** Panes beside each other, each {label, wide, high, draw(drawing, x, y)} or null, below what is there. */
  panes(offered) {
    const panes = offered.filter(Boolean);
    this.width = Math.max(this.width, panes.reduce((sum, { wide }) => sum + wide + GAP, -GAP));
    let [x, foot] = [EDGE, 0];
    const heads = panes.map(({ label, wide }) => {
      const high = this.words(label, x, this.y, wide);
      x += wide + GAP;
      return high;
    });
    const top = this.y + Math.max(...heads) + 4;
    x = EDGE;
    for (const { wide, high, draw } of panes) {
      draw(this, x, top);
      x += wide + GAP;
      foot = Math.max(foot, top + high);
    }
    this.y = foot + 8;
  }

  /** Rows of a canvas that has one pixel a cell: cells of one color that stand beside each other are one area. */
  cells(picture, x, y, [across, down], { first = 0, rows = picture.height, lined = false } = {}) {
    const columns = picture.width;
    const { data } = picture.getContext("2d").getImageData(0, first, columns, rows);
    const [areas, pixels] = [new Map(), new Uint32Array(data.buffer)];
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0, end = 0; column < columns; column = end) {
        const color = pixels[row * columns + column];
        for (end = column + 1; end < columns && pixels[row * columns + end] === color;) end += 1;
        if (color) areas.set(color, `${areas.get(color) ?? ""}M${column},${row}h${end - column}v1h${column - end}z`);
      }
    }
    const group = make("g", { transform: `translate(${x} ${y}) scale(${across} ${down})`, "shape-rendering": "crispEdges" });
    for (const [color, d] of areas) {
      const [red, green, blue, opacity] = new Uint8Array(Uint32Array.of(color).buffer);
      group.append(make("path", { d, fill: `rgb(${red},${green},${blue})`, "fill-opacity": opacity < 255 ? (opacity / 255).toFixed(2) : null }));
    }
    this.node.append(group);
    const [wide, high] = [columns * across, rows * down];
    if (lined) {
      const lying = Array.from({ length: rows - 1 }, (_, row) => `M${x},${y + (row + 1) * down}h${wide}`);
      const standing = Array.from({ length: columns - 1 }, (_, column) => `M${x + (column + 1) * across},${y}v${high}`);
      this.node.append(make("path", { d: [...lying, ...standing].join(""), stroke: "#808080", "stroke-opacity": 0.5, "stroke-width": 0.75 }));
    }
    this.frame(x, y, wide, high, this.theme.text, 1);
  }

  /** What a canvas shows. */
  image(canvas, x, y, wide, high) {
    this.node.append(make("image", { href: canvas.toDataURL(), x, y, width: wide, height: high }));
  }

  frame(x, y, width, height, stroke, line) {
    this.node.append(make("rect", { x, y, width, height, stroke, "stroke-width": line, fill: "none" }));
  }

  svg() {
    const [width, height] = [this.width + 2 * EDGE, Math.ceil(this.y + EDGE)];
    setAttributes(this.node, { width, height, viewBox: `0 0 ${width} ${height}` });
    this.paper ??= make("rect", { width: "100%", height: "100%", fill: this.theme.background });
    this.node.prepend(this.paper);
    return new Blob([new XMLSerializer().serializeToString(this.node)], { type: "image/svg+xml" });
  }

  async png() {
    const image = new Image();
    image.src = URL.createObjectURL(this.svg());
    await image.decode();
    URL.revokeObjectURL(image.src);
    const scale = Math.min(SCALE, LONGEST / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: image.width * scale, height: image.height * scale });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve));
  }

  async save(format, name) {
    const blob = format === "svg" ? this.svg() : await this.png();
    const link = element("a", "", { href: URL.createObjectURL(blob), download: `${name}.${format}` });
    link.click();
    afterPaint(() => URL.revokeObjectURL(link.href));
  }
}
