// @ts-check
// Studio: data, source, layers, recipe, training, results and export in one widget, made of the picker, the monitor and
// the report. Python does the work and keeps the state; this shows it and passes on what is clicked.

import { createStore } from "../layer_picker/store.js";
import { readTree } from "../layer_picker/tree.js";
import { createPicker } from "../layer_picker/view.js";
import { hideStatic, keepKeys } from "../shared/live.js";
import { createStudio } from "./view.js";

/** @param {import("../shared/anywidget").RenderContext} context */
function render({ model, el }) {
  const page = Math.random().toString(36).slice(2);
  const studio = createStudio({ send: (message) => model.send(message), page });
  let picker = /** @type {ReturnType<typeof createPicker> | null} */ (null);
  let store = /** @type {ReturnType<typeof createStore> | null} */ (null);

  const build = () => {
    picker?.destroy();
    const tree = readTree(JSON.parse(model.get("_structure")));
    store = createStore({ tree, message: model.get("_state"), page, send: (message) => model.send(message) });
    picker = createPicker(store);
    studio.show(picker.element);
  };
  let frame = 0;
  const watch = () => {
    if (!frame) {
      frame = requestAnimationFrame(() => {
        frame = 0;
        studio.watch(model.get("_status"), model.get("_curves"));
      });
    }
  };
  const listeners = /** @type {[string, () => void][]} */ ([
    ["change:_structure", build],
    ["change:_state", () => store?.receive(model.get("_state"))],
    ["change:_status", watch],
    ["change:_curves", watch],
    ["change:_data", () => studio.look(model.get("_data"))],
    ["change:_desk", () => studio.update(model.get("_desk"), model.get("_report"))],
    ["change:_report", () => studio.update(model.get("_desk"), model.get("_report"))],
  ]);
  listeners.forEach(([event, listener]) => model.on(event, listener));
  const themes = new MutationObserver(() => studio.restyle());
  for (const node of [document.documentElement, document.body]) {
    themes.observe(node, { attributes: true, attributeFilter: ["data-jp-theme-name", "theme", "class"] });
  }
  keepKeys(studio.element);
  const showStatic = hideStatic(studio.element, model.get("_static_id"));
  el.append(studio.element);
  build();
  studio.look(model.get("_data"));
  studio.update(model.get("_desk"), model.get("_report"));
  studio.watch(model.get("_status"), model.get("_curves"));
  return () => {
    showStatic();
    cancelAnimationFrame(frame);
    listeners.forEach(([event, listener]) => model.off(event, listener));
    themes.disconnect();
    picker?.destroy();
    studio.destroy();
  };
}

export default { render };
