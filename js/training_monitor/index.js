// @ts-check
// TrainingMonitor: draws the status and the curves that Python sends. Both are always whole: any one message is enough.
import { hideStatic, keepKeys } from "../shared/live.js";
import { MonitorView } from "./view.js";

/** @param {import("../shared/anywidget").RenderContext} context */
function render({ model, el }) {
  el.classList.add("tl", "tl-monitor");
  const view = new MonitorView(el, (message) => model.send(message));
  let frame = 0;
  const draw = () => {
    frame = 0;
    view.update(model.get("_status"), model.get("_curves"));
  };
  const schedule = () => {
    if (!frame) frame = requestAnimationFrame(draw);
  };
  const changed = ["change:_status", "change:_curves"];
  changed.forEach((event) => model.on(event, schedule));

  const themes = new MutationObserver(() => view.restyle());
  for (const node of [document.documentElement, document.body]) {
    themes.observe(node, { attributes: true, attributeFilter: ["data-jp-theme-name", "theme", "class"] });
  }
  keepKeys(el);
  const showStatic = hideStatic(el, model.get("_static_id"));
  draw();
  return () => {
    showStatic();
    cancelAnimationFrame(frame);
    changed.forEach((event) => model.off(event, schedule));
    themes.disconnect();
    view.destroy();
  };
}

export default { render };
