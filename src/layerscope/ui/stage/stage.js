// The stage draws the JSON that Python hands it, and reports what the hand did.
//
// data: sequence, plotly, large, strip, former, totals, against, message, outline, panel, figures, view, tables,
// shortcuts, preview, unsettled; or editor or picker alone. A part that is missing is not drawn. Nothing here knows what
// the numbers mean.
// A figure that says `marks` is of those that painting.js can draw; the one that says `stays` is in the strip, or else
// the first.

import "./fields.js";
import { afterPaint, element, list, record, text } from "./dom.js";
import { Ceiling } from "./ceiling.js";
import { desk } from "./desk.js";
import { Editor } from "./editor.js";
import { Figures, loadPlotly } from "./figures.js";
import { Message, Totals } from "./messages.js";
import { Outbox } from "./outbox.js";
import { Outline } from "./outline.js";
import { Panel } from "./panel.js";
import { Picker } from "./picker.js";
import { release, waitFor } from "./presses.js";
import { Preview, REST } from "./preview.js";
import { rehearse } from "./rehearsal.js";
import { listenForShortcuts } from "./shortcuts.js";
import { Strip } from "./strip.js";
import { Tables } from "./tables.js";
import { listenForPrinting } from "./printing.js";
import { readTheme, typeZoom } from "./theme.js";

const stages = new WeakMap();
let styles = null;

export const STYLES = new URL("stage.css", import.meta.url).href;

