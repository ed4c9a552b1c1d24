// @ts-check
// The sixth step: the runs so far side by side, and the report of one.

import { h, setText, uniqueId } from "../shared/dom.js";
import { duration } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { drawReport } from "../report/view.js";
import { jobButton, whenChanged } from "./parts.js";

/** @typedef {import("./steps.js").Desk} Desk @typedef {import("./parts.js").Studio} Studio */

/** @param {Studio} studio */
export function createResults(studio) {
  const name = uniqueId("tls-run");
  const none = h("p", { class: "tls-soft" }, t("Nothing has been trained yet."));
  const table = h("div", {});
  let chosen = 0;
  const number = () => chosen;
  const choose = (/** @type {number} */ run) => {
    chosen = run; // what is clicked next is about this one, though Python has not answered
    studio.tell({ do: "run", value: run });
  };
  const evaluate = jobButton(studio, "evaluate", t("Evaluate on the test data"), number);
  const compare = jobButton(studio, "compare", t("Did transfer help?"), number);
  const hint = h("p", { class: "tls-soft" });
  const report = h("div", { class: "tl tl-report" });
  const actions = h("div", { class: "tls-actions" }, evaluate.element, compare.element, hint);
  const element = h("div", { class: "tls-step" }, none, table, actions, report);

  const rows = whenChanged((/** @type {[Desk["runs"], number]} */ [runs, selected]) => {
    const figures = [...new Set(runs.flatMap((run) => Object.keys(run.figures)))];
    const header = ["", t("recipe"), t("layers"), t("epochs"), t("ended"), ...figures, t("time"), t("frozen stayed frozen"), t("transfer")];
    const line = (/** @type {Desk["runs"][number]} */ run) => {
      const input = h("input", { type: "radio", name, value: run.number, checked: run.number === selected, "aria-label": t("Run {0}", run.number),
        on: { change: () => choose(run.number) } });
      const cells = [run.name, run.plan, run.epochs, run.stopped_by, ...figures.map((key) => run.figures[key] ?? "\u2013"),
        duration(run.seconds), run.proof ? t("yes") : t("NO"), run.verdict || "\u2013"];
      return h("tr", { "data-best": run.best }, h("th", { scope: "row" }, h("label", {}, input, ` ${run.number}`)), ...cells.map((text) => h("td", {}, text)));
    };
    const focused = table.contains(document.activeElement);
    table.replaceChildren(...(runs.length ? [h("div", { class: "tls-wide", tabindex: 0, role: "region", "aria-label": t("Runs") },
      h("table", { class: "tls-table", "aria-label": t("Runs") },
        h("thead", {}, h("tr", {}, ...header.map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, ...runs.map(line))))] : []));
    if (focused) /** @type {HTMLElement | null} */ (table.querySelector("input:checked"))?.focus();
  });
  const draw = whenChanged((/** @type {any} */ told) => {
    report.hidden = !told.title;
    if (told.title) drawReport(report, told);
    else report.replaceChildren();
  });

  return {
    element,
    /** @param {Desk} desk @param {any} told the report of the chosen run */
    update(desk, told) {
      chosen = desk.run;
      none.hidden = desk.runs.length > 0;
      rows([desk.runs, desk.run]);
      const run = desk.runs.find((one) => one.number === desk.run);
      const possible = desk.has_test && run !== undefined;
      actions.hidden = run === undefined;
      evaluate.update(desk, { possible, primary: possible && Object.keys(run?.figures ?? {}).length === 0 });
      compare.update(desk, { possible });
      setText(hint, desk.has_test ? t("Comparing trains the same network without the source, several times.") : t("Without test data nothing can be said; make the Studio with test=…"));
      draw(told);
    },
  };
}
