// Modals of apps: the top one of the stack in a dialog. What stays the same is not drawn anew, so
// that a view which the app updates keeps the cursor and what is being typed.

import { act } from "./api.js";
import { drawBlock } from "./blocks.js";
import { arrange, avatar, fill, h, icon } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { state } from "./store.js";

let dialog = null;
let body = null;
let view = null;
let drawn = new Map();
let opener = null;

export function showModals(modals) {
  const top = modals.at(-1) ?? null;
  if (!top) return hide();
  if (view?.id === top.id && view.hash === top.hash) {
    view = top;
    return undefined;
  }
  if (view?.id !== top.id) drawn = new Map();
  if (!dialog) open();
  const fresh = view?.id !== top.id;
  view = top;
  head(modals.length);
  blocks();
  foot();
  if (fresh) {
    body.scrollTop = 0;
    // A field, and not what takes a choice out of it: Enter would.
    (body.querySelector("input, textarea, select, button:not(.picked button, .files button)") ?? dialog.querySelector("button")).focus();
  }
  return undefined;
}

export const modalIsOpen = () => dialog !== null;

function open() {
  opener = document.activeElement;
  body = h("div", { class: "dialog-body" });
  dialog = h("dialog", { class: "dialog", "aria-labelledby": "dialog-title" },
    h("header", { class: "dialog-head" }), body, h("footer", { class: "dialog-foot" }));
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function hide() {
  if (!dialog) return;
  dialog.close();
  dialog.remove();
  dialog = body = view = null;
  drawn = new Map();
  if (opener?.isConnected) opener.focus();
  else document.getElementById("composer-text")?.focus();
}

function head(depth) {
  fill(dialog.querySelector(".dialog-head"),
    avatar(state.app.user, 28),
    h("h2", { id: "dialog-title" }, ...textObject(view.title)),
    depth > 1 && h("span", { class: "depth" }, `${depth} of 3`),
    h("button", { class: "plain", type: "button", "aria-label": "Close", onclick: () => close(true) }, icon("close")));
}

function foot() {
  dialog.querySelector(".dialog-foot").replaceChildren(
    h("button", { class: "button", type: "button", onclick: () => close() }, ...(view.close ? textObject(view.close) : ["Cancel"])),
    ...(view.submit ? [h("button", { class: "button primary", type: "button", id: "modal-submit", onclick: submit }, ...textObject(view.submit))] : []));
}

function blocks() {
  const kept = new Map();
  const nodes = view.blocks.map((block) => {
    const as = JSON.stringify(block);
    const before = drawn.get(block.block_id);
    const node = before?.as === as ? before.node : drawBlock(block, context);
    kept.set(block.block_id, { as, node });
    return node;
  });
  drawn = kept;
  arrange(body, nodes);
}

const about = () => ({ as: state.me, view: view.id, texts: texts() });

function texts() {
  const typed = {};
  for (const node of body.querySelectorAll("[data-text]")) {
    const holder = node.closest("[data-block]");
    (typed[holder.dataset.block] ??= {})[node.dataset.action] = node.value;
  }
  return typed;
}

const context = {
  surface: "modal",
  entered: (block, element) => view.values?.[block.block_id]?.[element.action_id],
  use: (block, element, value, how) => {
    mark(block.block_id, "");
    return act({ verb: "use", ...about(), block_id: block.block_id, action_id: element.action_id, value, quietly: how.quietly });
  },
  suggest: async (block, element, value) => (await act({ verb: "suggest", ...about(), block_id: block.block_id, action_id: element.action_id, value })).options ?? [],
};

async function submit() {
  if (!view.submit) return;
  const button = document.getElementById("modal-submit");
  if (button.disabled) return;
  button.disabled = true;
  const done = await act({ verb: "submit", ...about() });
  button.disabled = false;
  if (!dialog) return;
  for (const block of view.blocks) mark(block.block_id, done.errors?.[block.block_id] ?? "");
  body.querySelector("[aria-invalid=true]")?.focus();
}

// Show what is wrong at a field, or that nothing is any more.
function mark(blockId, words) {
  const holder = drawn.get(blockId)?.node;
  const note = holder?.querySelector(".field-error");
  if (!note) return;
  note.hidden = !words;
  note.textContent = words;
  holder.classList.toggle("wrong", Boolean(words));
  const control = holder.querySelector("input, textarea");
  if (!control) return;
  if (words) {
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", note.id);
  } else {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
}

const close = (everything = false) => act({ verb: "close", as: state.me, everything: everything === true });
