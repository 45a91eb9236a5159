// The texts over a figure. They are Plotly's annotations, placed in parts of the drawing area, and Plotly needs
// half of a drawing's time for them: while the figure is on the screen the stage writes them itself. In a saved
// picture they are Plotly's own.

import { list, setAttributes, setText, text } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const LINE = 1.3; // a line's height in type sizes, as in Plotly
const BASE = 0.95; // from a line's upper edge to its letters' lower one
const ACROSS = { left: "start", center: "middle", right: "end" };
const ABOVE = { top: 0, middle: 0.5, bottom: 1 }; // the part of a text that stands above its point
const NEAR = 0.9; // of the height that a figure was made for: the air between its lines is enough

export class Lettering {
  constructor() {
    this.node = document.createElementNS(SVG, "svg");
    setAttributes(this.node, { class: "stage-lettering", "aria-hidden": "true" });
  }

  /** @param {object} layout the figure's, with width, height and margin in pixels */
  draw(annotations, layout) {
    const { width, height, margin, font } = layout;
    const right = width - margin.r;
    const bottom = height - margin.b;
    const shrunk = shrinking(layout);
    setAttributes(this.node, { width, height, viewBox: `0 0 ${width} ${height}` });
    const items = list(annotations);
    while (this.node.children.length > items.length) this.node.lastChild.remove();
    items.forEach((item, index) => {
      const size = (item.font?.size ?? font.size) * shrunk;
      const x = margin.l + item.x * (right - margin.l) + (item.xshift ?? 0);
      const y = bottom - item.y * (bottom - margin.t) - (item.yshift ?? 0);
      const node = this.node.children[index] ?? this.node.appendChild(document.createElementNS(SVG, "text"));
      const said = `${text(item.text)}|${size}|${x}|${y}`;
      if (node.said === said) return;
      node.said = said;
      setAttributes(node, { "font-size": size, "text-anchor": ACROSS[item.xanchor] ?? "middle" });
      const above = ABOVE[item.yanchor] ?? 0.5;
      const lines = linesOf(text(item.text));
      // What stands on something says less where there is too little room over it; a sign of a change says all.
      while (above === 1 && lines.length > 1 && lines.at(-1)[1] === lines[0][1] && y < lines.length * LINE * size) lines.pop();
      // A text that would stand out above the picture is pushed down: nothing of it is cut off.
      const top = Math.max(0, y - lines.length * LINE * size * above);
      write(node, lines, x, (line) => top + (line * LINE + BASE) * size);
    });
  }
}

/** The places of a figure's texts are parts of the height that it was made for: in a much lower picture they are as much
    smaller, as they would lie over each other. */
function shrinking({ height, meta }) {
  const share = height / (meta?.height ?? height);
  return share < NEAR ? share : 1;
}

/** "was 6<br><b>▼ 4</b>" as [["was 6", false], ["▼ 4", true]]: what is said in each line, and whether boldly. */
function linesOf(words) {
  let bold = false;
  return words.split("<br>").map((line) => {
    bold ||= line.startsWith("<b>");
    const said = [line.replaceAll(/<\/?b>/g, ""), bold];
    if (line.endsWith("</b>")) bold = false;
    return said;
  });
}

function write(node, lines, x, baseline) {
  while (node.children.length > lines.length) node.lastChild.remove();
  lines.forEach(([words, bold], line) => {
    const span = node.children[line] ?? node.appendChild(document.createElementNS(SVG, "tspan"));
    setAttributes(span, { x, y: baseline(line), "font-weight": bold ? "700" : null });
    setText(span, words);
  });
}
