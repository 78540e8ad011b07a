// A person's card in the side panel.

import { avatar, h } from "./dom.js";
import { openPanel } from "./panel.js";
import { person, state } from "./store.js";

export function openPerson(id, { message, become, fill }) {
  const one = person(id);
  if (!one) return;
  const since = one.start_date && new Date(`${one.start_date}T12:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  const fact = (name, value) => value && h("div", {}, h("dt", {}, name), h("dd", {}, value));
  openPanel("person", "Profile", h("div", { class: "person" },
    avatar(id, 160),
    h("h3", {}, one.name),
    h("p", { class: "title" }, one.title),
    h("dl", {}, fact("Member name", `@${one.handle}`), fact("Local time", `${one.time} (${one.tz.replaceAll("_", " ")})`),
      fact("Here since", since), fact("Good to know", one.deleted ? "Deactivated: can no longer sign in" : one.about)),
    h("div", { class: "row" },
      id !== state.me && !one.deleted && h("button", { class: "button", type: "button", onclick: () => message(id) }, "Message"),
      !one.app && id !== "USLACKBOT" && id !== state.me && h("button", { class: "button", type: "button", onclick: () => become(id) }, `Act as ${one.name.split(" ")[0]}`),
      !one.app && id !== "USLACKBOT" && state.commands.some((command) => command.name === "/badges")
        && h("button", { class: "button", type: "button", onclick: () => fill(`/badges @${one.handle}`) }, "Badges"))));
}
