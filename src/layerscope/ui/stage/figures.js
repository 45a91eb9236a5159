// Figures: a title bar with choices and downloads, and below it one Plotly picture that stays.

import { afterPaint, element, freshId, list, reconcile, record, setAttributes, setText, showFormer, text } from "./dom.js";
import { drawChoices } from "./choices.js";
import { Code } from "./code.js";
import { Hovered, layerOf } from "./hovered.js";
import { Inside } from "./inside.js";
import { Key } from "./key.js";
import { Lettering } from "./lettering.js";
import { Painting } from "./painting.js";
import { showParts } from "./said.js";
import { inRems, resolved, themedLayout, typeZoom } from "./theme.js";

const DRAG = 6; // pixels between press and release; a hand that goes further does not click

let loading = null;

/** Loads Plotly once a page, after what is drawn without it was seen: it takes a good part of a second to begin. */
export function loadPlotly(url) {
  if (globalThis.Plotly) return Promise.resolve(globalThis.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const script = element("script", "", { src: url });
    script.onload = () => (globalThis.Plotly ? resolve(globalThis.Plotly) : reject(new Error("no Plotly")));
    script.onerror = () => reject(new Error("not loaded"));
    afterPaint(() => document.head.append(script));
  }).catch((problem) => {
    loading = null;
    throw problem;
  });
  return loading;
}

export class Figures {
  constructor(outbox) {
    this.outbox = outbox;
    this.node = element("div", "stage-figures");
  }

  /** Draws the title bars now, the marks that the stage draws itself too, and the rest as soon as Plotly is there. */
  draw(items, plotly, theme, former) {
    const figures = list(items);
    const height = figures.reduce((sum, figure) => sum + cardHeight(figure), 0);
    const gaps = 8 * Math.max(0, figures.length - 1);
    // The row of columns is as high as its figures want; see stage.css.
    this.node.parentElement?.style.setProperty("--figures-height", inRems(height + gaps || 420, theme));
    this.node.hidden = figures.length === 0;
    const staying = figures.find((figure) => figure.stays === true) ?? figures[0]; // in the strip, where there is one
    reconcile(
      this.node,
      figures,
      (item) => new (item.code ? Code : item.inside ? Inside : Figure)(this.outbox).node,
      (node, figure) => {
        node.classList.toggle("stage-stays", figure === staying);
        // Beside a hint there is room for more than a word, as the hint gives way.
        if (node.figure.former) showFormer(node.figure.former, figure.guide ? former?.told : former?.word, former?.told);
        node.figure.draw(figure, plotly, theme);
      },
    );
    this.reveal();
  }

  /** Brings a card into sight that a button far from it asked for. */
  reveal() {
    const node = this.outbox.reveals && this.node.keyedNodes.get(this.outbox.reveals);
    if (!node) return;
    this.outbox.reveals = "";
    afterPaint(() => node.scrollIntoView({ block: "nearest" }));
  }

  /** Brings a look inside that is mostly below the screen to its top; whether that was needed. */
  show() {
    const node = this.node.querySelector(":scope > .stage-look");
    const isBelow = Boolean(node) && node.getBoundingClientRect().top > innerHeight * MOSTLY;
    if (isBelow) node.scrollIntoView({ block: "start" });
    return isBelow;
  }

  redraw(theme) {
    for (const { figure } of this.node.children) figure?.redraw?.(theme);
  }
}

const SETTINGS = { displayModeBar: false, responsive: false, doubleClick: "reset" };

const MOSTLY = 0.75; // of the screen's height: what begins below it is hardly seen

// Milliseconds without a new drawing, after which Plotly gets a figure that the stage has drawn: with the pointer over it,
// and without. For a hundred layers Plotly needs as long as several moves, and would hold up the next of a steady hand.
const [POINTED_REST, REST] = [250, 1500];

const LEAST = 24; // pixels between the margins that hold a label of an axis
const HEADING = 34; // pixels for the title of a saved picture

