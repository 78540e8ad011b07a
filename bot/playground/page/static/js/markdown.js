// The `markdown` block: headings, lists, quotes, code, bold, italic, links; the rest as text.

import { h } from "./dom.js";
import { link } from "./mrkdwn.js";

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((\S+?)\)|~~([^~]+)~~/g;

function inline(text) {
  const made = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    made.push(text.slice(from, found.index));
    const [all, code, bold, bold2, italic, label, url, gone] = found;
    if (code) made.push(h("code", {}, code));
    else if (bold ?? bold2) made.push(h("strong", {}, inline(bold ?? bold2)));
    else if (italic) made.push(h("em", {}, italic));
    else if (label) made.push(link(url, label));
    else if (gone) made.push(h("s", {}, gone));
    from = found.index + all.length;
  }
  made.push(text.slice(from));
  return made;
}

export function markdown(text) {
  const made = [];
  let list = null;
  let code = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) {
      if (code) code = null;
      else made.push((code = h("pre")));
      continue;
    }
    if (code) {
      code.append(`${line}\n`);
      continue;
    }
    const item = /^\s*(?:[-*]|(\d+)\.)\s+(.*)$/.exec(line);
    if (item) {
      const tag = item[1] ? "ol" : "ul";
      if (list?.localName !== tag) made.push((list = h(tag)));
      list.append(h("li", {}, inline(item[2])));
      continue;
    }
    list = null;
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    const quote = /^>\s?(.*)$/.exec(line);
    if (heading) made.push(h("h4", {}, inline(heading[2])));
    else if (quote) made.push(h("blockquote", {}, inline(quote[1])));
    else if (/^(---|\*\*\*)\s*$/.test(line)) made.push(h("hr"));
    else if (line.trim()) made.push(h("p", {}, inline(line)));
  }
  return made;
}
