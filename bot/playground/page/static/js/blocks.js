// Draws Block Kit. What it cannot draw it shows as an error, so that nothing is silently missing.
//
// `context` says where: { surface, use(block, element, value, how), suggest(block, element, text),
// entered(block, element) }.

import { h, newId } from "./dom.js";
import { drawElement } from "./elements.js";
import { mrkdwn, textObject } from "./mrkdwn.js";
import { markdown } from "./markdown.js";
import { richText } from "./richtext.js";

export const drawBlocks = (blocks, context) => blocks.map((block) => drawBlock(block, context));

export function drawBlock(block, context) {
  const draw = Object.hasOwn(BLOCKS, block.type) ? BLOCKS[block.type] : null;
  const node = draw ? draw(block, context) : cannotDraw("block", block);
  node.dataset.block = block.block_id ?? "";
  return node;
}

export function cannotDraw(what, object) {
  return h("div", { class: "unknown", role: "note" },
    h("strong", {}, `Cannot draw the ${what} “${object?.type ?? "without a type"}”`),
    h("pre", {}, JSON.stringify(object, null, 2)));
}

const BLOCKS = {
  section(block, context) {
    const words = h("div", { class: "section-words" });
    if (block.text) words.append(h("div", {}, ...textObject(block.text)));
    if (block.fields) {
      words.append(h("div", { class: "fields" }, block.fields.map((field) => h("div", {}, ...textObject(field)))));
    }
    const aside = block.accessory &&
      h("div", { class: "accessory" }, drawElement(block, block.accessory, context));
    return h("div", { class: "block section" }, words, aside);
  },

  actions: (block, context) => h("div", { class: "block actions" },
    block.elements.map((element) => drawElement(block, element, context))),

  context_actions: (block, context) => h("div", { class: "block actions quiet" },
    block.elements.map((element) => drawElement(block, element, context))),

  divider: () => h("hr", { class: "block" }),

  header: (block) => h("h3", { class: "block header" }, ...textObject(block.text)),

  context: (block) => h("div", { class: "block context" },
    block.elements.map((element) => (element.type === "image"
      ? picture(element, "context-image")
      : element.type === "mrkdwn" || element.type === "plain_text"
        ? h("span", {}, ...textObject(element))
        : cannotDraw("element", element)))),

  image: (block) => h("figure", { class: "block image" },
    block.title && h("figcaption", {}, ...textObject(block.title)), picture(block, "block-image")),

  input(block, context) {
    const id = newId("field");
    const kind = block.element.type;
    const several = kind === "checkboxes" || kind === "radio_buttons";
    const control = drawElement(block, block.element, { ...context, labelledBy: `${id}-label`, id });
    const label = [...textObject(block.label), block.optional && h("span", { class: "optional" }, " (optional)")];
    return h("div", { class: "block input", role: several ? "group" : null, "aria-labelledby": several ? `${id}-label` : null },
      h(several ? "div" : "label", { class: "label", id: `${id}-label`, for: several ? null : id }, label),
      control,
      h("p", { class: "field-error", id: `${id}-error`, hidden: true }),
      block.hint && h("p", { class: "hint" }, ...textObject(block.hint)));
  },

  rich_text: (block) => h("div", { class: "block rich" }, richText(block)),

  markdown: (block) => h("div", { class: "block markdown" }, markdown(block.text)),

  video: (block) => h("figure", { class: "block video" },
    h("figcaption", {},
      h("a", { href: block.title_url ?? block.video_url, target: "_blank", rel: "noreferrer noopener" }, ...textObject(block.title)),
      block.author_name && ` · ${block.author_name}`),
    picture({ image_url: block.thumbnail_url, alt_text: block.alt_text }, "block-image"),
    block.description && h("p", {}, ...textObject(block.description))),

  file: (block) => h("div", { class: "block file" }, `Remote file ${block.external_id}`),

  table(block) {
    const settings = block.column_settings ?? [];
    const cell = (one, column, tag) => h(tag, { class: `align-${settings[column]?.align ?? "left"}` },
      one.type === "rich_text" ? richText(one) : one.type === "raw_text" ? one.text : cannotDraw("cell", one));
    const [first, ...rest] = block.rows;
    return h("div", { class: "block table", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {},
      h("thead", {}, h("tr", {}, first.map((one, column) => cell(one, column, "th")))),
      h("tbody", {}, rest.map((row) => h("tr", {}, row.map((one, column) => cell(one, column, "td")))))));
  },
};

const HERE = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\//;

export function picture(object, name) {
  const file = object.slack_file;
  const id = file?.id ?? /-(F[A-Z0-9]+)\//.exec(file?.url ?? "")?.[1];
  const source = id ? `/page/files/${id}` : object.image_url;
  if (!id && !HERE.test(source ?? "")) {
    return h("div", { class: "not-loaded" }, h("span", {}, object.alt_text), h("small", {}, "A picture from elsewhere; nothing is loaded from outside this machine."));
  }
  const image = h("img", { class: name, src: source, alt: object.alt_text, loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(
    h("div", { class: "not-loaded" }, h("span", {}, object.alt_text), h("small", {}, "The picture did not load."))));
  return image;
}

export function drawAttachment(attachment, context) {
  return h("div", { class: "attachment" },
    attachment.pretext && h("div", {}, ...mrkdwn(attachment.pretext)),
    attachment.title && h("strong", {}, attachment.title),
    attachment.text && h("div", {}, ...mrkdwn(attachment.text)),
    attachment.blocks && drawBlocks(attachment.blocks, context));
}
