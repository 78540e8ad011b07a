// The app's Home tab.

import { act } from "./api.js";
import { drawBlock } from "./blocks.js";
import { h } from "./dom.js";
import { state } from "./store.js";

let drawn = new Map();

export function drawHome(scroller, home) {
  if (!home) {
    drawn = new Map();
    scroller.replaceChildren(h("div", { class: "home empty" }, h("p", {}, `${state.app.name} has not published a Home tab for you yet.`)));
    return;
  }
  const context = {
    surface: "home",
    entered: (block, element) => home.values?.[block.block_id]?.[element.action_id],
    use: (block, element, value, how) => act({ verb: "use", as: state.me, view: home.id, block_id: block.block_id, action_id: element.action_id, value, quietly: how.quietly }),
    suggest: async (block, element, value) => (await act({ verb: "suggest", as: state.me, view: home.id, block_id: block.block_id, action_id: element.action_id, value })).options ?? [],
  };
  const kept = new Map();
  const nodes = home.blocks.map((block) => {
    const as = JSON.stringify(block);
    const before = drawn.get(block.block_id);
    const node = before?.as === as ? before.node : drawBlock(block, context);
    kept.set(block.block_id, { as, node });
    return node;
  });
  drawn = kept;
  scroller.replaceChildren(h("div", { class: "home" }, nodes));
}
