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
    const names = element("div", "stage-panel-names", {}, this.title, this.subtitle);
    const head = element("div", "stage-panel-head", {}, names, this.actions);
    const lead = element("div", "stage-panel-lead", {}, this.sentence, this.ways);
    const scroll = element("div", "stage-panel-scroll", {}, lead, this.controls, this.more);
    this.wiring = new Wiring(outbox);
    scroll.append(this.wiring.node);
    this.node = element("section", "stage-card stage-panel", { "aria-labelledby": this.title.id });
    this.node.append(head, scroll);
  }

  draw(panel) {
    this.node.hidden = !panel;
    if (!panel) return;
    setNames(this.title, panel.title);
    showText(this.subtitle, panel.subtitle);
    showText(this.sentence, panel.text);
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
        outbox.reveals = text(button.action.reveals); // a card that this brings onto the page
        outbox.push(button.action.key, button.action.value ?? null);
      });
      return button;
    },
    (button, action) => {
      button.action = action;
      const icon = text(action.icon);
      setText(button, icon || action.label);
      button.classList.toggle("stage-icon-button", Boolean(icon));
      setAttributes(button, {
        "aria-label": icon ? text(action.label) : null,
        title: icon ? text(action.label) : null,
      });
      if (button.disabled !== (action.disabled === true)) button.disabled = action.disabled === true;
    },
  );
}
