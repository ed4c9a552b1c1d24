// @ts-check
// The fourth step: strategy, epochs and rates, what they come to over time, and a sweep that one clicks.

import { h, s, set, setText, uniqueId } from "../shared/dom.js";
import { compact, percent } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { group, jobButton, whenChanged } from "./parts.js";
import { phaseWidths, phaseWords, ratePath } from "./steps.js";
import { createSweep } from "./sweep.js";

/** @typedef {import("./steps.js").Desk} Desk @typedef {import("./parts.js").Studio} Studio */

/** @param {import("./steps.js").Phase[]} phases */
function timeline(phases) {
  const widths = phaseWidths(phases);
  const highest = Math.max(...phases.map((phase) => phase.learning_rate));
  const items = phases.map((phase, i) => {
    const share = phase.params ? phase.trainable_params / phase.params : 0;
    const path = s("path", { d: ratePath(phase, highest), "vector-effect": "non-scaling-stroke" });
    const curve = s("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, path);
    const trains = t("{0} of {1} layers train, {2} of the weights ({3})", phase.trainable_layers, phase.layers,
      percent(phase.trainable_params, phase.params), compact(phase.trainable_params));
    return h("li", { class: "tls-phase", style: { "--width": `${widths[i]}%`, "--trainable": `${Math.max(share * 100, share > 0 ? 3 : 0)}%` } },
      h("div", { class: "tls-curve" }, curve),
      h("div", { class: "tls-mix", "aria-hidden": "true" }),
      h("b", {}, `${i + 1}. ${phase.name}`), h("span", {}, phaseWords(phase)), h("span", { class: "tls-soft" }, trains),
      h("code", {}, phase.plan));
  });
  return h("ol", { class: "tls-timeline" }, ...items);
}

/** @param {Studio} studio */
export function createRecipe(studio) {
  const name = uniqueId("tls-strategy");
  const strategies = h("div", { class: "tls-choices", role: "radiogroup", "aria-label": t("Strategy") });
  const fields = h("div", { class: "tls-fields" });
  const refused = h("p", { class: "tls-refused", role: "alert", id: uniqueId("tls-refused") });
  const line = h("div", {});
  const picked = h("p", { class: "tls-soft" });
  const suggest = jobButton(studio, "suggest", t("Suggest a recipe"));
  const advice = h("ul", { class: "tls-notes" });
  const sweepJob = jobButton(studio, "sweep", t("Sweep the learning rate"));
  const sweep = createSweep((rate) => studio.tell({ do: "set", field: "learning_rate", value: rate }));

  const field = (/** @type {string} */ key, /** @type {string} */ title, /** @type {Record<string, any>} */ attributes) => {
    const input = h("input", { class: "tl-field", inputmode: "decimal", autocomplete: "off", ...attributes });
    input.addEventListener("change", () => {
      const text = input.value.trim().replace(",", ".");
      const value = text === "" ? null : Number.isFinite(Number(text)) ? Number(text) : text;
      studio.tell({ do: "set", field: key, value });
    });
    fields.append(h("label", { class: "tls-field" }, h("span", {}, title), input));
    return (/** @type {number | null} */ value, /** @type {boolean} */ wrong) => {
      set(input, { "aria-invalid": wrong ? "true" : null, "aria-describedby": wrong ? refused.id : null });
      if (!wrong && document.activeElement !== input) input.value = value === null ? "" : String(value);
    };
  };
  const inputs = {
    epochs: field("epochs", t("Epochs"), {}),
    learning_rate: field("learning_rate", t("Learning rate"), { placeholder: t("the recipe's") }),
    batch_size: field("batch_size", t("Batch size"), {}),
    seed: field("seed", t("Seed"), {}),
  };

  const list = whenChanged((/** @type {[Desk["strategies"], string]} */ [told, chosen]) => {
    const focused = strategies.contains(document.activeElement);
    strategies.replaceChildren(...told.map(({ name: value, title, text }) => {
      const input = h("input", { type: "radio", name, value, checked: value === chosen,
        on: { change: () => studio.tell({ do: "set", field: "strategy", value }) } });
      return h("label", { class: "tls-choice" }, input, h("b", {}, t(title)), h("span", { class: "tls-soft" }, t(text)));
    }));
    if (focused) /** @type {HTMLElement | null} */ (strategies.querySelector("input:checked"))?.focus();
  });
  const phases = whenChanged((told) => line.replaceChildren(timeline(told)));
  const words = whenChanged((/** @type {string[]} */ told) => advice.replaceChildren(...told.map((text) => h("li", {}, text))));

  const element = h("div", { class: "tls-step" },
    h("div", { class: "tls-actions" }, suggest.element), advice, strategies, fields, refused, picked,
    group(t("What this comes to"), line),
    group(t("Which rate?"), h("div", { class: "tls-actions" }, sweepJob.element), sweep.element));

  return {
    element,
    /** @param {Desk} desk */
    update(desk) {
      list([desk.strategies, desk.strategy]);
      phases(desk.phases);
      words(desk.advice);
      advice.hidden = desk.advice.length === 0;
      inputs.epochs(desk.epochs, desk.refused_field === "epochs");
      inputs.learning_rate(desk.learning_rate, desk.refused_field === "learning_rate");
      inputs.batch_size(desk.batch_size, desk.refused_field === "batch_size");
      inputs.seed(desk.seed, desk.refused_field === "seed");
      setText(refused, desk.refused);
      refused.hidden = !desk.refused;
      setText(picked, desk.takes_plan ? t("Picked layers: {0}", desk.trainable) : t("This strategy knows itself what it trains; the picked layers do not count."));
      suggest.element.parentElement?.toggleAttribute("hidden", !desk.can_suggest);
      suggest.update(desk, { primary: desk.advice.length === 0 });
      sweepJob.update(desk);
      sweep.update(desk.sweep, desk.learning_rate ?? desk.phases.at(-1)?.learning_rate ?? null);
    },
  };
}

