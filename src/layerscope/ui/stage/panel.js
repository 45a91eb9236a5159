// The controls of the selected item; the rarer ones are folded away.

import { element, freshId, list, reconcile, record, setAttributes, setNames, setText, showText, text } from "./dom.js";
import { kindOf, makeControl } from "./controls.js";
import { Wiring } from "./wiring.js";

export class Panel {
  constructor(outbox) {
    this.outbox = outbox;
    this.title = element("h2", "stage-panel-title", { id: freshId() });
    this.subtitle = element("span", "stage-subtitle");
    this.actions = element("div", "stage-panel-actions");
    this.sentence = element("p", "stage-panel-text");
    this.ways = element("div", "stage-panel-ways");
    this.controls = element("div", "stage-controls");
    this.moreLabel = element("span", "", {}, "More");
    this.moreNote = element("span", "stage-lit", { hidden: "" });
    this.moreControls = element("div", "stage-controls");
    const summary = element("summary", "stage-summary", {}, this.moreLabel, this.moreNote);
    this.more = element("details", "stage-more", { hidden: "" }, summary, this.moreControls);
    this.pencil = element("button", "stage-button stage-icon-button", { type: "button" }, "✎");
    this.naming = element("div", "stage-panel-naming", { hidden: "" });
    this.pencil.addEventListener("click", () => this.name(this.naming.hidden));
    this.naming.addEventListener("keydown", (event) => event.key === "Escape" && this.name(false));
    const names = element("div", "stage-panel-names", {}, this.title, this.pencil, this.subtitle);
    const head = element("div", "stage-panel-head", {}, names, this.actions);
    this.note = element("p", "stage-panel-text stage-panel-note", { hidden: "" });
    const lead = element("div", "stage-panel-lead", {}, this.sentence, this.ways, this.note);
    const scroll = element("div", "stage-panel-scroll", {}, lead, this.controls, this.more);
    this.wiring = new Wiring(outbox);
    scroll.append(this.wiring.node);
    this.node = element("section", "stage-card stage-panel", { "aria-labelledby": this.title.id, tabindex: "-1" });
    this.back = null; // where the keyboard came from
    // Before a field takes back what was typed: only what was as sent is left.
    this.node.addEventListener("keydown", (event) => this.leave(event), true);
    this.wanted = null; // the place whose focus the whole keeps
    this.node.append(head, this.naming, scroll);
  }

  /** What has the focus, as far as another item's controls may have the same; null where it is elsewhere. */
  place(focused) {
    if (!this.node.contains(focused)) return null;
    if (focused === this.node) return this.wanted ?? { tag: "" };
    const control = focused.closest(".stage-control");
    const { tagName: tag, type } = focused;
    return { tag, type, name: focused.getAttribute("aria-label") ?? focused.textContent, label: control?.name };
  }

  /** Gives the focus that was at `place` to what stands there now; else to the whole, until something stands there. */
  take(place) {
    const controls = place.label === undefined ? [this.node] : [...this.node.querySelectorAll(".stage-control")];
    const now = controls.filter((control) => control.name === place.label);
    const alike = ({ tagName, type }) => tagName === place.tag && type === place.type;
    const fields = now.flatMap((control) => [...control.querySelectorAll("input, select, button")].filter(alike));
    const named = (field) => (field.getAttribute("aria-label") ?? field.textContent) === place.name;
    const goal = fields.find((field) => (place.tag !== "BUTTON" || named(field)) && field.checkVisibility());
    this.wanted = goal ? null : place;
    (goal ?? this.node).focus();
  }

  /** The keyboard goes to the first control, or to the whole where there is none; Escape there calls `back`. */
  enter(back) {
    this.back = back;
    const fields = [...this.controls.querySelectorAll(".stage-control :is(input, select)")];
    (fields.find((field) => !field.disabled && field.checkVisibility()) ?? this.node).focus();
  }

  /** Not where Escape has something else to do: close a field or a help, or take back what was typed. */
  leave(event) {
    const { key, target } = event;
    if (key !== "Escape" || !this.back || this.naming.contains(target) || target.closest(".stage-help-holder")) return;
    if (target.dataset.sent === undefined || target.dataset.sent === target.value) this.back();
  }

  draw(panel) {
    this.node.hidden = !panel;
    if (!panel) return;
    setNames(this.title, panel.title);
    showText(this.subtitle, panel.subtitle);
    showText(this.sentence, panel.text);
    setText(this.note, panel.note);
    setAttributes(this.note, { title: text(panel.note) || null });
    this.note.hidden = typeof panel.note !== "string"; // an empty one keeps its line
    this.drawNaming(record(panel.rename));
    drawActions(this.ways, list(panel.ways), this.outbox);
    drawActions(this.actions, list(panel.actions), this.outbox);
    this.wiring.draw(record(panel.wiring), text(panel.title));
    const controls = list(panel.controls);
    const folded = controls.filter((control) => control.more);
    this.drawControls(this.controls, controls.filter((control) => !control.more));
    this.drawControls(this.moreControls, folded);
    this.more.hidden = folded.length === 0;
    const wrong = folded.filter((control) => text(control.error)).length;
    const lit = folded.filter((control) => text(control.lit)).length;
    const notes = [wrong && `× ${wrong} to correct`, lit && `${lit} changed`];
    showText(this.moreNote, notes.filter(Boolean).join(", "));
  }

  /** The pencil opens a field for another name; it stays open while what was typed there cannot be taken. */
  drawNaming(rename) {
    const control = record(rename?.control);
    this.pencil.style.visibility = control ? "" : "hidden"; // its place stays, or the name beside it would move
    setAttributes(this.pencil, { "aria-label": text(rename?.label), title: text(rename?.label) });
    if (this.named !== text(control?.key)) this.naming.hidden = true;
    if (text(control?.error)) this.naming.hidden = false;
    this.named = text(control?.key);
    setAttributes(this.pencil, { "aria-expanded": String(!this.naming.hidden) });
    this.drawControls(this.naming, control ? [control] : []);
  }

  name(isOpen) {
    this.naming.hidden = !isOpen;
    setAttributes(this.pencil, { "aria-expanded": String(isOpen) });
    if (!isOpen) return this.pencil.focus();
    const field = this.naming.querySelector("input");
    field?.focus();
    field?.select();
  }

  drawControls(parent, controls) {
    reconcile(
      parent,
      controls,
      (control) => makeControl(control, this.outbox),
      (node, control) => node.update(control),
      (control) => `${text(control.key)}|${kindOf(control)}`,
    );
  }
}

/** Buttons that send their own key. */
export function drawActions(parent, actions, outbox) {
  parent.hidden = actions.length === 0;
  reconcile(
    parent,
    actions,
    (action) => {
      const button = element("button", "stage-button", { type: "button" });
      button.addEventListener("click", () => {
        if (button.action.disabled === true) return;
        outbox.reveals = text(button.action.reveals); // a card that this brings onto the page
        outbox.push(button.action.key, button.action.value ?? null);
      });
      return button;
    },
    (button, action) => {
      button.action = action;
      const icon = text(action.icon);
      setText(button, icon || action.label);
      if (text(action.note)) button.append(element("span", "stage-button-note", {}, text(action.note)));
      button.classList.toggle("stage-icon-button", Boolean(icon));
      button.classList.toggle("stage-is-word", icon.length > 2);
      setAttributes(button, {
        "aria-label": icon ? text(action.label) : null,
        title: icon ? text(action.label) : null,
        "aria-disabled": action.disabled === true ? "true" : null, // a disabled button would lose the focus
        tabindex: action.disabled === true ? "-1" : null,
      });
    },
  );
}
