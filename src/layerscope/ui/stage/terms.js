// A sum written out: its parts, each below what it is, and what they make.

import { element } from "./dom.js";
import { addedUp, short, significant } from "./products.js";

const FACTOR = 4; // significant digits of a number in a formula, and of what the formula gives

/** A number in a formula; more digits where what it gives is added up. */
export const factor = (value, more = 0) => significant(value, FACTOR + more);

/**
 * @param {[string | ((digits: number) => string), number | string | null, string?][]} parts what each part is, in words that
   may depend on how many digits the numbers have; its number, or none where only words are told, or a formula with its
   numbers; what stands before it where that is no "+"
 * @param {string} where what the sum is the value of
 * @param {string} equals what stands between a formula and its value
 * @returns {string} the value as it is written
 */
export function writeSum(node, parts, where, sum, equals = "=") {
  const told = parts.filter(([, value]) => typeof value === "number").map(([, value, sign]) => (sign === "−" ? -value : value));
  const isFormula = parts.some(([, value]) => typeof value === "string");
  const [digits, adds] = told.length ? addedUp(told, sum) : [3, "="];
  const nodes = parts.flatMap(([label, value, sign = "+"], place) => {
    const shown = value === null ? "" : typeof value === "string" ? value : short(value, digits);
    const term = element("span", "stage-term", {}, element("small", "", {}, typeof label === "function" ? label(digits) : label), shown);
    return place ? [element("span", "stage-term-sign", {}, sign), term] : [term];
  });
  const made = isFormula ? factor(sum) : short(sum, digits);
  const result = element("strong", "stage-term stage-term-result", { "data-sum": sum }, element("small", "", {}, where), made);
  node.replaceChildren(...nodes, element("span", "stage-term-sign", {}, isFormula ? equals : adds), result);
  return made;
}

/** The same in one line, for a saved picture. */
export function sumText(node) {
  const words = (term) => [...term.childNodes].map((part) => part.textContent).filter(Boolean).join(": ");
  return [...node.children].map(words).join(" ");
}
