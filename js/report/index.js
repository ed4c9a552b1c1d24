// @ts-check
// Report: draws what Python sends, all of it in one message.
import { hideStatic, keepKeys } from "../shared/live.js";
import { drawReport } from "./view.js";

/** @param {import("../shared/anywidget").RenderContext} context */
function render({ model, el }) {
  el.classList.add("tl", "tl-report");
  const draw = () => drawReport(el, model.get("_report"));
  model.on("change:_report", draw);
  keepKeys(el);
  const showStatic = hideStatic(el, model.get("_static_id"));
  draw();
  return () => {
    showStatic();
    model.off("change:_report", draw);
  };
}

export default { render };
