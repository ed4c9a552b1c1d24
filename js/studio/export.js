// @ts-check
// The last step: the model to hand over, and a notebook that does all of it again.

import { h } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { button, group, jobButton, whenChanged } from "./parts.js";

/** @typedef {import("./steps.js").Desk} Desk @typedef {import("./parts.js").Studio} Studio */

/** @param {Studio} studio */
export function createExport(studio) {
  const field = (/** @type {string} */ title, /** @type {string} */ value) => {
    const input = h("input", { class: "tl-field", value, spellcheck: "false", autocomplete: "off" });
    return { input, element: h("label", { class: "tls-field tls-field--wide" }, h("span", {}, title), input) };
  };
  let run = 0;
  const folder = field(t("Folder"), "exported");
  const file = field(t("Notebook"), "studio_run.ipynb");
  const save = jobButton(studio, "export", t("Export the run"), () => ({ run, folder: folder.input.value.trim() || "exported" }));
  const write = button(t("Export notebook"), { class: "tls-job" });
  write.addEventListener("click", () => studio.tell({ do: "notebook", value: file.input.value.trim() || "studio_run.ipynb" }));
  const which = h("p", { class: "tls-soft" });
  const written = h("ul", { class: "tls-written", "aria-label": t("Written"), role: "log" });
  const list = whenChanged((/** @type {string[]} */ paths) => written.replaceChildren(...paths.map((path) => h("li", {}, path))));
  const element = h("div", { class: "tls-step" },
    group(t("The model"), which, h("div", { class: "tls-actions" }, folder.element, save.element)),
    group(t("A notebook that does it again"),
      h("p", { class: "tls-soft" }, t("Everything that was done here, as code that runs from top to bottom. A file that is there is kept.")),
      h("div", { class: "tls-actions" }, file.element, write)),
    written);
  return {
    element,
    /** @param {Desk} desk */
    update(desk) {
      run = desk.run;
      const possible = desk.runs.length > 0;
      which.textContent = possible
        ? t("Run {0}: model.keras for plain Keras, its history, a model card and a report.", desk.run)
        : t("Nothing has been trained yet.");
      save.update(desk, { possible, primary: possible });
      list(desk.written);
    },
  };
}
