// A card of code: lines that stay, those of the selected layer lit, and the text to take away.

import { element, freshId, list, setAttributes, setText, showText, text } from "./dom.js";
import { drawChoices } from "./choices.js";
import { inRems } from "./theme.js";

const COPIED_MS = 1500;

export class Code {
  constructor(outbox) {
    this.outbox = outbox;
    this.title = element("h2", "stage-figure-title", { id: freshId() });
    this.choices = element("div", "stage-figure-choices");
    this.note = element("span", "stage-figure-note", { hidden: "" });
    this.copying = element("button", "stage-quiet", { type: "button" }, "Copy");
    this.copying.addEventListener("click", () => this.copy());
    const saving = element("button", "stage-quiet", { type: "button" }, ".py");
    saving.addEventListener("click", () => this.save());
    setAttributes(saving, { "aria-label": "Save the code as a .py file" });
    const takeaway = element("div", "stage-downloads", {}, this.copying, saving);
    this.lines = element("code", "stage-code-lines");
    this.box = element("pre", "stage-code", { tabindex: "0", "aria-labelledby": this.title.id }, this.lines);
    this.spoken = element("span", "stage-unseen", { role: "status" });
    this.former = element("span", "stage-former", { hidden: "" });
    const bar = element("div", "stage-bar", {}, this.title, this.choices, this.former, this.note, takeaway, this.spoken);
    this.node = element("section", "stage-card stage-figure", { "aria-labelledby": this.title.id }, bar, this.box);
    this.node.figure = this;
  }

  draw(item, plotly, theme) {
    drawChoices(this.choices, list(item.choices), this.outbox);
    setText(this.title, item.title);
    this.title.classList.toggle("stage-unseen", list(item.choices).length > 0); // the choices say it
    showText(this.note, item.note);
    this.source = text(item.source);
    this.file = text(item.file) || "network.py";
    this.node.style.setProperty("--height", inRems(Number(item.height) || 250, theme));
    this.node.style.setProperty("--share-of-height", Number(item.height) || 250);
    const lines = list(item.code);
    while (this.lines.children.length > lines.length) this.lines.lastChild.remove();
    lines.forEach((line, index) => {
      const node = this.lines.children[index] ?? this.lines.appendChild(element("span", "stage-code-line"));
      const said = JSON.stringify(line.pieces);
      if (node.said !== said) {
        node.said = said;
        node.replaceChildren(...line.pieces.map(([kind, words]) => element("span", `stage-code-${kind}`, {}, words)), "\n");
      }
      node.classList.toggle("stage-is-lit", line.lit === true);
      setAttributes(node, { "data-tone": text(line.tone) || null });
    });
    const lit = lines.map((line, index) => (line.lit || line.tone ? index : -1)).filter((index) => index >= 0).join();
    if (lit !== this.lit) this.reveal();
    this.lit = lit;
  }

  /** Scrolls the code, never the page, to the first line that is pointed out. */
  reveal() {
    const line = this.lines.querySelector("[data-tone], .stage-is-lit");
    if (!line) return;
    const top = line.offsetTop;
    const room = this.box.clientHeight - 2 * line.offsetHeight;
    if (top < this.box.scrollTop || top > this.box.scrollTop + room) this.box.scrollTop = top - room / 3;
  }

  async copy() {
    let done = "Copied";
    try {
      await navigator.clipboard.writeText(this.source);
    } catch {
      getSelection().selectAllChildren(this.lines);
      done = "Selected: press Ctrl+C";
    }
    setText(this.copying, done);
    setText(this.spoken, done);
    setTimeout(() => setText(this.copying, "Copy"), COPIED_MS);
  }

  save() {
    const address = URL.createObjectURL(new Blob([this.source], { type: "text/x-python" }));
    const link = element("a", "", { href: address, download: this.file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}
