// The question before an act that an app wants confirmed.

import { h } from "./dom.js";
import { textObject } from "./mrkdwn.js";

export function confirmed(object) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "dialog small", "aria-label": object.title.text },
      h("h2", {}, ...textObject(object.title)),
      h("p", {}, ...textObject(object.text)),
      h("div", { class: "dialog-foot" },
        h("button", { class: "button", type: "button", onclick: () => dialog.close("no") }, ...textObject(object.deny)),
        h("button", { class: `button ${object.style ?? "primary"}`, type: "button", onclick: () => dialog.close("yes") }, ...textObject(object.confirm))));
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
