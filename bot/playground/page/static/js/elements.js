// Draws what people press, choose and fill in.

import { upload } from "./api.js";
import { cannotDraw, picture } from "./blocks.js";
import { confirmed } from "./confirm.js";
import { h, icon, newId } from "./dom.js";
import { openMenu } from "./menu.js";
import { plain, textObject } from "./mrkdwn.js";
import { drawPicker } from "./picker.js";
import { state } from "./store.js";

export function drawElement(block, element, context) {
  const draw = Object.hasOwn(ELEMENTS, element.type) ? ELEMENTS[element.type] : null;
  const node = draw ? draw(block, element, context) : cannotDraw("element", element);
  if (element.action_id) node.dataset.action = element.action_id;
  return node;
}

// Tell the app, after asking where the element wants to be asked about.
async function use(block, element, context, value, how = {}) {
  if (element.confirm && !(await confirmed(element.confirm))) return { failed: true };
  return context.use(block, element, value, how);
}

const placeholder = (element, words) => element.placeholder?.text ?? words;
const dispatches = (block, context) => block.type !== "input" || block.dispatch_action || context.surface === "message";

function button(block, element, context) {
  const node = h(element.url ? "a" : "button", {
    class: `button ${element.style ?? ""}`,
    type: element.url ? null : "button",
    href: element.url, target: element.url && "_blank", rel: element.url && "noreferrer noopener",
    "aria-label": element.accessibility_label,
  }, ...textObject(element.text));
  node.addEventListener("click", async () => {
    if (node.getAttribute("aria-busy")) return;
    node.setAttribute("aria-busy", "true");
    await use(block, element, context, null);
    node.removeAttribute("aria-busy");
  });
  return node;
}

function overflow(block, element, context) {
  const node = h("button", { class: "button more", type: "button", "aria-label": "More actions", "aria-haspopup": "menu" }, icon("more"));
  node.addEventListener("click", () => openMenu(node, element.options.map((option) => ({
    label: option.text.text,
    run: () => {
      if (option.url) window.open(option.url, "_blank", "noreferrer");
      return use(block, element, context, option.value ?? option.text.text);
    },
  }))));
  return node;
}

function choices(block, element, context) {
  const many = element.type === "checkboxes";
  const entered = context.entered(block, element);
  const chosen = new Set((many ? entered?.selected_options ?? [] : [entered?.selected_option]).filter(Boolean).map((one) => one.value));
  const name = newId("choice");
  const box = h("div", { class: "choices", role: many ? null : "radiogroup", "aria-labelledby": many ? null : context.labelledBy });
  for (const option of element.options) {
    const id = newId("option");
    const input = h("input", { type: many ? "checkbox" : "radio", name, id, value: option.value, checked: chosen.has(option.value) });
    input.addEventListener("change", () => {
      const now = [...box.querySelectorAll("input:checked")].map((one) => one.value);
      use(block, element, context, many ? now : now[0], { quietly: !dispatches(block, context) });
    });
    box.append(h("div", { class: "choice" }, input, h("label", { for: id },
      h("span", {}, ...textObject(option.text)),
      option.description && h("small", {}, ...textObject(option.description)))));
  }
  return box;
}

function field(type, block, element, context) {
  const long = element.multiline;
  const node = h(long ? "textarea" : "input", {
    class: "text", id: context.id, type: long ? null : type, rows: long ? 4 : null,
    maxlength: element.max_length, placeholder: placeholder(element, ""),
    step: element.is_decimal_allowed ? "any" : null, min: element.min_value, max: element.max_value,
    "aria-label": context.id ? null : placeholder(element, "Text"),
  });
  node.value = context.entered(block, element)?.value ?? "";
  node.dataset.text = "true";
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const tell = () => use(block, element, context, node.value);
  if (!dispatches(block, context)) return node;
  if (on.includes("on_character_entered")) {
    let timer = 0;
    node.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(tell, 250); });
  }
  if (on.includes("on_enter_pressed")) {
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      tell();
    });
  }
  return node;
}

