// What lies under the pointer in a figure and can be clicked: the hand becomes a pointing one, and the place is shaded.

import { element } from "./dom.js";

/** The layer that a click on a point of Plotly's selects; "" where it selects none. */
export function layerOf(point) {
  const custom = point?.customdata;
  const name = Array.isArray(custom) ? custom[0] : custom;
  return typeof name === "string" ? name : "";
}

export class Hovered {
  constructor() {
    this.node = element("div", "stage-hovered", { "aria-hidden": "true", hidden: "" });
  }

  /** @param {object} layout the figure's, with width, height and margin in pixels */
  show(plot, point, layout) {
    const bar = point?.data;
    const index = point?.pointNumber;
    if (!layerOf(point) || bar?.type !== "bar" || !bar.width) return this.hide(plot);
    const { margin, width, height, xaxis, yaxis } = layout;
    const across = (value) => margin.l + part(value, xaxis) * (width - margin.l - margin.r);
    const down = (value) => height - margin.b - part(value, yaxis) * (height - margin.t - margin.b);
    const [left, right] = [-0.5, 0.5].map((side) => across(bar.x[index] + side * bar.width[index]));
    // Of a logarithmic axis the whole column is shaded.
    const isLinear = yaxis.type !== "log";
    const [low, high] = isLinear ? [bar.base[index], bar.base[index] + bar.y[index]].map(down) : [height - margin.b, margin.t];
    Object.assign(this.node.style, {
      left: `${left}px`, width: `${right - left}px`, top: `${Math.max(0, high)}px`, height: `${Math.max(0, low - Math.max(0, high))}px`,
    });
    this.node.hidden = false;
    plot.classList.add("stage-can-click");
  }

  hide(plot) {
    this.node.hidden = true;
    plot.classList.remove("stage-can-click");
  }
}

const part = (value, { range: [first, last] }) => (value - first) / (last - first);
