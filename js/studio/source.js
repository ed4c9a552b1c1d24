// @ts-check
// The second step: which network it starts from.

import { h, setText, uniqueId } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { grid, group, jobButton, whenChanged } from "./parts.js";

/** @typedef {import("./steps.js").Desk} Desk @typedef {import("./parts.js").Studio} Studio */

/** @param {Studio} studio */
export function createSource(studio) {
  const name = uniqueId("tls-source");
  const choices = h("div", { class: "tls-choices", role: "radiogroup", "aria-label": t("Source") });
  const head = h("p", { class: "tls-soft" });
  const rank = jobButton(studio, "rank", t("Rank the sources"));
  const ranking = h("div", {});
  const element = h("div", { class: "tls-step" }, choices, head, h("div", { class: "tls-actions" }, rank.element), ranking);

  const list = whenChanged((/** @type {[string[], string]} */ [sources, chosen]) => {
    const focused = choices.contains(document.activeElement);
    choices.replaceChildren(...sources.map((source) => {
      const input = h("input", { type: "radio", name, value: source, checked: source === chosen,
        on: { change: () => studio.tell({ do: "source", value: source }) } });
      return h("label", { class: "tls-choice" }, input, h("b", {}, source));
    }));
    if (focused) /** @type {HTMLElement | null} */ (choices.querySelector("input:checked"))?.focus();
  });
  const table = whenChanged((/** @type {Desk["ranking"]} */ told) => {
    ranking.replaceChildren(...(told === null ? [] : [
      group(t("How well each knows your classes, without training"), grid(t("Ranking"), told.header, told.rows),
        h("ul", { class: "tls-notes" }, ...told.notes.map((note) => h("li", {}, note)))),
    ]));
  });

  return {
    element,
    /** @param {Desk} desk */
    update(desk) {
      list([desk.sources, desk.source]);
      table(desk.ranking);
      setText(head, desk.head);
      const several = desk.sources.length > 1;
      rank.element.hidden = !several;
      rank.update(desk, { primary: several && desk.ranking === null });
    },
  };
}