function picked(type, key, block, element, context) {
  const node = h("input", { class: "text short", type, id: context.id, "aria-label": context.id ? null : placeholder(element, "Date") });
  node.value = context.entered(block, element)?.[key] ?? "";
  node.addEventListener("change", () => use(block, element, context, node.value || null, { quietly: !dispatches(block, context) }));
  return node;
}

function dateAndTime(block, element, context) {
  const node = h("input", { class: "text short", type: "datetime-local", id: context.id, "aria-label": context.id ? null : "Date and time" });
  const seconds = context.entered(block, element)?.selected_date_time;
  if (seconds) node.value = new Date(seconds * 1000 - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  node.addEventListener("change", () => use(block, element, context,
    node.value ? Math.floor(new Date(node.value).getTime() / 1000) : null, { quietly: !dispatches(block, context) }));
  return node;
}

function fileInput(block, element, context) {
  const list = h("ul", { class: "files" });
  const input = h("input", { type: "file", id: context.id, multiple: (element.max_files ?? 10) > 1, accept: (element.filetypes ?? []).map((kind) => `.${kind}`).join(",") || null });
  let files = (context.entered(block, element)?.files ?? []).map((file) => ({ id: file.id, name: file.name }));
  const tell = () => use(block, element, context, files.map((file) => file.id), { quietly: !dispatches(block, context) });
  const draw = () => list.replaceChildren(...files.map((file) => h("li", {}, icon("file", 16), file.name,
    h("button", { class: "plain", type: "button", "aria-label": `Remove ${file.name}`, onclick: () => { files = files.filter((one) => one !== file); draw(); tell(); } }, icon("close", 14)))));
  input.addEventListener("change", async () => {
    for (const file of input.files) files.push(await upload(state.me, file));
    files = files.slice(-(element.max_files ?? 10));
    input.value = "";
    draw();
    await tell();
  });
  draw();
  return h("div", { class: "file-input" }, input, list);
}

function richTextInput(block, element, context) {
  const node = h("textarea", { class: "text", id: context.id, rows: element.min_lines ?? 4, placeholder: placeholder(element, ""), "aria-label": context.id ? null : "Text" });
  const read = (value) => (value?.elements ?? []).flatMap((part) => part.elements ?? []).map((leaf) => leaf.text ?? "").join("");
  node.value = read(context.entered(block, element)?.rich_text_value);
  const rich = () => node.value && { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: node.value }] }] };
  node.addEventListener("change", () => use(block, element, context, rich() || null, { quietly: !dispatches(block, context) }));
  return node;
}

function feedback(block, element, context) {
  const one = (side, value) => h("button", { class: "button small", type: "button", "aria-label": side.accessibility_label, onclick: () => use(block, element, context, value) }, ...plain(side.text.text));
  return h("span", { class: "feedback" }, one(element.positive_button, "positive"), one(element.negative_button, "negative"));
}

const ELEMENTS = {
  button,
  overflow,
  checkboxes: choices,
  radio_buttons: choices,
  plain_text_input: (...about) => field("text", ...about),
  email_text_input: (...about) => field("email", ...about),
  url_text_input: (...about) => field("url", ...about),
  number_input: (...about) => field("number", ...about),
  rich_text_input: richTextInput,
  datepicker: (...about) => picked("date", "selected_date", ...about),
  timepicker: (...about) => picked("time", "selected_time", ...about),
  datetimepicker: dateAndTime,
  file_input: fileInput,
  feedback_buttons: feedback,
  workflow_button: (block, element) => h("button", { class: "button", type: "button", disabled: true }, ...textObject(element.text)),
  icon_button: (block, element, context) => h("button", { class: "button small", type: "button", "aria-label": element.text.text, onclick: () => use(block, element, context, null) }, icon(element.icon === "trash" ? "trash" : "more")),
  image: (block, element) => picture(element, "thumb"),
};

for (const kind of ["static", "external", "users", "conversations", "channels"]) {
  for (const many of [false, true]) {
    ELEMENTS[`${many ? "multi_" : ""}${kind}_select`] = (block, element, context) => drawPicker({
      kind, many, block, element, context,
      choose: (value) => use(block, element, context, value, { quietly: !dispatches(block, context) }),
    });
  }
}
