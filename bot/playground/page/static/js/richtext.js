// Slack's rich_text, as messages carry it.

import { h } from "./dom.js";
import { EMOJI } from "./emoji.js";
import { link, mention } from "./mrkdwn.js";
import { state } from "./store.js";

export function richText(block) {
  return (block.elements ?? []).map(part);
}

function part(element) {
  switch (element.type) {
    case "rich_text_section": return h("div", {}, inside(element));
    case "rich_text_preformatted": return h("pre", {}, inside(element));
    case "rich_text_quote": return h("blockquote", {}, inside(element));
    case "rich_text_list": return h(element.style === "ordered" ? "ol" : "ul", { class: `indent-${element.indent ?? 0}` },
      element.elements.map((item) => h("li", {}, inside(item))));
    default: return h("div", { class: "unknown" }, `Cannot draw the rich text “${element.type}”`);
  }
}

const inside = (element) => (element.elements ?? []).map(leaf);

function leaf(element) {
  switch (element.type) {
    case "text": return styled(element.text, element.style);
    case "link": return link(element.url, element.text || element.url);
    case "user": return mention(element.user_id);
    case "usergroup": return h("span", { class: "chip" }, `@${state.groups.get(element.usergroup_id)?.handle ?? "group"}`);
    case "channel": return h("span", { class: "chip" }, `#${state.places.get(element.channel_id)?.name ?? "channel"}`);
    case "broadcast": return h("span", { class: "chip loud" }, `@${element.range}`);
    case "emoji": return EMOJI.get(element.name) ?? `:${element.name}:`;
    case "date": return element.fallback ?? new Date(element.timestamp * 1000).toLocaleString("en-GB");
    case "color": return h("code", {}, element.value);
    default: return h("span", { class: "unknown" }, `Cannot draw “${element.type}”`);
  }
}

function styled(text, style = {}) {
  let node = text;
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) {
    if (style[name]) node = h(tag, {}, node);
  }
  return node;
}
