// A place to draw with the pointer, a finger or a pen: white on black, as the digits are.

import { element, freshId } from "./dom.js";
import { packed } from "./ownimage.js";
import { button } from "./window.js";

const WIDTH = 0.075; // of a stroke, in parts of the side

export class Sketch {
  /** @param {(pixels: string) => void} use gets red, green and blue of each pixel, in base64 */
  constructor(use) {
    this.use = use;
    const title = element("p", "stage-sketch-title", { id: freshId() }, "Draw a digit, or anything");
    this.canvas = element("canvas", "stage-sketch", { role: "img", "aria-label": "Your drawing" });
    const done = button("Use it", () => this.finish());
    const row = element("div", "stage-inside-walk", {}, done, button("Clear", () => this.clear()), button("Cancel", () => this.node.close()));
    this.node = element("dialog", "stage-sketch-dialog", { "aria-labelledby": title.id }, title, this.canvas, row);
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.canvas.hasPointerCapture(event.pointerId) && this.lineTo(event));
    this.node.addEventListener("keydown", (event) => event.stopPropagation()); // the page's shortcuts wait
  }

  open(side) {
    if (this.canvas.width !== side) {
      Object.assign(this.canvas, { width: side, height: side });
      this.clear();
    }
    this.node.showModal();
  }

  get context() {
    return this.canvas.getContext("2d", { willReadFrequently: true });
  }

  clear() {
    this.context.fillStyle = "#000";
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * this.canvas.width, ((event.clientY - box.top) / box.height) * this.canvas.height];
  }

  begin(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.at(event);
    this.lineTo(event);
  }

  lineTo(event) {
    const { context } = this;
    const here = this.at(event);
    Object.assign(context, { strokeStyle: "#fff", lineWidth: WIDTH * this.canvas.width, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    context.moveTo(...this.last);
    context.lineTo(...here);
    context.stroke();
    this.last = here;
  }

  finish() {
    this.use(packed(this.context, this.canvas.width));
    this.node.close();
  }
}
