// The guided start: a few steps above the composer, until they are done or dismissed.

import { $, h, icon, redraw } from "./dom.js";
import { onExchange } from "./inspector.js";
import { state } from "./store.js";
import { travel } from "./bar.js";
import { toast } from "./toast.js";

const KEY = "guide";
let done = new Set(JSON.parse(sessionStorage.getItem(KEY) ?? "[]"));
let fill = () => {};

export function startGuide(fillIn) {
  fill = fillIn;
  onExchange((one) => {
    if (one.direction === "to_app" && one.status === 200) finish(one.name);
  });
}

export function finish(name) {
  const step = state.steps.find((one, at) => one.done === name && !done.has(at));
  if (!step || done.has("dismissed")) return;
  done.add(state.steps.indexOf(step));
  keep();
}

function keep() {
  sessionStorage.setItem(KEY, JSON.stringify([...done]));
  drawGuide();
}

export function drawGuide() {
  const holder = $("guide");
  const { steps } = state;
  if (!steps.length || done.has("dismissed")) return holder.replaceChildren();
  const focused = holder.contains(document.activeElement);
  const current = steps.findIndex((_, at) => !done.has(at));
  const dismiss = (words) => h("button", { class: "plain guide-close", type: "button", "aria-label": words, onclick: () => { done.add("dismissed"); keep(); $("composer-text").focus(); } }, icon("close", 16));
  if (current < 0) {
    redraw(holder, h("section", { class: "guide", "aria-label": "First steps" },
      h("p", { class: "guide-words" }, h("b", {}, "That was the tour. "), "Everything else is yours to try: be somebody else, make the weather bad, or travel further."), dismiss("Close the tour")));
    if (focused) holder.querySelector("button").focus();
    return undefined;
  }
  const step = steps[current];
  const button = h("button", { class: "button primary small", type: "button", onclick: () => run(step) }, step.button);
  redraw(holder, h("section", { class: "guide", "aria-label": "First steps" },
    h("ol", { class: "guide-steps" }, steps.map((one, at) => h("li", { class: done.has(at) ? "done" : at === current ? "current" : "", "aria-current": at === current ? "step" : null },
      h("span", { class: "number" }, done.has(at) ? icon("check", 13) : String(at + 1)), h("span", {}, one.title)))),
    h("p", { class: "guide-words" }, step.text), button, dismiss("Dismiss the tour")));
  if (focused && !holder.contains(document.activeElement)) holder.querySelector("button").focus();
  return undefined;
}

async function run(step) {
  if (step.fill) return fill(step);
  try {
    await travel(step.travel);
  } catch (error) {
    toast(error.message, "bad");
  }
  return undefined;
}
