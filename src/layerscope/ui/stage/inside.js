// A look inside a network with one image: a layer's window at work, its weights, what it outputs, what excites it, a class.

import { element, freshId, list, record, setAttributes, setText, showText, text } from "./dom.js";
import { CellView } from "./cellview.js";
import { drawChoices } from "./choices.js";
import { HeatView } from "./heat.js";
import { InsideTools } from "./insidetools.js";
import { drawActions } from "./panel.js";
import { RowView } from "./rowview.js";
import { Drawing } from "./savable.js";
import { SheetView } from "./sheetview.js";
import { WindowView, button } from "./window.js";
import { inRems } from "./theme.js";

const PAUSE = 300; // milliseconds without an answer after which the card says that it computes

export class Inside {
  constructor(sent) {
    const outbox = Object.create(sent, { push: { value: (...event) => this.send(sent, event) } });
    this.outbox = outbox;
    this.title = element("h2", "stage-figure-title", { id: freshId() });
    this.choices = element("div", "stage-figure-choices");
    this.lenses = element("div", "stage-figure-choices stage-inside-lenses");
    this.downloads = element("div", "stage-downloads");
    for (const format of ["png", "svg"]) {
      const saving = button(format.toUpperCase(), () => this.save(format));
      saving.className = "stage-quiet";
      this.downloads.append(saving);
    }
    const bar = element("div", "stage-bar", {}, this.choices, this.lenses);
    this.absent = element("p", "stage-inside-absent", { hidden: "" });
    this.offers = element("div", "stage-message-actions");
    this.note = element("p", "stage-inside-note", { hidden: "" });
    this.problem = element("p", "stage-inside-problem", { role: "alert", hidden: "" });
    this.cures = element("div", "stage-inside-cures", { hidden: "" });
    this.tools = new InsideTools(outbox, (said) => showText(this.problem, said));
    const repaint = () => this.paint();
    const window = new WindowView(outbox, repaint);
    const sheet = new SheetView(outbox, repaint, (place) => this.writeOut(place));
    const cell = new CellView(outbox, repaint);
    this.views = { window, cell, row: new RowView(outbox, repaint), weights: sheet, maps: sheet, excites: sheet, class: new HeatView(outbox, repaint) };
    this.all = [...new Set(Object.values(this.views))];
    this.tools.node.append(...this.all.flatMap((view) => view.tools ?? []));
    this.busy = element("p", "stage-inside-busy", { role: "status", hidden: "" });
    const head = element("div", "stage-inside-head", {}, this.title, this.busy, this.problem, this.note, this.downloads);
    this.back = element("button", "stage-button stage-look-back", { type: "button", hidden: "" }, "Close");
    this.back.addEventListener("click", () => this.close(sent));
    this.body = element("div", "stage-inside", {}, head, this.cures, this.absent, this.offers, this.tools.node, ...this.all.map((view) => view.node));
    this.node = element("section", "stage-card stage-figure stage-look", { "aria-labelledby": this.title.id }, this.back, bar, this.body);
    this.node.figure = this;
    this.observer = new ResizeObserver(() => this.paint());
    for (const view of this.all) this.observer.observe(view.holder);
    this.node.discard = () => {
      clearTimeout(this.timer);
      this.observer.disconnect();
      window.pause();
    };
  }

  /** Back to where the card was opened, which is far above it on a phone. */
  close(outbox) {
    const way = [...(this.node.closest(".stage")?.querySelectorAll(".stage-panel-ways .stage-button") ?? [])][0];
    way?.scrollIntoView({ block: "center" });
    way?.focus({ preventScroll: true });
    outbox.push(this.closing, null);
  }

  /** What was chosen goes to Python; where the answer takes long, the card says so and no longer shows the old one as new. */
  send(outbox, [key, ...rest]) {
    if (key === "inside:at") return outbox.push(key, ...rest); // nothing is computed for it
    showText(this.problem, ""); // it was about what was done before; where it still holds, the answer says so again
    drawActions(this.cures, [], outbox);
    this.told = "";
    outbox.push(key, ...rest);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tellBusy((this.awaited = key)), PAUSE);
  }

  tellBusy(key) {
    const isBusy = Boolean(key) && this.outbox.owes(key);
    showText(this.busy, isBusy ? "Computing…" : "");
    this.body.toggleAttribute("data-busy", isBusy);
  }

  draw(item, _plotly, theme) {
    this.tellBusy(this.awaited);
    drawChoices(this.choices, list(item.choices), this.outbox);
    this.closing = text(item.close);
    this.back.hidden = !this.closing;
    drawChoices(this.lenses, list(item.lenses), this.outbox);
    this.lenses.hidden = list(item.lenses).length === 0;
    this.theme = theme;
    this.node.style.setProperty("--height", inRems(Number(item.height) || 520, theme));
    this.node.style.setProperty("--share-of-height", Number(item.height) || 520);
    if (item.waits) return this.paint(); // what takes long comes once the hand rests
    setText(this.title, item.title);
    showText(this.absent, item.absent);
    drawActions(this.offers, list(item.offers), this.outbox);
    const scene = item.absent ? null : record(item.inside);
    const view = scene && this.views[scene.view ?? scene.lens];
    this.tools.node.hidden = !view;
    this.downloads.hidden = !view;
    for (const saving of this.downloads.children) {
      setAttributes(saving, { "aria-label": `Save ${text(item.title)} as ${saving.textContent}` });
    }
    for (const one of this.all) {
      one.node.hidden = one !== view;
      for (const tool of [one.tools ?? []].flat()) tool.hidden = one !== view;
      if (one !== view) one.pause?.();
    }
    this.view = view;
    this.scene = scene;
    if (!view) {
      this.said = "";
      showText(this.note, "");
      drawActions(this.cures, [], this.outbox);
      return;
    }
    this.tools.draw(scene);
    showText(this.note, scene.note);
    if (scene.problem || scene.problem !== this.told) showText(this.problem, scene.problem);
    drawActions(this.cures, list(scene.cures), this.outbox);
    this.told = scene.problem;
    const calculating = [this.views.window, this.views.cell];
    if (calculating.includes(view)) for (const one of calculating) if (one !== view) one.wanted = null;
    const said = JSON.stringify(scene);
    if (said !== this.said) view.take(scene);
    this.said = said;
    this.paint();
  }

  /** A cell that was chosen among the maps: its arithmetic in the window's view. */
  writeOut(place) {
    if (place.length) for (const view of [this.views.window, this.views.cell]) view.goTo(place);
    this.outbox.push("lens", "window");
  }

  paint() {
    if (!this.view || !this.theme || this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      if (this.node.isConnected) this.view?.paint(this.theme);
    });
  }

  redraw(theme) {
    this.theme = theme;
    this.view?.paint(theme);
  }

  /** What is shown as a file, without what only marks the place that is pointed at on the screen. */
  save(format) {
    if (!this.view || !this.theme) return;
    this.view.paint(this.theme); // an answer may have come since the last frame
    const drawing = new Drawing(this.theme, this.view.width);
    drawing.line(this.title.textContent, true);
    this.view.save(drawing, this.theme);
    drawing.line(this.scene.note);
    drawing.save(format, text(this.scene.stem) || "inside").catch(() => showText(this.problem, "The picture could not be saved."));
  }
}
