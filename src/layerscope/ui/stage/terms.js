// A sum written out: its parts, each below what it is, and what they make.

import { element } from "./dom.js";
import { addedUp, short } from "./products.js";

/**
 * @param {[string | ((digits: number) => string), number | null][]} parts what each part is, in words that may depend on
   how many digits the numbers have, and its number, or none where only words are told
 * @param {string} where what the sum is the value of
 */
export function writeSum(node, parts, where, sum) {
  const told = parts.map(([, value]) => value).filter((value) => value !== null);
  const [digits, sign] = told.length > 1 ? addedUp(told, sum) : [3, "="];
  const nodes = parts.flatMap(([label, value], place) => {
    const shown = value === null ? "" : short(value, digits);
    const term = element("span", "stage-term", {}, element("small", "", {}, typeof label === "function" ? label(digits) : label), shown);
    return place ? [element("span", "stage-term-sign", {}, "+"), term] : [term];
  });
  const result = element("strong", "stage-term stage-term-result", { "data-sum": sum }, element("small", "", {}, where), short(sum, digits));
  node.replaceChildren(...nodes, element("span", "stage-term-sign", {}, sign), result);
}

/** The same in one line, for a saved picture. */
export function sumText(node) {
  const words = (term) => [...term.childNodes].map((part) => part.textContent).filter(Boolean).join(": ");
  return [...node.children].map(words).join(" ");
}
