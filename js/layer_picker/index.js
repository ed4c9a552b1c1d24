// @ts-check
// The LayerPicker: a tree of layers, each with a checkbox `trainable`. Python holds the plan; this shows and edits it.

import { hideStatic, keepKeys } from "../shared/live.js";
import { createStore } from "./store.js";
import { readTree } from "./tree.js";
import { createPicker } from "./view.js";

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
  const picker = createPicker(store);
  const showStatic = hideStatic(picker.element, staticId);
  keepKeys(picker.element);
  el.append(picker.element);
  return () => {
    picker.destroy();
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
