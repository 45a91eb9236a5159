// The marks of a figure: areas, lines, bars, circles and hatches. Plotly needs ten milliseconds and more for a figure,
// most of them for what does not change: while the figure is on the screen the stage draws its marks itself, and Plotly
// answers to the pointer. In a saved picture they are Plotly's own.

import { freshId, list, setAttributes, text } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const SHORTEST_DASH = 3; // pixels, as in Plotly
const THINNEST = 3; // pixels of a part of a column, from which its pattern is seen

const make = (tag, attributes) => {
  const node = document.createElementNS(SVG, tag);
  setAttributes(node, attributes);
  return node;
};

export class Painting {
  constructor() {
    this.node = make("svg", { class: "stage-painting", "aria-hidden": "true" });
    this.patterns = this.node.appendChild(make("defs", {}));
    // The drawing area; it cuts off what stands out.
    this.area = this.node.appendChild(make("svg", { "fill-rule": "evenodd" }));
  }

  /**
   * @param {object[]} data bars, circles and hatched areas
   * @param {object} layout the figure's, with width, height and margin in pixels; its shapes are paths and rectangles
   */
  draw(data, layout) {
    const { width, height, margin } = layout;
    const inner = { width: width - margin.l - margin.r, height: height - margin.t - margin.b };
    setAttributes(this.node, { width, height, viewBox: `0 0 ${width} ${height}` });
    setAttributes(this.area, { x: margin.l, y: margin.t, ...inner });
    const place = { x: scale(layout.xaxis, 0, inner.width), y: scale(layout.yaxis, inner.height, 0) };
    const [below, above] = [[], []];
    for (const shape of list(layout.shapes)) (shape.layer === "below" ? below : above).push(shapeMark(shape, place));
    const marks = [...below, ...data.flatMap((trace) => this.traceMarks(trace, place)), ...above];
    while (this.area.children.length > marks.length) this.area.lastChild.remove();
    marks.forEach((mark, index) => {
      const said = JSON.stringify(mark);
      const node = this.area.children[index] ?? this.area.appendChild(make("path", {}));
      if (node.said === said) return;
      node.said = said;
      // A bar has no line of its own; what its node was before may have had one.
      const gone = Object.fromEntries(node.getAttributeNames().map((name) => [name, null]));
      setAttributes(node, { ...gone, ...mark });
    });
  }

  traceMarks(trace, place) {
    if (trace.type === "bar") return this.bars(trace, place);
    return trace.mode === "markers" ? circles(trace, place) : [this.hatched(trace, place)];
  }

  bars({ x, y, width, base, marker }, place) {
    return x.flatMap((middle, index) => {
      const fill = at(marker.color, index);
      if (isClear(fill)) return [];
      const left = Math.round(place.x(middle - width[index] / 2));
      const right = Math.round(place.x(middle + width[index] / 2));
      const low = Math.round(place.y(base[index]));
      // A column of more than nothing is seen, though not each part of it.
      const least = Math.abs(place.y(base[index]) - place.y.foot) < 1e-6 ? 1 : 0;
      const high = Math.min(Math.round(place.y(base[index] + y[index])), low - least);
      // Of a pattern a thin part shows nothing but dashes.
      const isThin = low - high < THINNEST;
      const shape = marker.pattern && at(marker.pattern.shape, index);
      return {
        d: `M${left},${low}V${high}H${Math.max(right, left + 1)}V${low}Z`,
        fill: shape && !isThin ? this.pattern({ ...marker.pattern, shape, fgcolor: fill }) : fill,
        "data-value": y[index],
        "data-pattern": shape || null,
      };
    });
  }

  hatched({ x, y, fillcolor, fillpattern, line }, place) {
    const rings = [[]];
    x.forEach((value, index) => (value === null ? rings.push([]) : rings.at(-1).push([value, y[index]])));
    const ring = (points) => `M${points.map(([across, up]) => `${place.x(across)},${place.y(up)}`).join("L")}Z`;
    const fill = fillpattern ? this.pattern({ ...fillpattern, bgcolor: fillpattern.bgcolor ?? fillcolor }) : fillcolor;
    return { d: rings.map(ring).join(""), fill, ...stroke(line) };
  }

