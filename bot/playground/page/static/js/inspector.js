// What Slack and the app say to each other, the latest first.

import { get } from "./api.js";
import { arrange, h } from "./dom.js";
import { closePanel, openPanel, panelShows } from "./panel.js";
import { state } from "./store.js";
import { toast } from "./toast.js";

const KEPT = 400;
const EXPECTED = new Set(["ratelimited"]);
let exchanges = [];
let last = 0;
let view = null;
const listeners = [];

export const onExchange = (listener) => listeners.push(listener);

export async function followTraffic() {
  const first = last === 0;
  const found = await get("traffic", { after: last });
  if (found.last <= last) return;
  const fresh = found.exchanges.filter((one) => one.number > last);
  last = found.last;
  exchanges = [...exchanges, ...fresh].slice(-KEPT);
  if (!first) {
    for (const one of fresh) {
      refusal(one);
      listeners.forEach((listener) => listener(one));
    }
  }
  if (view) draw();
}

// A payload that Slack refuses is told at once, with the rule it broke.
function refusal(one) {
  if (one.broken.length) toast(`Slack refused ${one.name}: ${one.error ?? "the answer"}`, "bad", one.broken.slice(0, 3).join("\n"));
  else if (one.error && !EXPECTED.has(one.error) && state.weather.now === "calm") toast(`Slack answered ${one.name} with ${one.error}`, "bad");
}

export function toggleInspector() {
  if (panelShows() === "inspector") return closePanel();
  const filter = h("input", { class: "text", type: "search", placeholder: "Filter by name or content", "aria-label": "Filter", oninput: draw });
  const way = h("select", { class: "text", "aria-label": "Which", onchange: draw },
    h("option", { value: "" }, "Everything"), h("option", { value: "to_app" }, `Slack to ${state.app.name}`),
    h("option", { value: "to_slack" }, `${state.app.name} to Slack`), h("option", { value: "refused" }, "Refused or failed"));
  const list = h("div", { class: "exchanges", tabindex: "0", role: "region", "aria-label": "Requests" });
  const clear = h("button", { class: "button small", type: "button", onclick: () => { exchanges = []; draw(); } }, "Clear");
  view = { filter, way, list, drawn: new Map() };
  openPanel("inspector", "Inspector", h("div", { class: "inspector" }, h("div", { class: "row" }, filter, way, clear), list), () => { view = null; });
  draw();
  filter.focus();
  return undefined;
}

const failed = (one) => one.status === null || one.status >= 300 || one.error || one.broken.length > 0;

function fits(one) {
  const way = view.way.value;
  if (way === "refused" ? !failed(one) : way && one.direction !== way) return false;
  const wanted = view.filter.value.trim().toLowerCase();
  return !wanted || `${one.name} ${JSON.stringify(one.request)} ${JSON.stringify(one.answer)}`.toLowerCase().includes(wanted);
}

function draw() {
  const shown = exchanges.filter(fits).reverse();
  const rows = shown.map((one) => {
    if (!view.drawn.has(one.number)) view.drawn.set(one.number, row(one));
    return view.drawn.get(one.number);
  });
  arrange(view.list, rows.length ? rows : [h("p", { class: "nothing" }, "Nothing yet. Type a command and look here.")]);
}

function row(one) {
  const toApp = one.direction === "to_app";
  const status = one.status ?? "none";
  const body = h("div", { class: "exchange-body" });
  const node = h("details", { class: `exchange ${failed(one) ? "failed" : ""}` },
    h("summary", {},
      h("span", { class: `way ${one.direction}` }, toApp ? `Slack → ${state.app.name}` : `${state.app.name} → Slack`),
      h("b", {}, one.name),
      h("span", { class: "status" }, one.error ?? String(status)),
      h("span", { class: "ms" }, `${one.ms} ms`)), body);
  node.addEventListener("toggle", () => {
    if (!node.open || body.children.length) return;
    body.append(...[
      h("p", { class: "at" }, `${one.at.slice(0, 19).replace("T", " ")} UTC${one.note ? ` · ${one.note}` : ""}`),
      one.broken.length > 0 && h("div", { class: "broken" }, h("b", {}, "Broken rules"), h("ul", {}, one.broken.map((rule) => h("li", {}, rule)))),
      h("h3", {}, toApp ? "Slack asked" : `${state.app.name} asked`), json(one.request),
      h("h3", {}, toApp ? `${state.app.name} answered` : "Slack answered"), json(one.answer),
    ].filter(Boolean));
  });
  return node;
}

// JSON in colours, made of text nodes.
function json(value) {
  if (value === null || value === "") return h("p", { class: "nothing" }, "Nothing");
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const box = h("pre", { class: "json", tabindex: "0" });
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?/g;
  let from = 0;
  for (const found of text.matchAll(token)) {
    box.append(text.slice(from, found.index));
    const kind = found[2] ? "key" : found[1] ? "string" : "value";
    box.append(h("span", { class: kind }, found[1] ?? found[0]), found[2] ?? "");
    from = found.index + found[0].length;
  }
  box.append(text.slice(from));
  return box;
}
