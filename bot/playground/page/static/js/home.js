// The app's Home tab.

import { act } from "./api.js";
import { drawBlock } from "./blocks.js";
import { h } from "./dom.js";
import { state } from "./store.js";

let drawn = new Map();
let shown = null;

const about = () => ({ as: state.me, view: shown.id });

// What is shown is looked up when it is used: blocks that stay are not drawn anew.
const context = {
  surface: "home",
  entered: (block, element) => shown.values?.[block.block_id]?.[element.action_id],
  use: (block, element, value, how) => act({ verb: "use", ...about(), block_id: block.block_id, action_id: element.action_id, value, quietly: how.quietly }),
  suggest: async (block, element, value) => (await act({ verb: "suggest", ...about(), block_id: block.block_id, action_id: element.action_id, value })).options ?? [],
};

export function drawHome(scroller, home) {
  // Another person's tab may hold the same blocks, and what they chose in them is theirs.
  if (home?.id !== shown?.id) drawn = new Map();
  shown = home;
  if (!home) {
    scroller.replaceChildren(h("div", { class: "home empty" }, h("p", {}, `${state.app.name} has not published a Home tab for you yet.`)));
    return;
  }
  const kept = new Map();
  const nodes = home.blocks.map((block) => {
    const as = JSON.stringify(block);
    const before = drawn.get(block.block_id);
    const node = before?.as === as ? before.node : drawBlock(block, context);
    kept.set(block.block_id, { as, node });
    return node;
  });
  const focused = focusIn(scroller);
  drawn = kept;
  scroller.replaceChildren(h("div", { class: "home" }, nodes));
  if (focused) focusOn(scroller, focused);
}

// A view that the app publishes anew must not take the keyboard's place away.
function focusIn(scroller) {
  const active = document.activeElement;
  const block = scroller.contains(active) ? active.closest("[data-block]") : null;
  return block && { active, block: block.dataset.block, at: inside(block).indexOf(active) };
}

function focusOn(scroller, { active, block, at }) {
  const again = [...scroller.querySelectorAll("[data-block]")].find((node) => node.dataset.block === block);
  const next = active.isConnected ? active : again && inside(again)[at];
  next?.focus({ preventScroll: true });
}

const inside = (block) => [...block.querySelectorAll("button, input, textarea, select, a")];
