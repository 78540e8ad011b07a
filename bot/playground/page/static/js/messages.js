// A list of messages: of a channel, or of a thread.

import { act } from "./api.js";
import { drawAttachment, drawBlocks } from "./blocks.js";
import { arrange, avatar, h, icon, newId } from "./dom.js";
import { EMOJI } from "./emoji.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { openThread } from "./thread.js";
import { dateOf, dayName, isApp, me, nameOf, person, sameDay, state, time } from "./store.js";

const TOGETHER = 300; // seconds within which one person's messages need only one name

export class MessageList {
  constructor(scroller, { inThread = false } = {}) {
    this.scroller = scroller;
    this.inThread = inThread;
    this.drawn = new Map();
    this.list = h("div", { class: "messages" });
    scroller.replaceChildren(this.list);
  }

  // Draw what changed; stay at the end if one was there.
  show(messages, intro) {
    const { scroller } = this;
    const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
    const kept = new Map();
    const nodes = intro ? [intro] : [];
    let before = null;
    for (const message of messages) {
      const date = dateOf(message.ts);
      if (!before || !sameDay(dateOf(before.ts), date)) nodes.push(this.divider(dayName(date)));
      const short = follows(before, message);
      const as = JSON.stringify([message, short, nameOf(message.user)]);
      const old = this.drawn.get(message.ts);
      const node = old?.as === as ? old.node : this.draw(message, short);
      kept.set(message.ts, { as, node });
      nodes.push(node);
      before = message;
    }
    const grown = messages.length && !this.drawn.has(messages.at(-1).ts);
    this.drawn = kept;
    const held = this.list.contains(document.activeElement) ? document.activeElement.closest("[data-ts]") : null;
    arrange(this.list, nodes);
    // A message that is drawn anew keeps the keyboard's place, and one that is gone leaves it here.
    if (held && !held.isConnected) (kept.get(held.dataset.ts)?.node ?? scroller).focus({ preventScroll: true });
    if (atEnd || (grown && messages.at(-1).user === state.me)) this.toEnd();
  }

  toEnd() {
    const last = this.list.lastElementChild;
    // The beginning of a message that does not fit is worth more than its end.
    const down = () => {
      const tall = last && last.offsetHeight > this.scroller.clientHeight;
      this.scroller.scrollTop = tall ? last.offsetTop - this.scroller.offsetTop : this.scroller.scrollHeight;
    };
    down();
    for (const image of this.list.querySelectorAll("img[loading=lazy]")) {
      image.loading = "eager";
      if (!image.complete) image.addEventListener("load", down, { once: true });
    }
  }

  divider(name) {
    return h("div", { class: "day", role: "separator" }, h("span", {}, name));
  }

  draw(message, short) {
    const author = person(message.user);
    const date = dateOf(message.ts);
    const nameId = newId("by");
    const when = h("time", { datetime: date.toISOString(), title: dayName(date) }, time(date));
    return h("article", { class: `message ${short ? "short" : ""} ${message.ephemeral ? "ephemeral" : ""}`, "aria-labelledby": nameId, tabindex: "-1", "data-ts": message.ts },
      h("div", { class: "gutter" }, short ? when : avatar(message.user)),
      h("div", { class: "message-body" },
        message.ephemeral && h("p", { class: "only-you" }, icon("eye", 14), "Only visible to you"),
        h("div", { class: short ? "by out-of-sight" : "by", id: nameId },
          h("button", { class: "name plain", type: "button", "data-person": message.user }, author?.name ?? message.user),
          (author?.bot || isApp(message.user)) && h("span", { class: "tag" }, message.user === "USLACKBOT" ? "SLACK" : "APP"),
          author?.guest && h("span", { class: "tag" }, "GUEST"),
          !short && when),
        content(message),
        message.reactions.length > 0 && h("div", { class: "reactions" }, message.reactions.map((one) => h("span", { class: "reaction" }, `${EMOJI.get(one.name) ?? `:${one.name}:`} ${one.count}`))),
        message.answers && !this.inThread && answers(message),
        message.ephemeral && h("p", { class: "dismiss" }, h("button", { class: "plain link", type: "button", onclick: () => act({ verb: "dismiss", as: state.me, ts: message.ts }) }, "Dismiss message"))),
      this.tools(message));
  }

