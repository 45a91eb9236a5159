// Lanes beside an item of the list, as version control logs draw them: a dot, lines that end in it, lines that pass.

import { text } from "./dom.js";

const LANE = 8; // pixels between two lanes
const NAMESPACE = "http://www.w3.org/2000/svg";
const TALL = 100; // the height in units of the drawing; it is stretched to the item's

const numbers = (value) => (Array.isArray(value) ? value.filter(Number.isFinite) : []);
const x = (lane) => LANE * (lane + 0.5);

/** Draws `rail` at the beginning of `node`, or takes it away. It is drawn anew only when it has changed. */
export function drawRail(node, rail) {
  const signature = rail ? JSON.stringify(rail) : "";
  if (node.railSignature === signature) return;
  node.railSignature = signature;
  node.querySelector(":scope > .stage-rail")?.remove();
  node.classList.toggle("stage-has-rail", Boolean(rail));
  if (!rail) return;
  const width = LANE * Math.max(1, Number(rail.lanes) || 1);
  node.style.setProperty("--rail", `${width}px`);
  const holder = document.createElement("span");
  holder.className = "stage-rail";
  holder.setAttribute("aria-hidden", "true");
  const svg = shape("svg", { viewBox: `0 0 ${width} ${TALL}`, preserveAspectRatio: "none" });
  const dot = Number.isFinite(rail.dot) ? rail.dot : null;
  const middle = TALL / 2;
  for (const lane of numbers(rail.through)) svg.append(line(lane, `M${x(lane)} 0V${TALL}`));
  for (const lane of dot === null ? [] : numbers(rail.above)) {
    svg.append(line(lane, `M${x(lane)} 0C${x(lane)} ${middle * 0.7} ${x(dot)} ${middle * 0.4} ${x(dot)} ${middle}`));
  }
  if (dot !== null && rail.below) svg.append(line(dot, `M${x(dot)} ${middle}V${TALL}`));
  holder.append(svg);
  if (dot !== null) {
    const point = document.createElement("span");
    point.className = "stage-rail-dot";
    point.dataset.lane = text(dot % 6);
    point.style.left = `${x(dot)}px`;
    holder.append(point);
  }
  node.append(holder);
}

function line(lane, path) {
  return shape("path", { d: path, "data-lane": lane % 6, "vector-effect": "non-scaling-stroke" });
}

function shape(tag, attributes) {
  const node = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
