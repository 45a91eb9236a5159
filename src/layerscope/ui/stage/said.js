// A note of several parts, "scale changed: ×1.56 · ▨ biases", as many in a line as have room. The dot between two parts
// begins the second one, and lies outside of the note where that begins a line: no line ends with it.

import { element, text } from "./dom.js";

const SIGNS = /([■▨⁙◆]) /g; // each stays in one line with its word
const BETWEEN = " · ";

export function showParts(node, value) {
  const wanted = text(value).replace(SIGNS, "$1\u00a0");
  node.hidden = !wanted;
  if (node.textContent === wanted) return;
  const parts = wanted.split(BETWEEN).flatMap((part, place) => {
    const dot = place ? [element("span", "stage-said-dot", {}, "· ")] : [];
    return [...(place ? [" "] : []), element("span", "stage-said-part", {}, ...dot, part)];
  });
  node.replaceChildren(element("span", "stage-said-parts", {}, ...parts));
}
