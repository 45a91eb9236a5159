// Segmented buttons: a short row of which one is pressed. Where room is scarce, a menu instead.

import { element, list, reconcile, setAttributes, setText, text } from "./dom.js";

export function drawChoices(node, choices, outbox) {
  reconcile(
    node,
    choices,
    (choice) => (choice.menu ? makeMenu(outbox) : element("div", "stage-segments", { role: "group" })),
    (group, choice) => {
      if (choice.menu) return group.update(choice);
      setAttributes(group, { "aria-label": text(choice.label) || null });
      setAttributes(group, { "data-named": choice.named === true ? text(choice.label) : null });
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
            outbox.reveals = button.reveals; // a card that this brings onto the page
            outbox.push(choice.key, button.choice);
          });
          return button;
        },
        (button, option) => {
          button.dataset.value = text(option.value);
          button.dataset.key = `${text(choice.key)}:${text(option.value)}`;
          button.choice = option.value;
          button.reveals = text(option.reveals);
          setText(button, option.label ?? option.value);
        },
        (option) => option.value,
      );
      press(pressed);
    },
  );
}

function makeMenu(outbox) {
  const menu = element("select", "stage-select stage-menu");
  menu.addEventListener("change", () => outbox.push(menu.key, menu.value));
  menu.update = (choice) => {
    menu.key = menu.dataset.key = choice.key;
    setAttributes(menu, { "aria-label": text(choice.label) || null });
    reconcile(
      menu,
      list(choice.options),
      () => element("option"),
      (option, { value, label }) => {
        setAttributes(option, { value: text(value) });
        setText(option, label ?? value);
      },
      (option) => option.value,
    );
    if (!outbox.owes(choice.key)) menu.value = text(choice.value);
  };
  return menu;
}
