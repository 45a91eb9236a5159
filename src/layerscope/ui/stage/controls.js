// One control for each parameter: native inputs, kept between updates.

import { element, freshId, list, reconcile, setAttributes, setNames, setText, showText, text } from "./dom.js";
import { helpButton } from "./help.js";
import { Pause } from "./pause.js";

const STEP_KEYS = new Set([
  "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End",
]);

/** A button for those whose keyboard has no Enter; it is there while the field holds what was not sent. */
export function setButton(submit) {
  const button = element("button", "stage-button stage-set", { type: "button", hidden: "" }, "Set");
  button.addEventListener("click", submit);
  return button;
}

const KINDS = {
  range: rangeInput,
  readonly: readonlyValue,
  choice: choiceInput,
  switch: switchInput,
  text: textInput,
};

export const kindOf = (control) => (Object.hasOwn(KINDS, control.kind) ? control.kind : "readonly");

/** Makes the node of one control; `node.update(control)` fills it. */
export function makeControl(control, outbox) {
  const kind = kindOf(control);
  const ids = { input: freshId(), label: freshId(), error: freshId() };
  const input = KINDS[kind](ids, outbox);
  const native = kind !== "readonly";
  const label = element(native ? "label" : "span", "stage-label", { id: ids.label });
  if (native) label.htmlFor = ids.input;
  const help = helpButton();
  const lit = element("span", "stage-lit", { hidden: "" });
  const toggles = element("span", "stage-toggles");
  const error = element("p", "stage-error", { id: ids.error, hidden: "" });
  const head = element("div", "stage-control-head", {}, label, help.holder, lit, toggles);
  const node = element("div", "stage-control", { "data-kind": kind }, head, input.node, error);

  node.update = (now) => {
    setText(label, now.label ?? now.key);
    node.name = label.textContent;
    help.fill(now.label ?? now.key, now.help, now.more_help);
    showText(lit, now.lit);
    node.classList.toggle("stage-is-lit", Boolean(text(now.lit)));
    showText(error, now.error);
    reconcile(
      toggles,
      list(now.toggles),
      () => {
        const button = element("button", "stage-quiet", { type: "button" });
        button.addEventListener("click", () => outbox.push(button.dataset.key, null));
        return button;
      },
      (button, toggle) => {
        setText(button, toggle.label);
        setAttributes(button, {
          "data-key": text(toggle.key),
          "aria-label": `${text(toggle.label)}, ${text(now.label)}`,
          "aria-pressed": toggle.pressed ? "true" : "false",
        });
      },
    );
    const notes = [text(now.help) && help.tip.id, text(now.error) && ids.error].filter(Boolean);
    for (const field of input.fields ?? []) {
      setAttributes(field, {
        "aria-describedby": notes.join(" ") || null,
        "aria-invalid": text(now.error) ? "true" : null,
      });
    }
    input.update(now);
  };
  return node;
}

const isTyping = (field, shown) => document.activeElement === field && field.value !== shown;

/** Another text in a field; what is selected whole, to be typed over, stays selected. */
function write(field, shown) {
  if (field.value === shown) return;
  const isWhole = document.activeElement === field && field.selectionStart === 0 && field.selectionEnd === field.value.length;
  field.value = shown;
  if (isWhole) field.select();
}

/** What was typed and refused; a long text stays whole in its field, and selected, though Python tells its beginning only. */
function refused(field, { error, typed }) {
  if (!text(error) || typeof typed !== "string") return undefined;
  return typed && field.value.startsWith(typed) ? field.value : typed;
}

/**
 * A slider and a field for any number, also one beyond the slider's span.
 *
 * One movement of the hand is one commit, and so one step of undo. A browser fires `change` for
 * each step of an arrow key, and none when a drag ends where it began; a movement therefore ends
 * when the key or the pointer comes up, or the focus leaves.
 */
