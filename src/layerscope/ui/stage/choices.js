// Segmented buttons: a short row of which one is pressed.

import { element, list, reconcile, setAttributes, setText, text } from "./dom.js";

export function drawChoices(node, choices, outbox) {
  reconcile(
    node,
    choices,
    () => element("div", "stage-segments", { role: "group" }),
    (group, choice) => {
      setAttributes(group, { "aria-label": text(choice.label) || null });
      // What the hand pressed last stands until Python has answered it.
      const pressed = outbox.owes(choice.key) ? group.pressed : text(choice.value);
      const press = (value) => {
        group.pressed = value;
        for (const button of group.children) {
          setAttributes(button, { "aria-pressed": String(button.dataset.value === value) });
        }
      };
      reconcile(
        group,
        list(choice.options),
        () => {
          const button = element("button", "stage-segment", { type: "button" });
          button.addEventListener("click", () => {
            press(button.dataset.value);
            outbox.push(choice.key, button.choice);
          });
          return button;
        },
        (button, option) => {
          button.dataset.value = text(option.value);
          button.choice = option.value;
          setText(button, option.label ?? option.value);
        },
        (option) => option.value,
      );
      press(pressed);
    },
  );
}