function loadStyles() {
  styles ??= new Promise((resolve) => {
    const link = element("link", "", { rel: "stylesheet", href: STYLES });
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
  return styles;
}

/** Called by Streamlit for each new `data`, and when the theme changes; `turn` grows with each call. */
export async function draw(component, base, turn) {
  const { parentElement } = component;
  let stage = stages.get(parentElement);
  if (!stage) {
    const alone = Object.keys(ALONE).find((part) => component.data?.[part]);
    stage = alone ? new SmallStage(component, alone) : new Stage(component, base);
    stages.set(parentElement, stage);
  }
  // A call that a later one overtook holds what Python said before.
  if (turn > stage.turn) [stage.turn, stage.component] = [turn, component];
  await loadStyles();
  if (stage.component === component) stage.draw(record(component.data) ?? {});
  // Streamlit also calls this for a draw that a newer one overtook: look before stopping.
  return () =>
    setTimeout(() => {
      if (stage.root.isConnected) return;
      stage.stop();
      stages.delete(parentElement);
    });
}

const NARROW = 640; // pixels; the width at which the style sheet puts everything into one column
const REST_MS = 800;
const OPENING_MS = 5000; // in which a page that was just opened learns that it is narrow
const NARROW_PICTURE = 540; // pixels; a picture made for a wide stage would squeeze its texts into each other

class Stage {
  constructor(component, base) {
    this.base = base;
    this.component = component;
    this.turn = 0;
    this.data = {};
    this.opening = component.data?.figures?.some?.((figure) => figure?.inside) ? performance.now() + OPENING_MS : 0;
    const send = (event) => this.component.setTriggerValue("event", event);
    const outbox = new Outbox(send, Number(component.data?.sequence) || 0);
    this.outbox = outbox;
    outbox.preview = new Preview(
      base,
      (parts) => {
        this.ahead = true;
        this.drawParts({ ...this.data, ...parts });
      },
      (key, value) => outbox.owes(key) || outbox.push(key, value, "input"),
      () => outbox.flush(),
      (parts) => this.rehearse(parts),
    );
    this.unwait = waitFor(outbox);
    this.totals = new Totals(outbox);
    this.message = new Message(outbox);
    this.outline = new Outline(outbox);
    this.panel = new Panel(outbox);
    this.outline.enter = () => this.panel.node.hidden || this.panel.enter(() => this.outline.list.focus());
    this.figures = new Figures(outbox);
    this.tables = new Tables(outbox);
    this.main = element("div", "stage-main");
    this.main.append(this.outline.node, this.panel.node, this.figures.node);
    this.body = element("div", "stage-body", {}, this.totals.node, this.message.node);
    this.body.append(this.message.spoken, this.main, this.tables.node);
    this.root = element("div", "stage", {}, this.body);
    this.ceiling = new Ceiling(this.root, this.main);
    this.strip = new Strip(this.body, [this.outline.node, this.panel.node]);
    this.observer = new ResizeObserver(() => this.tellWidth());
    this.observer.observe(this.root);
    const take = (key) => this.outline.takes(key) || outbox.push(key, null);
    this.unlisten = listenForShortcuts(() => this.data.shortcuts, take);
    this.skip = element("button", "stage-skip", { type: "button" }, "Skip to the layers");
    this.skip.addEventListener("click", () => this.outline.list.focus());
    if (component.data?.outline) document.body.prepend(this.skip); // the page's start, before its menus
    this.unprint = listenForPrinting(() => {
      if (!this.data || !this.root.isConnected) return;
      this.theme = readTheme(this.root, this.data.large === true);
      this.figures.redraw(this.theme);
    });
  }

  draw(data) {
    this.outbox.answer(Number(data.sequence));
    this.outbox.preview.accept(record(data.preview), Number(data.sequence));
    release();
    // The hand was ahead with a preview, and the answer to its newest move is still to come.
    if (this.ahead && (this.outbox.isBusy() || this.outbox.preview.leads)) return;
    this.ahead = false;
    // A node that is nowhere has no theme to read.
    if (!this.root.isConnected) this.component.parentElement.append(this.root);
    // Streamlit draws anew when the theme changes; a preview never changes it.
    const theme = readTheme(this.root, data.large === true);
    if (theme.signature !== this.theme?.signature) this.theme = theme;
    this.drawParts(data);
    if (data.figures && !this.foreseen) {
      // With the first picture, the first move can be foreseen.
      this.foreseen = true;
      afterPaint(() => this.panel.node.querySelector(".stage-range")?.expect());
    }
    desk.show(this.message.node);
    // A link to a look inside: where it is below all else, it is brought into sight.
    if (performance.now() < this.opening) afterPaint(() => this.opening && this.figures.show() && (this.opening = 0));
    this.ceiling.watch(data.large === true);
    this.strip.watch(data.strip === true);
    clearTimeout(this.settling);
    if (data.unsettled === true) this.settling = setTimeout(() => this.settle(), REST_MS);
  }

  /** What stands around the stage is drawn anew once the hand rests: it must not hold up the next move. */
  settle() {
    const isMoving = this.outbox.isBusy() || this.outbox.preview.leads;
    if (isMoving) this.settling = setTimeout(() => this.settle(), REST_MS);
    else this.outbox.push(REST, null);
  }

  drawParts(data) {
    this.data = data;
    this.root.classList.toggle("stage-large", data.large === true);
    this.root.classList.toggle("stage-has-strip", data.strip === true);
    const former = record(data.former); // says that list and pictures show what was before
    this.root.classList.toggle("stage-is-former", former !== null);
    const theme = (this.theme ??= readTheme(this.root, data.large === true));
    const plotly = this.plotly(data);
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    const place = focused && this.panel.place(focused);
    const near = this.message.node.contains(focused) ? this.message.node : this.outline.list;
    const parts = [
      // Before the others: the pictures ask for their size, which is costly once other parts moved.
      [this.figures.node, () => this.figures.draw(data.figures, plotly, theme, former)],
      [this.totals.node, () => this.totals.draw(list(data.totals), record(data.against))],
      [this.message.node, () => this.message.draw(record(data.message))],
      [this.outline.node, () => this.outline.draw(record(data.outline), former)],
      [this.panel.node, () => this.panel.draw(record(data.panel))],
      [this.tables.tabs, () => this.tables.drawTabs(record(data.view))],
    ];
    for (const [node, work] of parts) attempt(node, work);
    this.keepFocus(focused, place, near);
    this.body.dataset.columns = [data.outline, data.panel, data.figures]
      .map((part, index) => (part ? "opf"[index] : ""))
      .join("");
    // Figures are seen first; tables may wait until they are painted.
    if (this.tablesWait) return;
    this.tablesWait = true;
    afterPaint(() => {
      this.tablesWait = false;
      attempt(this.tables.panel, () => this.tables.drawTables(this.data.tables));
    });
  }

  /**
   * What had the focus may be gone, hidden, or be another item's now: the keyboard goes to what sends the same key, stays
   * with the controls, or goes `near`, to the message or the list.
   */
  keepFocus(focused, place, near) {
    const now = document.activeElement ?? document.body;
    const isHidden = now === focused && now.closest("[hidden]"); // it has the focus until the next frame
    const isLost = focused && (now === document.body || isHidden);
    if (!isLost && !(focused === this.panel.node && this.panel.wanted)) return;
    const isThere = (node) => node && !node.closest("[hidden]");
    const { key } = focused.dataset;
    const again = key && [...this.root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
    if (isThere(again)) again.focus();
    else if (place && isThere(this.panel.node)) this.panel.take(place);
    else [near, this.outline.list].find(isThere)?.focus();
  }

  rehearse(parts) {
    const shown = [this.data, parts];
    const draw = (figures, turn) => figures.draw(shown[turn % 2].figures, this.plotly(this.data), this.theme);
    const isOver = () => this.outbox.isBusy() || !this.root.isConnected;
    // Plotly has its part in the first move, too.
    loadPlotly(this.plotly(this.data)).then(() => rehearse(this.figures.node, this.outbox, draw, isOver), () => {});
  }

  /** Python lays out pictures differently for a phone; it is told when the stage or its pictures become narrow or wide. */
  tellWidth() {
    if (!this.root.clientWidth || typeof this.data?.narrow !== "boolean") return;
    const zoom = typeZoom(this.theme);
    const [stage, figures] = [this.root, this.figures.node].map((node) => node.clientWidth / zoom); // 0: there are none
    // For a projector a picture that stands alone keeps its shape: drawn for a phone it would not grow with the type.
    const least = this.data.panel || zoom === 1 ? NARROW : NARROW_PICTURE;
    const narrow = stage < least || (figures > 0 && figures < NARROW_PICTURE);
    if (narrow === (this.told ?? this.data.narrow)) return;
    this.told = narrow;
    this.outbox.push("narrow", narrow);
  }

  plotly(data) {
    return new URL(text(data.plotly), this.base).href;
  }

  stop() {
    clearTimeout(this.settling);
    this.unlisten();
    this.unprint();
    this.skip.remove();
    this.observer.disconnect();
    this.ceiling.watch(false);
    this.strip.watch(false);
    this.outbox.stop();
    this.unwait();
    this.outbox.preview.stop();
    for (const figure of this.figures.node.children) figure.discard?.();
    this.root.remove();
  }
}

const ALONE = { editor: Editor, picker: Picker };

/** One part alone, beside what Streamlit draws: an editor, or a field to choose by typing. */
class SmallStage {
  constructor(component, part) {
    this.component = component;
    this.turn = 0;
    const send = (event) => this.component.setTriggerValue("event", event);
    this.outbox = new Outbox(send, Number(component.data?.sequence) || 0);
    this.unwait = waitFor(this.outbox);
    this.name = part;
    this.part = new ALONE[part](this.outbox);
    this.root = element("div", "stage", {}, element("div", "stage-body", {}, this.part.node));
  }

  draw(data) {
    this.outbox.answer(Number(data.sequence));
    release();
    if (!this.root.isConnected) this.component.parentElement.append(this.root);
    attempt(this.part.node, () => this.part.draw(record(data[this.name])));
  }

  stop() {
    this.part.stop?.();
    this.outbox.stop();
    this.unwait();
    this.root.remove();
  }
}

/** One damaged part must not take the others with it. */
function attempt(node, work) {
  try {
    work();
    delete node.dataset.damaged;
  } catch (problem) {
    node.dataset.damaged = text(problem?.message) || "damaged";
  }
}
