// A formula of few numbers for one value, as Python sends it: its names and its numbers.

import { factor } from "./terms.js";

const NAMED = /\{(\w+)\}/g;
const SIGNS = "×−+/√";
const TERM = / ([+−]) /;

/** A formula with words in the place of its names; what is negative stands in parentheses after a sign. */
export const filled = (text, word) =>
  text.replace(NAMED, (_, name, at) => {
    const said = word(name);
    return said.startsWith("−") && SIGNS.includes(text.slice(0, at).trimEnd().at(-1) ?? " ") ? `(${said})` : said;
  });

/** Whether it only picks one of its numbers, so that their digits are those of the value. */
const isPick = (text) => !/[×/√|+−]/.test(text) && !/[a-z0-9]\(/.test(text.replace(/max\(|min\(/g, ""));

/** Its terms where each, but for the first, is one number: [sign, term] each; null for another formula. */
function terms(text) {
  const parts = text.split(TERM);
  const found = [["+", parts[0]]];
  for (let at = 1; at < parts.length; at += 2) found.push([parts[at], parts[at + 1]]);
  // A sign within parentheses belongs to the term before it.
  const whole = found.reduce((done, [sign, term]) => {
    const last = done.at(-1);
    const isOpen = last && last[1].split("(").length > last[1].split(")").length;
    return isOpen ? [...done.slice(0, -1), [last[0], `${last[1]} ${sign} ${term}`]] : [...done, [sign, term]];
  }, []);
  return whole.length > 1 && whole.slice(1).every(([, term]) => /^\{\w+\}$/.test(term)) ? whole : null;
}

/**
 * What `writeSum` writes of a value: [its parts, what stands before the result].
 * @param {{text: string, said: string}} formula
 * @param {(name: string) => number} number
 * @param {(name: string) => string} named what a number is called
 */
export function written({ text, said }, number, named, value) {
  const label = said || filled(text, named);
  const numbers = (more) => filled(text, (name) => factor(number(name), more));
  const summed = terms(text);
  if (summed) {
    const [[, first], ...rest] = summed;
    const others = rest.map(([sign, term]) => [filled(term, named), number(term.slice(1, -1)), sign]);
    const isNumber = /^\{\w+\}$/.test(first);
    const left = others.reduce((all, [, one, sign]) => (sign === "−" ? all + one : all - one), value);
    const begin = isNumber ? [filled(first, named), number(first.slice(1, -1))] : [filled(first, (name) => factor(number(name), 1)), left];
    return [[begin, ...others], "="];
  }
  if (!text.includes("{x}") && said) return [[[label, `x = ${factor(number("x"))}`]], "→"];
  if (/^\{\w+\}$/.test(text)) return [[[label, number(text.slice(1, -1))]], "="];
  return isPick(text) ? [[[label, numbers(0)]], "="] : [[[label, numbers(1)]], "≈"];
}
