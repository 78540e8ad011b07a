// Small menus and cards that open at a button.

import { h } from "./dom.js";

// Put an open popover below its anchor, or above it where there is more room.
export function place(popover, anchor, sameWidth = false) {
  const at = anchor.getBoundingClientRect();
  if (sameWidth) popover.style.width = `${Math.max(at.width, 220)}px`;
  const own = popover.getBoundingClientRect();
  const below = window.innerHeight - at.bottom;
  const above = below < own.height + 12 && at.top > below;
  popover.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - own.width - 8))}px`;
  popover.style.top = above ? `${Math.max(8, at.top - own.height - 4)}px` : `${at.bottom + 4}px`;
}

export function openMenu(anchor, items) {
  const menu = h("div", { class: "menu", role: "menu", popover: "auto" }, items.map((item) => h("button", {
    role: "menuitem", type: "button", class: item.danger ? "danger-text" : "", tabindex: "-1",
    onclick: () => { menu.hidePopover(); item.run(); },
  }, item.label)));
  show(menu, anchor);
  const buttons = [...menu.children];
  menu.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      buttons[(at + step + buttons.length) % buttons.length].focus();
    } else if (event.key === "Tab") menu.hidePopover();
  });
  buttons[0]?.focus();
}

// Show something at a button until Escape or a click elsewhere; focus goes back to the button.
export function show(popover, anchor) {
  (anchor.closest("dialog") ?? document.body).append(popover);
  popover.showPopover();
  place(popover, anchor);
  anchor.setAttribute("aria-expanded", "true");
  popover.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    const inside = popover.contains(document.activeElement) || document.activeElement === document.body;
    if (inside) anchor.focus();
    setTimeout(() => popover.remove());
  });
}
