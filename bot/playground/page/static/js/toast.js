// Short notes at the edge of the page.

import { $, h, icon } from "./dom.js";

export function toast(text, kind = "", detail = "") {
  const box = $("toasts");
  const note = h("div", { class: `toast ${kind}` },
    h("div", {}, h("strong", {}, text), detail && h("div", { class: "toast-detail" }, detail)),
    h("button", { class: "plain", "aria-label": "Dismiss", onclick: () => drop(note) }, icon("close", 16)));
  while (box.children.length > 2) box.firstChild.remove();
  box.append(note);
  // Showing it again puts it above a dialog that was opened since.
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
  setTimeout(() => drop(note), kind === "bad" ? 9000 : 5000);
}

function drop(note) {
  note.remove();
  const box = $("toasts");
  if (!box.children.length && box.matches(":popover-open")) box.hidePopover();
}
