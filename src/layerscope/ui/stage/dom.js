// Small helpers to make nodes and to keep them. Data goes in as text, never as markup.

export const list = (value) =>
  Array.isArray(value) ? value.filter((item) => item && typeof item === "object") : [];

export const record = (value) =>
  value && typeof value === "object" && !Array.isArray(value) ? value : null;

export const text = (value) =>
  ["string", "number", "boolean"].includes(typeof value) ? String(value) : "";

let count = 0;
export const freshId = () => `stage-${(count += 1)}`;

export function element(tag, className = "", attributes = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

export function setText(node, value) {
  const wanted = text(value);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** Like setText; a long line breaks after the dots of names, rather than within a word. */
export function setNames(node, value) {
  const wanted = text(value);
  if (node.said === wanted) return;
  node.said = wanted;
  node.replaceChildren(...withBreaks(wanted));
}

const LONG_NAME = 24; // characters; a shorter one finds room on the next line

/** Where a long line breaks: after the dots of long names rather than within a word, and never within a product or
    before what a number counts. */
export function withBreaks(words) {
  const held = words.replace(/ ([×·]) (?=\d)/g, "\u00a0$1\u00a0").replace(/(?<=\d)-(?=[a-z])/g, "\u2011");
  const isLong = (at) => held.slice(0, at).match(/\S*$/)[0].length + held.slice(at).match(/^\S*/)[0].length > LONG_NAME;
  const dots = [...held.matchAll(/(?<=\w\.)(?=\w)/g)].map(({ index }) => index).filter(isLong);
  const parts = [0, ...dots].map((from, place) => held.slice(from, dots[place]));
  return parts.flatMap((part, place) => (place ? [element("wbr"), part] : [part]));
}

export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

/** Shows the text, or hides the node when there is none. */
export function showText(node, value) {
  setText(node, value);
  node.hidden = !text(value);
}

/** Marks what shows how things were before; whole words on hover. */
export function showFormer(node, word, told) {
  showText(node, word);
  setAttributes(node, { title: text(told) || null });
}

/**
 * Makes the children of `parent` match `items`, keeping the node of each key, so that focus,
 * drags and scroll positions survive. `create(item)` gives a node; `update(node, item)` fills it.
 */
export function reconcile(parent, items, create, update, keyOf = (item) => item.key) {
  const before = (parent.keyedNodes ??= new Map());
  const after = new Map();
  items.forEach((item, index) => {
    let key = text(keyOf(item)) || `#${index}`;
    while (after.has(key)) key += "#";
    after.set(key, before.get(key) ?? create(item));
  });
  for (const [key, node] of before) {
    if (after.get(key) !== node) {
      node.discard?.();
      node.remove();
    }
  }
  [...after.values()].forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
    update(node, items[index]);
  });
  parent.keyedNodes = after;
}

/** Calls `work` once the next frame is painted; soon, where a hidden page paints none. */
export function afterPaint(work) {
  let due = true;
  const once = () => {
    if (due) work();
    due = false;
  };
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, 100);
}

export const TONES = {
  ok: { mark: "✓", word: "fits" },
  calm: { mark: "✓", word: "" },
  rest: { mark: "", word: "" },
  changed: { mark: "→", word: "Changed" },
  ask: { mark: "?", word: "Predict" },
  soon: { mark: "?", word: "Predict" },
  right: { mark: "✓", word: "" },
  wrong: { mark: "→", word: "" },
  unsure: { mark: "?", word: "" },
  warning: { mark: "!", word: "Note" },
  error: { mark: "×", word: "Error" },
  unreached: { mark: "–", word: "not reached" },
};

/** A tone is a mark and a word; the colour only repeats what they say. */
export function setTone(node, tone) {
  const known = Object.hasOwn(TONES, tone) ? tone : "";
  if (node.dataset.tone !== known) node.dataset.tone = known;
  return known ? TONES[known] : { mark: "", word: "" };
}
