// The first move of a page, made once where nobody sees it. What a browser does for the first time costs it twice
// the time of the next: without this the first picture after a key press comes later than the tenth.

import { element } from "./dom.js";
import { Figures } from "./figures.js";

const TURNS = 4;
const REST = 60; // milliseconds between two drawings, in which the hand is heard
const TOO_LONG = 150; // milliseconds: a drawing that holds up the page for so long is not made again

const after = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Draws two pictures in turns, in a twin of the figures beside the page's edge. The twin is closed to whoever
 * looks for figures in the page.
 * @param {HTMLElement} like the figures whose sizes the twin's take
 * @param {(figures: Figures, turn: number) => void} draw
 * @param {() => boolean} isOver whether the hand has begun to move
 */
export async function rehearse(like, outbox, draw, isOver) {
  const twin = new Figures(outbox);
  const holder = element("div", "stage-rehearsal", { "aria-hidden": "true", inert: "" });
  holder.attachShadow({ mode: "closed" }).append(twin.node);
  document.body.append(holder);
  const sizes = [...like.children].map(({ figure }) => figure.size?.());
  for (let turn = 0; turn < TURNS && !isOver(); turn += 1) {
    const began = performance.now();
    draw(twin, turn);
    [...twin.node.children].forEach(({ figure }, index) => resize(figure.picture, sizes[index]));
    await after(0); // Plotly draws in a promise's turn
    if (performance.now() - began > TOO_LONG) break;
    await after(REST);
  }
  for (const figure of twin.node.children) figure.discard?.();
  holder.remove();
}

function resize(picture, size) {
  if (picture && size) Object.assign(picture.style, { width: `${size.width}px`, height: `${size.height}px` });
}