/**
 * Whether anything fits between the margins. A page on its way makes boxes a few pixels wide; there Plotly hides each
 * label of an axis, and puts the axis's title below the lowest of none, at infinity.
 */
function hasRoom({ width, height, margin }) {
  const { l = 0, r = 0, t = 0, b = 0 } = record(margin) ?? {};
  return width > l + r + LEAST && height > t + b + LEAST;
}

const cardHeight = (figure) => (figure.height > 0 ? Math.max(120, Number(figure.height)) : 250);

/** The figure without what is selected and what only the last move says; its `meta` tells (see drawing.saved). */
function asSaved({ data, layout }) {
  const meta = record(layout.meta) ?? {};
  const [leftOut, texts] = [new Set(list(meta.left_out)), record(meta.texts) ?? {}];
  const annotations = list(layout.annotations).map((item, place) => ({ ...item, text: texts[place] ?? item.text }));
  return {
    data: data.map((trace) => (trace.meta?.widths ? withWidths(trace) : trace)),
    layout: {
      ...layout,
      shapes: list(layout.shapes).filter((_, place) => !leftOut.has(place)),
      annotations: annotations.filter((item) => item.text),
    },
  };
}

/** What a picture shows as a file's name: "Weights and biases by layer · ▨ biases" is weights-and-biases-by-layer. */
const fileName = (title) =>
  title.split(" · ")[0].toLowerCase().replace(/[^\p{L}\p{N}._]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 80);

/** A trace that only answers to the pointer. Its patterns would take most of Plotly's time, though nobody sees them. */
const unseen = ({ marker: { pattern, ...marker } = {}, ...trace }) => ({ ...trace, marker, opacity: 0 });

const withWidths = ({ meta, marker, ...trace }) => ({
  ...trace,
  marker: { ...marker, line: { ...marker.line, width: meta.widths } },
});

