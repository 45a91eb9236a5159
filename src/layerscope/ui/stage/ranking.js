// Which of many named choices is meant by what was typed: the better the letters match its name, the earlier it comes.

import { text } from "./dom.js";

const letters = (words) => words.join("");
const lower = (string) => string.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);
/** "MaxPool2d" is max, pool, 2d; "GRUCell" is gru, cell. */
const apart = (string) => (string.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]*/g) ?? []).map((word) => word.toLowerCase());

/** Whether each asked word begins a later one of `words`, in that order. */
function inOrder(asked, words) {
  let at = 0;
  return asked.every((word) => {
    const found = words.findIndex((one, place) => place >= at && one.startsWith(word));
    at = found + 1;
    return found >= 0;
  });
}

/** How well a choice matches: the smaller the better; null where it does not. */
function distance(choice, typed) {
  const [asked, name] = [lower(typed), apart(text(choice.title))];
  const [sought, called] = [letters(asked), letters(name)];
  const others = [...name, ...lower(text(choice.group)), ...lower(text(choice.words))];
  const isLiteral = text(choice.title).toLowerCase().startsWith(typed.trim().toLowerCase());
  const rank = [
    called === sought,
    called.startsWith(sought),
    inOrder(asked, name),
    called.includes(sought),
    asked.every((word) => others.some((one) => one.startsWith(word))),
    asked.every((word) => others.some((one) => one.includes(word))),
  ].indexOf(true);
  if (rank < 0) return null;
  return 2 * rank + (isLiteral ? 0 : 1); // of two that match alike, the one spelled as it was typed
}

/** The choices that match, best first; all of them in their own order where nothing is typed. */
export function ranked(choices, typed) {
  if (!lower(typed).length) return choices;
  return choices
    .map((choice) => [distance(choice, typed), choice])
    .filter(([far]) => far !== null)
    .sort(([one], [other]) => one - other)
    .map(([, choice]) => choice);
}
