// A question mark whose tip opens on hover, focus and tap, and closes with Escape (WCAG 1.4.13). The tip may hold a
// link; Enter on the question mark goes to it, so that the Tab key stops once at each.

import { element, freshId, setAttributes, setText, showText, text } from "./dom.js";

export function helpButton() {
  const sentence = element("span", "", { id: freshId(), role: "tooltip" });
  const link = element("a", "stage-tip-more", { target: "_blank", tabindex: "-1", hidden: "" });
  const tip = element("span", "stage-tip", { popover: "manual" }, sentence, link);
  const button = element("button", "stage-help", { type: "button", "aria-describedby": sentence.id });
  button.append(element("span", "stage-help-mark", { "aria-hidden": "true" }, "?"));
  const holder = element("span", "stage-help-holder", { hidden: "" }, button, tip);

  // An older browser knows no popovers; there the tip is read, but not shown.
  const isOpen = () => Boolean(tip.showPopover) && tip.matches(":popover-open");
  const close = () => isOpen() && tip.hidePopover();
  const open = () => {
    if (!tip.showPopover || isOpen() || !button.isConnected) return;
    tip.showPopover();
    const at = button.getBoundingClientRect();
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left - 12, innerWidth - width - 8));
    // Above, so that the control it is about stays in sight.
    const top = at.top - height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${top > 8 ? top : at.bottom}px`;
  };
  // Leaving the button for the tip keeps it open.
  const leave = () =>
    setTimeout(() => {
      if (!button.matches(":hover, :focus") && !tip.matches(":hover, :focus-within")) close();
    }, 120);
  button.addEventListener("click", (event) => {
    open();
    if (event.detail === 0 && isOpen() && !link.hidden) link.focus(); // by a key; a pointer finds the link itself
  });
  for (const kind of ["pointerenter", "focus"]) button.addEventListener(kind, open);
  for (const kind of ["pointerleave", "blur"]) button.addEventListener(kind, leave);
  tip.addEventListener("pointerleave", leave);
  link.addEventListener("blur", leave);
  holder.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.activeElement === link) button.focus();
    close();
  });

  const fill = (label, words, more) => {
    setText(sentence, words);
    showText(link, more?.label);
    setAttributes(link, { href: text(more?.address) || null });
    setAttributes(button, { "aria-label": `About ${text(label)}` });
    holder.hidden = !text(words);
  };
  return { holder, tip: sentence, fill };
}
