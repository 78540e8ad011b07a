// Menus: one choice or several, from a list, from people or channels, or from what the app offers
// as one types. A combobox with a list box, after the ARIA authoring practices.

import { avatar, h, icon, newId, settled } from "./dom.js";
import { isApp, placeName, state } from "./store.js";
import { place } from "./menu.js";

const KEYS = { static: "option", external: "option", users: "user", conversations: "conversation", channels: "channel" };

const label = (kind, one) => {
  if (kind === "users") return state.people.get(one)?.name ?? one;
  if (kind === "channels" || kind === "conversations") return `#${placeName(state.places.get(one)) || one}`;
  return one.text.text;
};
const keyOf = (one) => (typeof one === "string" ? one : one.value);

function offered(kind, element) {
  if (kind === "users") return [...state.people.values()].filter((one) => !one.deleted && one.id !== "USLACKBOT" && !isApp(one.id)).map((one) => one.id);
  if (kind === "channels") return [...state.places.values()].filter((one) => !one.direct && !one.private).map((one) => one.id);
  if (kind === "conversations") return [...state.places.values()].filter((one) => one.inside).map((one) => one.id);
  return element.options ?? (element.option_groups ?? []).flatMap((group) => group.options.map((option) => ({ ...option, group: group.label.text })));
}

export function drawPicker({ kind, many, block, element, context, choose }) {
  const key = `selected_${KEYS[kind]}${many ? "s" : ""}`;
  const entered = context.entered(block, element)?.[key];
  let chosen = many ? [...(entered ?? [])] : entered ? [entered] : [];
  let shown = [];
  let active = -1;
  let asked = 0; // what comes of an earlier question is no answer any more

  const listId = newId("list");
  const input = h("input", {
    class: "pick-input", id: context.id, role: "combobox", type: "text", autocomplete: "off", spellcheck: "false",
    "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", "aria-haspopup": "listbox",
    "aria-label": context.id ? null : element.placeholder?.text ?? "Choose",
  });
  const list = h("ul", { class: "list", id: listId, role: "listbox", popover: "manual", "aria-multiselectable": many ? "true" : null, "aria-label": element.placeholder?.text ?? "Choices" });
  const chips = h("span", { class: "chips" });
  const box = h("div", { class: many ? "pick many" : "pick" }, chips, input, icon("down", 16), list);

  function redraw() {
    const hint = element.placeholder?.text ?? "Choose";
    if (many) {
      chips.replaceChildren(...chosen.map((one) => h("span", { class: "picked" }, label(kind, one),
        h("button", { type: "button", class: "plain", "aria-label": `Remove ${label(kind, one)}`, onclick: () => set(chosen.filter((other) => other !== one)) }, icon("close", 12)))));
      input.placeholder = chosen.length ? "" : hint;
    } else {
      input.value = chosen.length ? label(kind, chosen[0]) : "";
      input.placeholder = hint;
    }
  }

  function set(now) {
    chosen = now;
    redraw();
    choose(many ? chosen.map((one) => (kind === "static" ? one.value : one)) : kind === "static" ? chosen[0].value : chosen[0]);
  }

  async function find() {
    const typed = !many && chosen.length && input.value === label(kind, chosen[0]) ? "" : input.value.trim();
    if (kind === "external") {
      const least = element.min_query_length ?? 3;
      if (typed.length < least) return show([], `Type ${least} or more letters`);
      const mine = (asked += 1);
      const options = await context.suggest(block, element, typed);
      if (mine === asked && document.activeElement === input) show(options, "Nothing found");
      return;
    }
    const wanted = typed.toLowerCase();
    const handle = (one) => (kind === "users" ? ` ${state.people.get(one)?.handle}` : "");
    show(offered(kind, element).filter((one) => `${label(kind, one)}${handle(one)}`.toLowerCase().includes(wanted)), "Nothing found");
  }
  const findSoon = settled((mine) => { if (mine === asked) find(); }, 120);

  function show(options, none) {
    const taken = new Set(chosen.map(keyOf));
    shown = many ? options.filter((one) => !taken.has(keyOf(one))) : options;
    active = -1;
    let group = "";
    const rows = [];
    shown.forEach((one, at) => {
      if (one.group && one.group !== group) rows.push(h("li", { class: "list-group", role: "presentation" }, (group = one.group)));
      rows.push(h("li", {
        id: `${listId}-${at}`, role: "option", "aria-selected": String(taken.has(keyOf(one))), "data-at": at,
        onmousedown: (event) => { event.preventDefault(); take(at); },
      }, kind === "users" && avatar(one, 22), h("span", {}, label(kind, one), one.description && h("small", {}, one.description.text))));
    });
    list.replaceChildren(...(rows.length ? rows : [h("li", { class: "list-none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, none)]));
    if (!list.matches(":popover-open")) list.showPopover();
    place(list, box, true);
    input.setAttribute("aria-expanded", "true");
    move(shown.length ? 0 : -1);
  }

  function hide() {
    asked += 1;
    if (list.matches(":popover-open")) list.hidePopover();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function move(to) {
    list.querySelector(".active")?.classList.remove("active");
    active = to;
    const row = list.querySelector(`[data-at="${to}"]`);
    if (!row) return input.removeAttribute("aria-activedescendant");
    row.classList.add("active");
    row.scrollIntoView({ block: "nearest" });
    return input.setAttribute("aria-activedescendant", row.id);
  }

  function take(at) {
    const one = shown[at];
    if (!one) return;
    const most = element.max_selected_items ?? Infinity;
    input.value = "";
    hide();
    if (!many) set([one]);
    else if (chosen.length < most) set([...chosen, one]);
  }

  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => {
    // What is typed next takes the place of what was chosen.
    if (!many && !list.matches(":popover-open")) input.select();
    find();
  });
  input.addEventListener("input", kind === "external" ? () => findSoon((asked += 1)) : find);
  input.addEventListener("blur", () => { hide(); if (!many) redraw(); else input.value = ""; });
  input.addEventListener("keydown", (event) => {
    const open = list.matches(":popover-open");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) find();
      else if (shown.length) move((active + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length);
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      take(active);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      hide();
    } else if (event.key === "Backspace" && many && !input.value && chosen.length) {
      set(chosen.slice(0, -1));
    }
  });
  box.addEventListener("click", (event) => { if (event.target === box || event.target === chips) input.focus(); });
  redraw();
  return box;
}
