// The box one types in. It completes /commands, @people, @groups and #channels.

import { act, share } from "./api.js";
import { avatar, fill, h, icon, newId } from "./dom.js";
import { openMenu } from "./menu.js";
import { isApp, state } from "./store.js";

const MOST = 8;

export class Composer {
  constructor(holder, { thread = false } = {}) {
    this.inThread = thread;
    this.target = {};
    const listId = newId("complete");
    this.field = h("textarea", {
      id: thread ? null : "composer-text", rows: 1, role: "combobox", "aria-expanded": "false", "aria-controls": listId,
      "aria-autocomplete": "list", "aria-haspopup": "listbox", autocomplete: "off",
    });
    this.list = h("ul", { class: "completion", id: listId, role: "listbox", "aria-label": "Completions", hidden: true });
    this.hint = h("p", { class: "usage", "aria-live": "polite" });
    this.button = h("button", { class: "send", type: "button", "aria-label": "Send", onclick: () => this.send() }, icon("send"));
    const bolt = h("button", { class: "plain", type: "button", "aria-label": "Commands and shortcuts", "aria-haspopup": "menu", onclick: () => this.offer(bolt) }, icon("bolt"));
    const chooser = h("input", { type: "file", hidden: true, tabIndex: -1, "aria-label": "File", onchange: () => this.choose(chooser) });
    this.clip = h("button", { class: "plain", type: "button", hidden: true, "aria-label": "Attach a file", title: "Attach a file", onclick: () => chooser.click() }, icon("clip"));
    this.file = null;
    this.attached = h("p", { class: "attached", "aria-live": "polite", hidden: true });
    fill(holder, this.list, h("div", { class: "composer-box" }, this.field, this.attached,
      h("div", { class: "composer-foot" }, !thread && bolt, this.clip, chooser, this.hint, this.button)));
    this.found = [];
    this.active = 0;
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.hide());
    this.field.addEventListener("click", () => this.complete());
  }

  at(target) {
    this.target = target;
    this.field.placeholder = target.placeholder;
    this.field.setAttribute("aria-label", target.placeholder.replace("…", ""));
    this.field.disabled = this.button.disabled = Boolean(target.mute);
    this.clip.hidden = !target.files || this.field.disabled;
    if (this.clip.hidden) this.attach(null);
  }

  fill(text) {
    this.focus();
    this.put(text);
  }

  put(text) {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.typed();
    this.hide();
  }

  focus() { this.field.focus(); }

  typed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 220)}px`;
    this.ready();
    this.complete();
  }

  ready() { this.button.classList.toggle("ready", Boolean(this.field.value.trim() || this.file)); }

  // -- a file, which goes with what is said next ---------------------------------------------------

  choose(input) {
    this.attach(input.files[0] ?? null);
    input.value = "";
    this.focus();
  }

  attach(file) {
    this.file = file;
    this.attached.hidden = !file;
    const drop = () => { this.attach(null); this.focus(); };
    fill(this.attached, file && [icon("file", 18), h("span", {}, file.name),
      h("button", { class: "plain", type: "button", "aria-label": `Remove ${file.name}`, onclick: drop }, icon("close", 14))]);
    this.ready();
  }

  // -- completing --------------------------------------------------------------------------------

  complete() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    const command = /^(\/\S*)$/.exec(before);
    const mark = /(?:^|\s)([@#][^\s@#]*)$/.exec(before);
    this.usage(before);
    if (command && !this.inThread) this.show(this.commands(command[1]), command[1]);
    else if (mark) this.show(mark[1][0] === "@" ? this.people(mark[1]) : this.channels(mark[1]), mark[1]);
    else this.hide();
  }

  usage(before) {
    const name = /^(\/\S+)\s/.exec(before)?.[1];
    const command = state.commands.find((one) => one.name === name);
    this.hint.replaceChildren(...(command?.usage ? [h("b", {}, command.name), ` ${command.usage}`] : []));
  }

  commands(typed) {
    return state.commands.filter((one) => one.name.startsWith(typed.toLowerCase())).map((one) => ({
      text: one.name, draw: [h("b", {}, one.name), one.usage && h("span", { class: "usage-hint" }, one.usage), h("small", {}, one.description)],
    }));
  }

  people(typed) {
    const wanted = typed.slice(1).toLowerCase();
    const people = [...state.people.values()].filter((one) => !one.deleted && one.id !== "USLACKBOT" && !isApp(one.id))
      .filter((one) => `${one.handle} ${one.name.toLowerCase()}`.split(" ").some((word) => word.startsWith(wanted)) || one.handle.includes(wanted))
      .map((one) => ({ text: `@${one.handle}`, draw: [avatar(one.id, 24), h("b", {}, one.name), h("span", {}, `@${one.handle}`), h("small", {}, one.title)] }));
    const groups = [...state.groups.values()].filter((one) => one.handle.includes(wanted))
      .map((one) => ({ text: `@${one.handle}`, draw: [icon("group", 22), h("b", {}, `@${one.handle}`), h("small", {}, `${one.people} people`)] }));
    return [...people, ...groups];
  }

  channels(typed) {
    const wanted = typed.slice(1).toLowerCase();
    return [...state.places.values()].filter((one) => !one.direct && one.name.includes(wanted))
      .map((one) => ({ text: `#${one.name}`, draw: [icon(one.private ? "lock" : "hash", 18), h("b", {}, one.name)] }));
  }

  show(found, typed) {
    this.found = found.slice(0, MOST).map((one) => ({ ...one, typed }));
    if (!this.found.length) return this.hide();
    this.list.replaceChildren(...this.found.map((one, at) => h("li", {
      role: "option", id: `${this.list.id}-${at}`, "aria-selected": "false",
      onmousedown: (event) => { event.preventDefault(); this.take(at); },
    }, one.draw)));
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    return this.move(0);
  }

  move(to) {
    this.active = to;
    [...this.list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === to)));
    this.list.children[to].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", `${this.list.id}-${to}`);
  }

  hide() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  take(at) {
    const { text, typed } = this.found[at];
    const { value, selectionStart } = this.field;
    const begin = selectionStart - typed.length;
    const after = value.slice(selectionStart).replace(/^ /, "");
    this.field.value = `${value.slice(0, begin)}${text} ${after}`;
    this.field.setSelectionRange(begin + text.length + 1, begin + text.length + 1);
    this.typed();
    this.hide();
  }

  key(event) {
    const open = !this.list.hidden;
    const count = this.found.length;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.move((this.active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (open && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.hide();
    } else if (open && (event.key === "Tab" || event.key === "Enter") && !this.whole()) {
      event.preventDefault();
      this.take(this.active);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
  }

  // Something typed out needs no completing: Enter sends it.
  whole() {
    const { text, typed } = this.found[this.active];
    return text === typed;
  }

  // -- sending -----------------------------------------------------------------------------------

  async send() {
    const text = this.field.value.trim();
    const { file } = this;
    if (!(text || file) || this.field.disabled) return;
    this.hide();
    const slash = !file && text.startsWith("/") && !text.startsWith("//");
    if (slash && this.inThread) {
      this.hint.textContent = "Slash commands do not work in threads.";
      return;
    }
    this.field.value = "";
    this.attach(null);
    this.typed();
    const { channel, thread } = this.target;
    const said = { verb: slash ? "command" : "say", as: state.me, channel, thread, text };
    const done = await (file ? share(said, file) : act(said));
    if (!done.failed || this.field.value || this.file) return;
    this.put(text);
    this.attach(file);
  }

  offer(button) {
    openMenu(button, [
      ...state.commands.map((one) => ({ label: `${one.name}  ${one.description}`, run: () => this.fill(`${one.name} `) })),
      ...state.shortcuts.filter((one) => one.everywhere).map((one) => ({ label: one.name, run: () => act({ verb: "global_shortcut", as: state.me, callback_id: one.callback_id }) })),
    ]);
  }
}
