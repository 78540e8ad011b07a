// The panel at the right: one thing at a time, a thread, a person or the inspector.

import { $, h, icon } from "./dom.js";

let closing = null;
let opener = null;
let shown = "";

export const panelShows = () => shown;

export function openPanel(name, title, content, onClose = null) {
  if (shown && shown !== name) closing?.();
  if (!shown) opener = document.activeElement;
  shown = name;
  closing = onClose;
  const panel = $("panel");
  panel.className = `panel panel-${name}`;
  panel.setAttribute("aria-label", title);
  panel.replaceChildren(
    h("header", { class: "panel-head" }, h("h2", {}, title),
      h("button", { class: "plain", type: "button", "aria-label": `Close ${title.toLowerCase()}`, onclick: closePanel }, icon("close"))),
    content);
  panel.hidden = false;
  $("frame").classList.add("with-panel");
}

export function closePanel() {
  if (!shown) return;
  closing?.();
  closing = null;
  shown = "";
  $("panel").hidden = true;
  $("frame").classList.remove("with-panel");
  if (opener?.isConnected) opener.focus();
  else $("composer-text")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && $("panel").contains(document.activeElement)) closePanel();
});