  /** The address of a pattern, which is made once. */
  pattern({ shape, fgcolor, bgcolor, size, solidity }) {
    const said = [shape, fgcolor, bgcolor, size, solidity].join("|");
    let node = [...this.patterns.children].find((one) => one.said === said);
    if (!node) {
      node = this.patterns.appendChild(patternNode(shape, fgcolor, size, solidity));
      node.prepend(make("rect", { width: "100%", height: "100%", fill: bgcolor }));
      node.said = said;
    }
    return `url(#${node.id})`;
  }
}

const at = (value, index) => (Array.isArray(value) ? value[index] : value);

const isClear = (colour) => /^rgba\(.*,\s*0\)$/.test(text(colour));

/** From an axis' values to pixels; `foot` is where the axis begins. */
function scale({ range, type }, foot, end) {
  const [first, last] = range;
  const linear = (value) => foot + ((value - first) / (last - first)) * (end - foot);
  return Object.assign(type === "log" ? (value) => linear(Math.log10(value)) : linear, { foot });
}

function stroke(line) {
  const width = line?.width ?? 2;
  if (!width || isClear(line?.color)) return { stroke: null };
  const unit = Math.max(width, SHORTEST_DASH);
  const dashes = { dot: `${unit},${unit}`, dash: `${3 * unit},${3 * unit}` };
  return { stroke: line.color, "stroke-width": width, "stroke-dasharray": dashes[line.dash] ?? null };
}

function shapeMark({ type, path, x0, x1, y0, y1, fillcolor, line }, place) {
  const drawn = type === "rect" ? `M${x0},${y0}L${x1},${y0}L${x1},${y1}L${x0},${y1}Z` : text(path);
  const d = drawn.replace(/([ML])([^,]+),([^MLZ]+)/g, (_, verb, x, y) => `${verb}${place.x(x)},${place.y(y)}`);
  return { d, fill: fillcolor && !isClear(fillcolor) ? fillcolor : "none", ...stroke(line) };
}

function circles({ x, y, marker }, place) {
  return x.map((value, index) => {
    const [across, up, radius] = [place.x(value), place.y(y[index]), at(marker.size, index) / 2];
    const arc = `a${radius},${radius} 0 1 0`;
    const line = { color: at(marker.line.color, index), width: at(marker.line.width, index) };
    const d = `M${across - radius},${up}${arc} ${2 * radius},0${arc} ${-2 * radius},0Z`;
    return { d, fill: at(marker.color, index), ...stroke(line) };
  });
}

/** Strokes, crosses or dots that repeat; `solidity` is the part that they cover, as Plotly takes it. */
function patternNode(shape, colour, size, solidity) {
  const isDot = shape === ".";
  const side = isDot ? size : size * Math.SQRT2;
  const node = make("pattern", { id: freshId(), width: side, height: side, patternUnits: "userSpaceOnUse" });
  if (isDot) {
    const radius = Math.sqrt((solidity * size * size) / Math.PI);
    node.append(make("circle", { cx: size / 2, cy: size / 2, r: radius, fill: colour }));
    return node;
  }
  const [quarter, half] = [side / 4, side / 2];
  const up = `M${-quarter},${quarter}l${half},${-half}M0,${side}L${side},0M${3 * quarter},${5 * quarter}l${half},${-half}`;
  const down = `M${-quarter},${3 * quarter}l${half},${half}M0,0L${side},${side}M${3 * quarter},${-quarter}l${half},${half}`;
  const d = { "/": up, "\\": down, x: up + down }[shape] ?? up;
  const isCross = shape === "x";
  const thick = isCross ? size * (1 - Math.sqrt(1 - solidity)) : solidity * size;
  node.append(make("path", { d, stroke: colour, "stroke-width": thick, fill: "none" }));
  return node;
}
