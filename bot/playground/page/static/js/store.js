// What this page knows of the workspace, and how to read it.

import { get, inOrder } from "./api.js";

export const state = {
  me: "", team: "", site: "", app: {}, people: new Map(), places: new Map(), groups: new Map(),
  commands: [], shortcuts: [], steps: [], journeys: [], weather: { now: "calm", choices: [] }, clock: {}, zone: "UTC",
};

let moment = 0;
let read = 0;

let wanted = "";
const newest = inOrder();

// Read everything as someone. Whoever was asked for last is meant, however late an answer comes.
export async function load(who = wanted) {
  wanted = who;
  const found = await newest(get("state", who ? { as: who } : {}));
  if (!found || who !== wanted) return;
  Object.assign(state, found, {
    people: new Map(found.people.map((one) => [one.id, one])),
    places: new Map(found.places.map((one) => [one.id, one])),
    groups: new Map(found.groups.map((one) => [one.id, one])),
    zone: found.clock.zone,
  });
  setClock(found.clock);
}

export function setClock(clock) {
  moment = Date.parse(clock.now);
  read = performance.now();
}

export const now = () => new Date(moment + performance.now() - read);
export const me = () => state.people.get(state.me);
export const person = (id) => state.people.get(id);
export const nameOf = (id) => state.people.get(id)?.name ?? id;
export const isApp = (id) => id === state.app.user;
export const byHandle = (handle) => [...state.people.values()].find((one) => one.handle === handle);
export const appPlace = () => [...state.places.values()].find((one) => one.direct && one.others.length === 1 && isApp(one.others[0]));

export function placeName(place) {
  if (!place) return "";
  if (!place.direct) return place.name;
  return place.others.map(nameOf).join(", ") || nameOf(state.me);
}

const format = (options) => (date) => new Intl.DateTimeFormat("en-GB", { timeZone: state.zone, ...options }).format(date);
export const time = format({ hour: "2-digit", minute: "2-digit" });
export const weekday = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
export const longDay = format({ weekday: "long", day: "numeric", month: "long" });
const dayKey = format({ year: "numeric", month: "2-digit", day: "2-digit" });

export const dateOf = (ts) => new Date(Number(ts) * 1000);
export const sameDay = (one, other) => dayKey(one) === dayKey(other);

export function dayName(date) {
  const today = now();
  if (sameDay(date, today)) return "Today";
  if (sameDay(date, new Date(today.getTime() - 86400000))) return "Yesterday";
  const year = date.getFullYear() === today.getFullYear() ? "" : ` ${date.getFullYear()}`;
  return longDay(date) + year;
}
