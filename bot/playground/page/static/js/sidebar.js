// The list of channels, direct messages and apps.

import { $, avatar, h, icon, redraw } from "./dom.js";
import { appPlace, isApp, placeName, state } from "./store.js";

const seenKey = () => `seen ${state.me}`;
const seen = () => JSON.parse(sessionStorage.getItem(seenKey()) ?? "null");

// What was there when one first looked as someone counts as read.
export function markSeen(id) {
  const known = seen() ?? Object.fromEntries([...state.places.values()].map((place) => [place.id, place.latest]));
  if (id) known[id] = state.places.get(id)?.latest ?? "";
  sessionStorage.setItem(seenKey(), JSON.stringify(known));
}

const unread = (place) => Boolean(place.latest) && place.latest > (seen()?.[place.id] ?? "");

export function drawSidebar(here) {
  if (state.people.get(state.me).deleted) return $("side").replaceChildren();
  const places = [...state.places.values()].filter((place) => place.inside || !place.direct);
  const channels = places.filter((place) => !place.direct && !place.archived);
  const directs = places.filter((place) => place.direct && !place.others.some(isApp));
  const known = new Set(directs.flatMap((place) => place.others));
  const others = [...state.people.values()].filter((one) => one.id !== state.me && !one.app && one.id !== "USLACKBOT" && !one.deleted && !known.has(one.id) && !one.bot);
  const app = appPlace();
  return redraw($("side"),
    section("Channels", channels.map((place) => row(`#channel=${place.id}`, icon(place.private ? "lock" : "hash", 17), place.name, here.channel === place.id, unread(place)))),
    section("Direct messages", [
      ...directs.map((place) => row(`#channel=${place.id}`, avatar(place.others[0], 20), placeName(place), here.channel === place.id, unread(place))),
      ...others.slice(0, Math.max(0, 5 - directs.length)).map((one) => row(`#direct=${one.id}`, avatar(one.id, 20), one.name, false, false)),
    ]),
    section("Apps", state.app.home
      ? [row("#home", avatar(state.app.user, 20), state.app.name, here.home, false), messagesRow(app, here, icon("chat", 17), "Messages")]
      : [messagesRow(app, here, avatar(state.app.user, 20), state.app.name)]));
}

function messagesRow(app, here, sign, name) {
  const current = Boolean(app) && here.channel === app.id && !here.home;
  return row(app ? `#channel=${app.id}` : "#app", sign, name, current, Boolean(app) && unread(app));
}

function section(title, rows) {
  return h("section", { class: "side-section" }, h("h2", {}, title), h("ul", {}, rows));
}

function row(href, sign, name, current, isUnread) {
  return h("li", {}, h("a", { href, class: `place ${isUnread ? "unread" : ""}`, "aria-current": current ? "page" : null },
    sign, h("span", { class: "place-name" }, name), isUnread && h("span", { class: "dot", role: "img", "aria-label": "new messages" })));
}
