// A thread in the side panel.

import { get, inOrder } from "./api.js";
import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { MessageList } from "./messages.js";
import { openPanel } from "./panel.js";
import { state } from "./store.js";

let open = null;
const newest = inOrder();

export async function openThread(channel, ts) {
  const scroller = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Thread" });
  const foot = h("div", { class: "composer" });
  openPanel("thread", "Thread", h("div", { class: "thread" }, scroller, foot), () => { open = null; });
  open = { channel, ts, list: new MessageList(scroller, { inThread: true }) };
  const composer = new Composer(foot, { thread: true });
  composer.at({ channel, thread: ts, placeholder: "Reply…" });
  composer.focus();
  await showThread();
}

export async function showThread() {
  if (!open) return;
  const { channel, ts, list } = open;
  const found = await newest(get("thread", { as: state.me, channel, ts }));
  if (found) list.show(found.messages);
}

export const threadIn = (channel) => open?.channel === channel;
