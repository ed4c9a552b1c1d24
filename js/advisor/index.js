// @ts-check
// Advisor: the evidence as small charts, the suggestion, and a click that makes it the picker's plan.
import { hideStatic, keepKeys } from "../shared/live.js";
import { drawAdvice } from "./view.js";

/** @param {import("../shared/anywidget").RenderContext} context */
function render({ model, el }) {
  el.classList.add("tl", "tl-advisor");
  const show = drawAdvice(el, model.get("_advice"), (message) => model.send(message));
  const update = () => show(model.get("_state"));
  model.on("change:_state", update);
  keepKeys(el);
  const showStatic = hideStatic(el, model.get("_static_id"));
  update();
  return () => {
    showStatic();
    model.off("change:_state", update);
  };
}

export default { render };
