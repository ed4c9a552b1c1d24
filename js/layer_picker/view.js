// @ts-check
// The picker on the page, made of its parts. `Studio` shows the very same.

import { h } from "../shared/dom.js";
import { plural } from "../shared/format.js";
import { createGrid } from "./grid.js";
import { createCode, createHistory, createPresets, createSearch, createTotals } from "./header.js";

/** @param {import("./store.js").Store} store */
export function createPicker(store) {
  const { tree } = store;
  const status = h("div", { class: "tl-hidden", role: "status", "aria-live": "polite" });
  const say = (/** @type {string} */ text) => {
    status.textContent = text;
  };
  const grid = createGrid(store, { say });
  const totals = createTotals(store);
  const presets = createPresets(store, { say });
  const search = createSearch(store, grid);
  const history = createHistory(store, { say });
  const code = createCode(store, { say });
  const name = h("div", { class: "tl-title" }, h("span", { class: "tl-title__name", title: tree.model }, tree.model),
    h("span", { class: "tl-title__more" }, `${plural(tree.layers, "layer")}, ${plural(tree.blocks, "block")}`));
  const head = h("div", { class: "tl-head" }, name, history.element);
  const hint = h("div", { class: "tl-hint", "aria-hidden": "true" },
    "Space toggles \u00b7 \u2190 \u2192 folds \u00b7 Shift+\u2193 widens the range \u00b7 Alt+\u2193 from here up \u00b7 F2 learning rate \u00b7 Ctrl+Z undoes");
  const root = h("div", { class: "tl tl-picker", role: "region", "aria-label": `Layer picker for ${tree.model}` },
    h("div", { class: "tl-card" }, head, totals.element, presets.element, search.element, grid.element, hint, code.error,
      code.element, grid.panel, status));
  const update = () => {
    totals.update(grid.update());
    [presets, search, history, code].forEach((part) => part.update());
  };
  const stop = store.subscribe(update);
  update();
  return {
    element: root,
    destroy() {
      stop();
      grid.destroy();
    },
  };
}
