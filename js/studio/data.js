// @ts-check
// The first step: how much there is of what, what it looks like, and what is suspicious.

import { h } from "../shared/dom.js";
import { count } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { group, whenChanged } from "./parts.js";

/**
 * @typedef {{ name: string, samples: number | null, looked_at: number, shape: string, counts: [string, number][], left_out: number }} Part
 * @typedef {{ label: string, image: string | null, text: string }} Sample
 * @typedef {{ task: string, parts: Part[], samples: Sample[], warnings: string[] }} Data
 */

/** @param {string} name */
const partName = (name) => /** @type {Record<string, string>} */ ({
  train: t("Training data"), validation: t("Validation data"), test: t("Test data"),
})[name] ?? name;

/** @param {Part} part */
function bars(part) {
  const most = Math.max(1, ...part.counts.map(([, n]) => n));
  const words = part.counts.map(([name, n]) => `${name}: ${count(n)}`).join(", ");
  const narrow = part.counts.length > 14;
  const columns = part.counts.map(([name, n]) => h("div", { class: "tls-bar", title: `${name}: ${count(n)}`, "data-empty": n === 0 },
    h("i", { style: { "--share": n / most } }), narrow ? null : h("span", {}, name)));
  return h("div", { class: "tls-bars", role: "img", "aria-label": words }, ...columns);
}

/** @param {Part} part @param {string} task */
function card(part, task) {
  const size = part.samples === null ? t("{0} seen of a stream", count(part.looked_at)) : t("{0} samples", count(part.samples));
  const classes = part.counts.length + part.left_out;
  const what = task === "regression" ? t("spread of the targets") : t("{0} classes", classes);
  return h("div", { class: "tls-card" }, h("b", {}, partName(part.name)), h("span", { class: "tls-big" }, size),
    h("span", { class: "tls-soft" }, `${what} \u00b7 ${part.shape}`), bars(part));
}

/** @param {Sample} sample */
function picture(sample) {
  const caption = h("figcaption", { title: sample.label }, sample.label);
  const shown = sample.image ? h("img", { src: sample.image, alt: sample.label }) : h("p", {}, sample.text);
  return h("li", {}, h("figure", { class: sample.image ? "" : "tls-text-sample" }, shown, caption));
}

export function createData() {
  const element = h("div", { class: "tls-step" });
  const update = whenChanged((/** @type {Data} */ data) => {
    const warnings = data.warnings.map((text) => h("li", {}, text));
    const clean = h("p", { class: "tls-good" }, t("Nothing suspicious was found."));
    element.replaceChildren(
      warnings.length ? h("ul", { class: "tls-warnings", "aria-label": t("Warnings") }, ...warnings) : clean,
      h("div", { class: "tls-cards" }, ...data.parts.map((part) => card(part, data.task))),
      group(t("Some training samples"), h("ul", { class: "tls-gallery" }, ...data.samples.map(picture))),
    );
  });
  return { element, update };
}