  tools(message) {
    if (message.ephemeral) return null;
    const own = message.user === state.me;
    const shortcuts = state.shortcuts.filter((one) => !one.everywhere);
    const more = h("button", { class: "plain", type: "button", "aria-label": `More actions for the message by ${nameOf(message.user)}`, "aria-haspopup": "menu" }, icon("more"));
    more.addEventListener("click", () => openMenu(more, [
      ...shortcuts.map((one) => ({
        label: one.name,
        run: () => act({ verb: "message_shortcut", as: state.me, channel: message.channel, ts: message.ts, callback_id: one.callback_id }),
      })),
      ...(own ? [
        { label: "Edit message", run: () => edit(message, more.closest(".message")) },
        { label: "Delete message", danger: true, run: () => act({ verb: "delete", as: state.me, channel: message.channel, ts: message.ts }) },
      ] : []),
      { label: "Copy link", run: () => navigator.clipboard?.writeText(`${state.site}archives/${message.channel}/p${message.ts.replace(".", "")}`) },
    ]));
    return h("div", { class: "tools" },
      !this.inThread && h("button", { class: "plain", type: "button", "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => openThread(message.channel, message.ts) }, icon("reply")),
      more);
  }
}

function follows(before, message) {
  return Boolean(before) && before.user === message.user && !before.ephemeral && !message.ephemeral
    && Number(message.ts) - Number(before.ts) < TOGETHER && sameDay(dateOf(before.ts), dateOf(message.ts));
}

function content(message) {
  const box = h("div", { class: "content" });
  if (message.blocks.length) box.append(...drawBlocks(message.blocks, contextOf(message)));
  else if (message.text) box.append(h("div", { class: "words" }, ...mrkdwn(message.text)));
  for (const attachment of message.attachments) box.append(drawAttachment(attachment, contextOf(message)));
  for (const file of message.files) {
    box.append(file.picture ? h("img", { class: "block-image", src: `/page/files/${file.id}`, alt: file.title })
      : h("p", { class: "attached" }, icon("file", 18), h("span", {}, file.title)));
  }
  if (message.edited) box.append(h("small", { class: "edited" }, " (edited)"));
  return box;
}

function answers(message) {
  const { count, people } = message.answers;
  return h("button", { class: "answers plain", type: "button", onclick: () => openThread(message.channel, message.ts) },
    people.slice(0, 3).map((one) => avatar(one, 20)), `${count} ${count === 1 ? "reply" : "replies"}`);
}

function contextOf(message) {
  const about = () => ({ as: state.me, channel: message.channel, ts: message.ts });
  return {
    surface: "message",
    entered: (block, element) => initial(element),
    use: (block, element, value) => act({ verb: "use", ...about(), block_id: block.block_id, action_id: element.action_id, value }),
    suggest: async (block, element, value) => (await act({ verb: "suggest", ...about(), block_id: block.block_id, action_id: element.action_id, value })).options ?? [],
  };
}

// What an element in a message holds at first, in the form of a view's state.
export function initial(element) {
  return {
    value: element.initial_value,
    selected_option: element.initial_option, selected_options: element.initial_options,
    selected_user: element.initial_user, selected_users: element.initial_users,
    selected_channel: element.initial_channel, selected_channels: element.initial_channels,
    selected_conversation: element.initial_conversation, selected_conversations: element.initial_conversations,
    selected_date: element.initial_date, selected_time: element.initial_time, selected_date_time: element.initial_date_time,
  };
}

function edit(message, node) {
  const box = node.querySelector(".content");
  const raw = message.text.replace(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g, (_, id) => `@${person(id)?.handle ?? id}`)
    .replace(/<#[A-Z0-9]+\|([^>]*)>/g, "#$1").replace(/<(https?:[^|>]+)(?:\|[^>]*)?>/g, "$1")
    .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  const field = h("textarea", { class: "text", rows: 3, "aria-label": "Edit the message" });
  field.value = raw;
  const done = async (save) => {
    if (save && field.value.trim()) await act({ verb: "edit", as: me().id, channel: message.channel, ts: message.ts, text: field.value });
    box.replaceWith(content(message));
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") done(false);
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); done(true); }
  });
  box.replaceChildren(field, h("div", { class: "edit-foot" },
    h("button", { class: "button small", type: "button", onclick: () => done(false) }, "Cancel"),
    h("button", { class: "button small primary", type: "button", onclick: () => done(true) }, "Save")));
  field.focus();
}
