// Slack's mrkdwn as elements. Everything becomes a text node or an element made here, so nothing
// that an app or a person wrote is ever read as HTML.

import { h } from "./dom.js";
import { EMOJI, withEmoji } from "./emoji.js";
import { person, state } from "./store.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const decode = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
const MARKS = { "*": "strong", _: "em", "~": "s" };
const TOKEN = /`[^`\n]+`|<[^<>\n]+>|:[a-z0-9_+-]+:|[*_~]|https?:\/\/[^\s<>|]+/g;
const WORD = /[\p{L}\p{N}]/u;

export function mrkdwn(text, { verbatim = false } = {}) {
  const parts = String(text ?? "").split("```");
  return parts.flatMap((part, place) => {
    if (place % 2 && place < parts.length - 1) {
      return [h("pre", {}, decode(part.replace(/^\n|\n$/g, "")))];
    }
    return lines(place % 2 ? `\`\`\`${part}` : part, verbatim);
  });
}

export const plain = (text) => [withEmoji(String(text ?? ""))];

export function textObject(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, { verbatim: object.verbatim });
  return object.emoji === false ? [object.text] : plain(object.text);
}

function lines(text, verbatim) {
  const made = [];
  let quoted = null;
  const all = text.split("\n");
  all.forEach((line, place) => {
    const quote = /^(?:&gt;|>)\s?(.*)$/s.exec(line);
    if (quote) {
      if (!quoted) made.push((quoted = h("blockquote")));
      else quoted.append(h("br"));
      quoted.append(...inline(quote[1], verbatim));
      return;
    }
    if (!quoted && place > 0) made.push(h("br"));
    quoted = null;
    made.push(...inline(line, verbatim));
  });
  return made;
}

function inline(text, verbatim) {
  const made = [];
  let from = 0;
  const say = (until) => { if (until > from) made.push(decode(text.slice(from, until))); };
  TOKEN.lastIndex = 0;
  for (const found of [...text.matchAll(TOKEN)]) {
    const at = found.index;
    if (at < from) continue;
    const [token] = found;
    let node = null;
    let end = at + token.length;
    if (token[0] === "`") node = h("code", {}, decode(token.slice(1, -1)));
    else if (token[0] === "<") node = reference(token.slice(1, -1));
    else if (token[0] === ":") node = EMOJI.has(token.slice(1, -1)) ? EMOJI.get(token.slice(1, -1)) : null;
    else if (MARKS[token]) {
      const close = closing(text, at);
      if (close > 0) {
        node = h(MARKS[token], {}, ...inline(text.slice(at + 1, close), verbatim));
        end = close + 1;
      }
    } else if (!verbatim) node = link(decode(token), decode(token));
    if (node === null) continue;
    say(at);
    made.push(node);
    from = end;
  }
  say(text.length);
  return made;
}

// Formatting opens at the edge of a word and closes at one: snake_case stays as it is, and so does
// what has a space, even one of no width, within its marks.
const SPACE = /[\s\u200b]/;

function closing(text, at) {
  const mark = text[at];
  if (at > 0 && WORD.test(text[at - 1])) return -1;
  if (at + 1 >= text.length || SPACE.test(text[at + 1]) || text[at + 1] === mark) return -1;
  for (let end = text.indexOf(mark, at + 2); end > 0; end = text.indexOf(mark, end + 1)) {
    if (!SPACE.test(text[end - 1]) && !WORD.test(text[end + 1] ?? "")) return end;
  }
  return -1;
}

function reference(inside) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target[0] === "@") return mention(target.slice(1), label);
  if (target[0] === "#") {
    const place = state.places.get(target.slice(1));
    return h("a", { class: "chip", href: `#channel=${target.slice(1)}`, "data-channel": target.slice(1) },
      `#${decode(label || place?.name || "private channel")}`);
  }
  if (target.startsWith("!subteam^")) {
    const group = state.groups.get(target.slice(9));
    return h("span", { class: "chip" }, label ? decode(label) : `@${group?.handle ?? "group"}`);
  }
  if (target.startsWith("!date^")) return slackDate(target, label);
  if (target[0] === "!") return h("span", { class: "chip loud" }, `@${label || target.slice(1)}`);
  return link(decode(target), decode(label || target.replace(/^mailto:/, "")));
}

export function mention(id, label) {
  const found = person(id);
  const name = found ? found.name : decode(label || id);
  return h("a", { class: id === state.me ? "chip mine" : "chip", href: `#person=${id}`, "data-person": id }, `@${name}`);
}

export function link(url, label) {
  if (!/^(https?:|mailto:)/i.test(url)) return label;
  if (state.site && url.startsWith(`${state.site}archives/`)) {
    return h("a", { href: url, "data-permalink": url }, label);
  }
  return h("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, label);
}

function slackDate(target, fallback) {
  const [, stamp, pattern] = target.split("^");
  const date = new Date(Number(stamp) * 1000);
  if (Number.isNaN(date.getTime()) || !pattern) return decode(fallback ?? target);
  const say = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: state.zone, ...options }).format(date);
  const clock = say({ hour: "2-digit", minute: "2-digit" });
  const day = say({ day: "numeric", month: "long", year: "numeric" });
  const words = pattern
    .replace(/\{time(?:_secs)?\}/g, clock)
    .replace(/\{date_num\}/g, say({ year: "numeric", month: "2-digit", day: "2-digit" }))
    .replace(/\{date_short(?:_pretty)?\}/g, say({ day: "numeric", month: "short", year: "numeric" }))
    .replace(/\{date(?:_long|_pretty|_long_pretty)?\}/g, day);
  return h("time", { datetime: date.toISOString() }, decode(words));
}
