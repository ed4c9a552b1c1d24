// @ts-check
// The LayerPicker: a tree of layers, each with a checkbox `trainable`. Python holds the plan; this shows and edits it.

import { h } from "../shared/dom.js";
import { plural } from "../shared/format.js";
import { hideStatic, keepKeys } from "../shared/live.js";
import { createGrid } from "./grid.js";
import { createCode, createHistory, createPresets, createSearch, createTotals } from "./header.js";
import { createStore } from "./store.js";
import { readTree } from "./tree.js";

/** @typedef {import("../shared/anywidget.d.ts").RenderContext} RenderContext */
/** @typedef {import("../shared/anywidget.d.ts").Model} Model */
/** @typedef {import("./store.js").Store} Store */

/** @param {Model} model @returns {Store} */
function connect(model) {
  const store = createStore({
    tree: readTree(JSON.parse(model.get("_structure"))),
    message: model.get("_state"),
    page: Math.random().toString(36).slice(2),
    send: (content) => model.send(content),
  });
  model.on("change:_state", () => store.receive(model.get("_state")));
  return store;
}

/**
 * @param {Store} store
 * @param {HTMLElement} el
 * @param {string} staticId
 */
function show(store, el, staticId) {
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
  const showStatic = hideStatic(root, staticId);
  keepKeys(root);
  el.append(root);
  update();
  return () => {
    stop();
    grid.destroy();
    showStatic();
  };
}

export default () => {
  /** All views of one widget on a page share what is not answered yet. @type {Store | undefined} */
  let store;
  return {
    /** @param {{ model: Model }} context */
    initialize({ model }) {
      store = connect(model);
    },
    /** @param {RenderContext} context */
    render({ model, el }) {
      return show(store ?? (store = connect(model)), el, model.get("_static_id"));
    },
  };
};
