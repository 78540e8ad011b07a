// The bar at the top: the clock, the weather, the inspector, the theme, and who one is.

import { post } from "./api.js";
import { $, avatar, h, icon, redraw } from "./dom.js";
import { toggleInspector } from "./inspector.js";
import { show } from "./menu.js";
import { me, now, setClock, state, time, weekday } from "./store.js";
import { toast } from "./toast.js";

let become = () => {};

// The buttons are made once: a new one would lose the focus, and the card that is open at it.
export function drawBar(actAs) {
  become = actAs;
  if (!$("clock")) makeBar();
  const weather = $("weather");
  weather.className = `tool weather ${state.weather.now}`;
  weather.setAttribute("aria-label", `Weather: ${skyName()}`);
  redraw(weather, icon(state.weather.now === "calm" ? "calm" : "storm"), h("span", { class: "wide" }, skyName()));
  const { id, name } = me();
  $("who").setAttribute("aria-label", `You are ${name}. Act as somebody else`);
  redraw($("who"), avatar(id, 26), h("span", { class: "wide" }, name), icon("down", 16));
  tick();
}

function makeBar() {
  const tool = (id, open) => {
    const made = h("button", { class: `tool ${id}`, type: "button", id, "aria-haspopup": "dialog", onclick: () => open(made) });
    return made;
  };
  const clock = tool("clock", openClock);
  clock.append(icon("clock"), h("span", { id: "clock-text" }));
  $("bar").replaceChildren(
    h("button", { class: "tool narrow-only", type: "button", "aria-label": "Channels and people", "aria-controls": "side", onclick: () => $("frame").classList.toggle("with-side") }, icon("menu")),
    h("a", { class: "brand", href: "/", "aria-label": `${state.team}, a playground` }, h("img", { src: "/static/icon.svg", alt: "", width: 26, height: 26 }), h("span", { class: "wide" }, h("b", {}, state.team), h("small", {}, "playground"))),
    h("span", { class: "spread" }), clock, tool("weather", openWeather),
    h("button", { class: "tool", type: "button", id: "inspect", title: "What Slack and the app say to each other", "aria-label": "Inspector", onclick: toggleInspector }, icon("traffic"), h("span", { class: "wide" }, "Inspector")),
    h("button", { class: "tool", type: "button", id: "theme", title: "Light or dark", "aria-label": "Change between light and dark", onclick: changeTheme }, icon("theme")),
    tool("who", openPeople));
}

const skyName = () => state.weather.choices.find((sky) => sky.key === state.weather.now)?.name ?? "Calm";

export function tick() {
  const text = $("clock-text");
  if (!text) return;
  const date = now();
  text.replaceChildren(h("span", { class: "wide" }, `${weekday(date)}, `), time(date));
  $("clock").setAttribute("aria-label", `The workspace’s time is ${weekday(date)}, ${time(date)}. Travel in time`);
}

export async function travel(words) {
  const found = await post("clock", { as: state.me, words });
  setClock(found);
  tick();
  toast(`It is now ${weekday(now())}, ${time(now())}.`);
}

function openClock(anchor) {
  const problem = h("p", { class: "field-error", id: "clock-problem", hidden: true });
  const field = h("input", { class: "text", type: "text", id: "clock-words", placeholder: "tomorrow 09:00", "aria-describedby": "clock-problem" });
  const card = h("form", { class: "card", popover: "auto", role: "dialog", "aria-label": "Travel in time" },
    h("h2", {}, "Travel in time"),
    h("p", {}, "The clock moves for the whole workspace and for the app. It only goes forward."),
    h("div", { class: "row" },
      ["in 1 hour", "tomorrow 09:00", "next Monday", "in 1 year"].map((words) => h("button", { class: "button small", type: "button", onclick: () => go(words) }, words[0].toUpperCase() + words.slice(1))),
      state.journeys.map((one) => h("button", { class: "button small", type: "button", title: one.words, onclick: () => go(one.words) }, one.name))),
    h("label", { class: "label", for: "clock-words" }, "Or any time or date"),
    h("div", { class: "row" }, field, h("button", { class: "button primary", type: "submit" }, "Go")), problem);
  let under = false;
  async function go(words) {
    if (under) return;
    under = true;
    problem.hidden = true;
    const going = setTimeout(() => toast("Travelling, and stopping on every day …"), 700);
    try {
      await travel(words);
      card.hidePopover();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      field.focus();
    } finally {
      clearTimeout(going);
      under = false;
    }
  }
  card.addEventListener("submit", (event) => { event.preventDefault(); go(field.value); });
  show(card, anchor);
  field.focus();
}

function openWeather(anchor) {
  const card = h("form", { class: "card", popover: "auto", role: "dialog", "aria-label": "Weather" },
    h("h2", {}, "Weather"),
    h("p", {}, "How Slack answers the app. Award something in bad weather, then let it clear: nothing gets lost."),
    h("div", { role: "radiogroup", "aria-label": "Weather" }, state.weather.choices.map((sky) => h("label", { class: "sky" },
      h("input", { type: "radio", name: "sky", value: sky.key, checked: sky.key === state.weather.now, onchange: () => set(sky.key) }),
      h("span", {}, h("b", {}, sky.name), h("small", {}, sky.text))))));
  async function set(key) {
    state.weather = await post("weather", { key });
    card.hidePopover();
  }
  show(card, anchor);
  card.querySelector("input:checked")?.focus();
}

function openPeople(anchor) {
  const role = (one) => (one.deleted ? "deactivated" : one.guest ? "guest" : one.admin ? "admin" : one.bot ? "bot" : "");
  const people = [...state.people.values()].filter((one) => !one.app && one.id !== "USLACKBOT");
  const card = h("div", { class: "card people", popover: "auto", role: "dialog", "aria-label": "Act as" },
    h("h2", {}, "Act as"),
    h("p", {}, "See and do what they can. Another window can be another person."),
    h("ul", {}, people.map((one) => h("li", {}, h("button", {
      type: "button", class: "person-row", "aria-current": one.id === state.me ? "true" : null,
      onclick: () => { card.hidePopover(); become(one.id); },
    }, avatar(one.id, 34), h("span", {}, h("b", {}, one.name, role(one) && h("span", { class: "tag" }, role(one).toUpperCase())),
      h("small", {}, one.about || one.title)), h("time", {}, one.time))))));
  show(card, anchor);
  (card.querySelector("[aria-current]") ?? card.querySelector("button")).focus();
  card.addEventListener("keydown", (event) => {
    const rows = [...card.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    rows[(rows.indexOf(document.activeElement) + step + rows.length) % rows.length].focus();
  });
}

export function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

function changeTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark");
  setTheme(dark ? "light" : "dark");
  localStorage.setItem("theme", dark ? "light" : "dark");
}