class Figure {
  constructor(outbox) {
    this.outbox = outbox;
    this.title = element("h2", "stage-figure-title", { id: freshId() });
    this.choices = element("div", "stage-figure-choices");
    this.note = element("span", "stage-figure-note", { hidden: "" });
    this.downloads = element("div", "stage-downloads");
    for (const format of ["png", "svg"]) {
      const name = format.toUpperCase();
      const button = element("button", "stage-quiet", { type: "button" }, name);
      button.addEventListener("click", () => this.download(format));
      this.downloads.append(button);
    }
    this.plot = element("div", "stage-plot");
    // Plotly asks the page for this size in each drawing, which would lay the page out each time.
    for (const side of ["clientWidth", "clientHeight"]) {
      Object.defineProperty(this.plot, side, { get: () => this.size()[side.slice(6).toLowerCase()] });
    }
    this.lettering = new Lettering();
    this.painting = new Painting();
    this.picture = element("div", "stage-picture", { role: "img" });
    this.hovered = new Hovered();
    this.key = new Key();
    this.canvas = element("div", "stage-canvas", {}, this.hovered.node, this.painting.node, this.plot, this.lettering.node);
    this.picture.append(this.canvas);
    this.press = 0; // how many there were
    this.picture.addEventListener("pointerdown", (event) => {
      this.press += 1;
      const isFar = (now) => Math.hypot(now.clientX - event.clientX, now.clientY - event.clientY) > DRAG;
      // Plotly lays a cover over the page as long as the hand is down.
      document.addEventListener("pointerup", (now) => (this.isDrag = isFar(now)), { capture: true, once: true });
    }, { capture: true });
    for (const kind of ["pointerenter", "pointermove"]) this.picture.addEventListener(kind, () => this.hand?.());
    this.problem = element("p", "stage-absent", { role: "alert", hidden: "" });
    this.former = element("span", "stage-former", { hidden: "" });
    const said = element("div", "stage-said", {}, this.former, this.note, this.key.hint);
    const bar = element("div", "stage-bar", {}, this.title, this.choices, said, this.downloads);
    this.node = element("section", "stage-card stage-figure", { "aria-labelledby": this.title.id });
    this.node.append(bar, this.picture, this.problem, this.key.node);
    this.node.figure = this;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.picture);
    this.node.discard = () => {
      this.observer.disconnect();
      clearTimeout(this.timer);
      globalThis.Plotly?.purge(this.plot);
    };
  }

  draw(figure, plotly, theme) {
    drawChoices(this.choices, list(figure.choices), this.outbox);
    this.key.draw(record(figure.guide));
    const json = JSON.stringify([figure.key, figure.title, figure.description, figure.note,
      figure.saved, figure.height, figure.marks, figure.data, figure.layout]);
    if (json === this.json && theme.signature === this.theme?.signature) return;
    if (json !== this.json) {
      const { title, description } = figure;
      setText(this.title, title);
      showParts(this.note, figure.note);
      setAttributes(this.note, { title: text(figure.note) || null });
      setAttributes(this.picture, {
        "aria-label": [title, description].map(text).filter(Boolean).join(": ") || "Figure",
      });
      for (const button of this.downloads.children) {
        setAttributes(button, { "aria-label": `Save ${text(title)} as ${button.textContent}` });
      }
      this.node.style.setProperty("--height", inRems(cardHeight(figure), theme));
      this.node.style.setProperty("--share-of-height", cardHeight(figure));
    }
    this.json = json;
    this.figure = figure;
    this.plotly = plotly;
    this.theme = theme;
    this.wanted = [figure, theme];
    this.own = null; // what was drawn without Plotly, and is not drawn again once it is there
    if (figure.marks && !globalThis.Plotly) this.paint();
    loadPlotly(plotly).then(
      () => this.paint(),
      () => this.fail("The drawing program did not load. Reload the page to see this figure, or what it says on hover."),
    );
  }

  paint() {
    const { Plotly } = globalThis;
    if (!this.wanted || !this.node.isConnected || !(Plotly || this.figure.marks)) return;
    const { width, height } = this.size();
    if (width < 2 || height < 2) return; // not laid out yet: the observer comes back
    try {
      if (!this.own) {
        const { data, layout } = this.content(width, height);
        if (!hasRoom(layout)) return;
        this.own = this.drawOwn(data, layout);
      }
      if (!Plotly) return; // it answers to the pointer, once it is there
      const [left, drawn] = this.own;
      this.wanted = null;
      this.hand = () => this.react(Plotly, left, drawn);
      // Where the stage draws the marks, Plotly only answers to the pointer: that can wait for the hand's rest.
      clearTimeout(this.timer);
      const rest = this.picture.matches(":hover") ? POINTED_REST : REST;
      if (this.figure.marks && this.listens) this.timer = setTimeout(this.hand, rest);
      else this.hand();
    } catch {
      this.fail("This figure could not be drawn.");
    }
  }

  react(Plotly, data, layout) {
    clearTimeout(this.timer);
    this.hand = null;
    // Told once: comparing the settings anew makes Plotly measure the page, which lays it out.
    const settings = this.listens ? undefined : SETTINGS;
    Plotly.react(this.plot, data, layout, settings).then(
      () => this.painted(),
      () => this.fail("This figure could not be drawn."),
    );
  }

  /** Draws what the stage can draw itself; returns the data and the layout of what is left for Plotly. */
  drawOwn(data, layout) {
    const lettered = this.letter(layout);
    this.painting.node.classList.toggle("stage-unused", !this.figure.marks);
    if (!this.figure.marks) return [data, lettered];
    this.painting.draw(data, layout);
    const answering = data.filter((trace) => trace.hoverinfo !== "skip");
    return [answering.map(unseen), { ...lettered, shapes: [] }];
  }

  /** Writes the texts that the stage can place itself; returns the layout with the others only. */
  letter(layout) {
    const all = list(layout.annotations);
    const ours = all.filter((item) => item.xref === "paper" && item.yref === "paper" && !item.showarrow);
    this.lettering.draw(ours, layout);
    const others = all.filter((item) => !ours.includes(item));
    return { ...layout, annotations: others };
  }

  painted() {
    this.problem.hidden = true;
    this.picture.hidden = false;
    if (this.listens) return;
    this.listens = true;
    this.plot.on("plotly_click", ({ points }) => {
      if (this.isDrag) return; // a hand that wants to mark something, not to open what lies at its way's end
      const name = layerOf(points?.[0]);
      if (name) this.outbox.push("select", name, "commit", true);
      this.hush(name);
    });
    const layout = () => this.content(this.size().width, this.size().height).layout;
    this.plot.on("plotly_hover", ({ points }) => this.hovered.show(this.plot, points?.[0], layout()));
    this.plot.on("plotly_unhover", () => this.hovered.hide(this.plot));
  }

  /** A finger that selects a layer wants to see the picture, which what is said on hover would cover; touching the same
      layer again says it. */
  hush(name) {
    if (name !== this.touched?.name) this.touched = { name, press: this.press };
    const isFirst = name && this.touched.press === this.press && matchMedia("(hover: none)").matches;
    this.picture.classList.toggle("stage-is-hushed", Boolean(isFirst)); // Plotly says it again after each drawing
  }

  fail(sentence) {
    this.picture.hidden = !this.figure.marks || !this.painting.area.firstChild;
    setText(this.problem, sentence);
    this.problem.hidden = false;
  }

  /**
   * How wide and high the picture is to itself: where the page has larger type, as for a projector, letters and marks
   * are as much larger. Measured once and whenever the observer says so: asking makes the browser lay out the page.
   */
  size() {
    if (this.box) return this.box;
    const zoom = typeZoom(this.theme);
    this.canvas.classList.toggle("stage-is-zoomed", zoom !== 1);
    this.canvas.style.setProperty("--zoom", zoom);
    const [width, height] = [this.picture.clientWidth, this.picture.clientHeight].map((side) => Math.floor(side / zoom));
    return (this.box = { width, height });
  }

  content(width, height) {
    const { variable } = this.theme;
    const layout = record(this.figure.layout) ?? {};
    return {
      data: resolved(list(this.figure.data), variable),
      layout: themedLayout(resolved(layout, variable), this.theme, width, height),
    };
  }

  /** Draws at once for another width and other colours, such as the paper's: there is no later while printing. */
  redraw(theme) {
    this.box = this.own = null;
    if (!this.figure || !globalThis.Plotly) return;
    this.theme = theme;
    this.wanted = [this.figure, theme];
    this.paint();
    this.hand?.();
  }

  resize() {
    const before = this.box;
    this.box = null;
    const { width, height } = this.size();
    if (before?.width !== width || before?.height !== height) this.own = null;
    if (!this.figure) return;
    if (this.hand) this.wanted = [this.figure, this.theme]; // what waits for the hand's rest has the old size
    if (this.wanted) this.paint();
    const drawn = this.plot.layout;
    if (width < 2 || !drawn || (drawn.width === width && drawn.height === height)) return;
    const { data, layout } = this.content(width, height);
    if (!hasRoom(layout)) return;
    globalThis.Plotly.relayout(this.plot, { width, height });
    this.drawOwn(data, layout);
  }

  download(format) {
    if (!this.figure) return;
    if (!globalThis.Plotly) {
      loadPlotly(this.plotly).then(() => this.download(format), () => {}); // it says so below the title
      return;
    }
    const { width, height } = this.size();
    if (width < 2) return;
    const { data, layout } = asSaved(this.content(width, height));
    const { background } = this.theme;
    const saved = {
      ...layout,
      title: {
        text: text(this.figure.saved) || [this.figure.title, this.figure.note].map(text).filter(Boolean).join(" · "),
        x: 0.01, xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { t: 8 },
      },
      margin: { ...layout.margin, t: layout.margin.t + HEADING },
      height: height + HEADING,
      paper_bgcolor: background,
      plot_bgcolor: background,
    };
    const filename = fileName(saved.title.text) || "figure";
    globalThis.Plotly.downloadImage(
      { data, layout: saved },
      { format, filename, width, height: height + HEADING, scale: format === "png" ? 2 : 1 },
    ).catch(() => this.fail("The picture could not be saved."));
  }
}