function rangeInput(ids, outbox) {
  const slider = element("input", "stage-slider", { type: "range", id: ids.input });
  const field = element("input", "stage-number", {
    type: "text", inputmode: "decimal", autocomplete: "off", "aria-labelledby": ids.label,
  });
  const set = setButton(() => submit());
  const node = element("div", "stage-range", {}, slider, field, set);
  field.addEventListener("input", () => (set.hidden = field.value === shown));
  let control = {};
  let keyDown = false;
  let shown = "";
  let [reached, way] = [0, 1]; // the slider's value, and where the hand went last: up or down

  const fill = () => {
    const share = (slider.value - slider.min) / (slider.max - slider.min || 1);
    slider.style.setProperty("--share", `${100 * share}%`);
  };
  const show = (value) => {
    shown = text(value);
    write(field, shown);
    field.dataset.sent = shown;
    set.hidden = true;
  };
  const move = (value) => {
    movement.start();
    [reached, way] = [value, value < reached ? -1 : 1];
    show(value);
    fill();
    outbox.push(control.key, value, "input", true);
  };
  const finish = () => {
    keyDown = false;
    movement.end();
  };
  const movement = new Pause(outbox, () => {
    outbox.push(control.key, Number(field.value), "commit", true);
    expect();
  });
  // One step up or down comes next, most likely the way that the hand goes: the answers can be here before it moves.
  const expect = () => {
    const step = (Number(control.step) || 1) * way;
    const inside = (next) => next >= (control.low ?? 0) && next <= (control.high ?? 100);
    const next = [reached + step, reached - step].map((value) => Number(value.toFixed(10)));
    outbox.expect(control.key, next.filter(inside));
  };
  for (const one of [slider, field]) one.addEventListener("focus", expect);
  node.addEventListener("pointerenter", expect);
  node.expect = expect;
  slider.addEventListener("input", () => move(Number(slider.value)));
  slider.addEventListener("keydown", (event) => (keyDown ||= STEP_KEYS.has(event.key)));
  slider.addEventListener("change", () => keyDown || finish());
  for (const kind of ["keyup", "blur", "pointerup", "pointercancel"]) {
    slider.addEventListener(kind, () => setTimeout(finish));
  }

  const submit = () => {
    if (movement.isOn) finish();
    else if (field.value !== shown) {
      const typed = field.value.trim();
      shown = field.value;
      field.dataset.sent = shown;
      set.hidden = true;
      outbox.push(control.key, typed !== "" && Number.isFinite(Number(typed)) ? Number(typed) : typed);
    }
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") submit();
    if (event.key === "Escape") show(shown);
    const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey;
    const direction = isPlain && { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!direction || !Number.isFinite(Number(field.value))) return;
    event.preventDefault();
    const value = Number(field.value) + direction * (Number(control.step) || 1);
    slider.value = value;
    move(Number(value.toFixed(10)));
  });
  field.addEventListener("keyup", (event) => STEP_KEYS.has(event.key) && finish());
  field.addEventListener("blur", submit);

  const update = (now) => {
    control = now;
    if (movement.isOn || outbox.owes(now.key)) return; // the hand is ahead of this answer
    setAttributes(slider, { min: now.low ?? 0, max: now.high ?? 100, step: now.step ?? 1 });
    const value = text(now.value);
    reached = Number(value);
    if (slider.value !== value) slider.value = value;
    setAttributes(slider, { "aria-valuetext": value || null });
    fill();
    if (!isTyping(field, shown)) show(refused(field, now) ?? value);
    if ([slider, field].includes(document.activeElement)) expect();
  };
  return { node, update, fields: [slider, field] };
}

function readonlyValue() {
  const value = element("span", "stage-readonly-value");
  const tag = element("span", "stage-tag");
  const why = element("span", "stage-why");
  const node = element("div", "stage-readonly", {}, value, tag, why);
  const update = (now) => {
    showText(value, now.value);
    showText(tag, now.tag);
    setNames(why, now.why);
    why.hidden = !text(now.why);
  };
  return { node, update };
}

function choiceInput(ids, outbox) {
  const node = element("select", "stage-select", { id: ids.input });
  let control = {};
  const optionOf = (value) => list(control.options).find((one) => text(one.value) === value);
  node.addEventListener("change", () => outbox.push(control.key, optionOf(node.value)?.value));
  const update = (now) => {
    control = now;
    reconcile(
      node,
      list(now.options),
      () => element("option"),
      (option, item) => {
        setAttributes(option, { value: text(item.value) });
        setText(option, item.label ?? item.value);
      },
      (item) => item.value,
    );
    if (!outbox.owes(now.key) && node.value !== text(now.value)) node.value = text(now.value);
  };
  return { node, update, fields: [node] };
}

function switchInput(ids, outbox) {
  const box = element("input", "stage-switch", { type: "checkbox", id: ids.input });
  const state = element("span", "stage-why", { "aria-hidden": "true" });
  const node = element("div", "stage-switch-row", {}, box, state);
  let control = {};
  const tell = () => setText(state, box.checked ? "True" : "False");
  box.addEventListener("change", () => {
    tell();
    outbox.push(control.key, box.checked);
  });
  const update = (now) => {
    control = now;
    if (!outbox.owes(now.key)) box.checked = now.value === true;
    tell();
  };
  return { node, update, fields: [box] };
}

function textInput(ids, outbox) {
  const field = element("input", "stage-text", { type: "text", id: ids.input, autocomplete: "off" });
  const set = setButton(() => submit());
  const node = element("div", "stage-line", {}, field, set);
  let control = {};
  let shown = "";
  const show = (value) => {
    shown = text(value);
    write(field, shown);
    set.hidden = true;
  };
  const submit = () => {
    if (field.value === shown) return;
    shown = field.value;
    set.hidden = true;
    outbox.push(control.key, field.value);
  };
  field.addEventListener("input", () => (set.hidden = field.value === shown));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") submit();
    if (event.key === "Escape") show(shown);
  });
  field.addEventListener("blur", submit);
  const update = (now) => {
    control = now;
    setAttributes(field, { placeholder: text(now.placeholder) || null });
    if (isTyping(field, shown) || outbox.owes(now.key)) return;
    show(refused(field, now) ?? now.value);
  };
  return { node, update, fields: [field] };
}
