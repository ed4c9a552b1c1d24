// @ts-check
// One row of the tree: made once, filled for a node, and brought up to date whenever the plan or the focus changes.

import { t } from "../shared/texts.js";
import { h, set, setText } from "../shared/dom.js";
import { compact, number, percent, plural } from "../shared/format.js";
import { icon } from "../shared/icons.js";
import { CHECKED, KEPT, LORA, MIXED } from "./selection.js";
import { BATCHNORM, BLOCK, HEAD, LAYER, hasChildren, holdsSourceStatistics } from "./tree.js";

/** @typedef {import("./tree.js").Tree} Tree */
/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("./selection.js").Summary} Summary */

export const ROW = 28;
export const COLUMNS = ["Layer", "Class", "Output shape", "Parameters", "Share"];
const INDENT = 18;

/** @param {string} title */
export const cellClass = (title) => `tl-cell tl-cell--${title.toLowerCase().replace(" ", "-")}`;

/**
 * @typedef {object} RowParts
 * @property {number} node
 * @property {HTMLElement} row
 * @property {HTMLElement} fold
 * @property {HTMLInputElement} box
 * @property {HTMLElement} name
 * @property {HTMLElement} badges
 * @property {HTMLElement} className
 * @property {HTMLElement} shape
 * @property {HTMLElement} params
 * @property {HTMLElement} share
 */

/**
 * What can be done on a row besides ticking it: shown where the pointer or the focus is.
 * @param {string} kind @param {string} label @param {string} title @param {...Node} content
 */
function action(kind, label, title, ...content) {
  return h("button", { type: "button", class: `tl-action tl-action--${kind}`, tabindex: -1, "aria-label": label, title }, ...content);
}

/** @returns {RowParts} */
export function makeRow() {
  const fold = h("span", { class: "tl-fold", "aria-hidden": "true" }, icon("chevron"));
  const box = h("input", { class: "tl-check", type: "checkbox", tabindex: -1, "aria-label": "trainable" });
  const name = h("span", { class: "tl-row__name" });
  const badges = h("span", { class: "tl-row__badges" });
  const actions = h("span", { class: "tl-row__actions" },
    action("options", "options", "Learning rate and LoRA of this row (F2)", icon("options")),
    action("from", "train from here up to the output", "Train from here up to the output, freeze everything before (Alt+\u2193)",
      icon("down"), h("span", {}, t("From here up"))));
  const cell = (/** @type {string} */ title, /** @type {Node[]} */ ...children) =>
    h("div", { role: "gridcell", class: cellClass(title) }, ...children);
  const [layerTitle, classTitle, shapeTitle, paramsTitle, shareTitle] = COLUMNS;
  const className = cell(classTitle);
  const shape = cell(shapeTitle);
  const params = cell(paramsTitle);
  const share = h("span", { class: "tl-share" });
  const layer = cell(layerTitle, fold, box, name, badges, actions);
  const row = h("div", { class: "tl-row", role: "row" }, layer, className, shape, params, cell(shareTitle, share));
  return { node: -1, row, fold, box, name, badges, className, shape, params, share };
}

/**
 * What does not change while a row stands for the same node.
 * @param {RowParts} parts @param {Tree} tree @param {number} node @param {string} id @param {number} total
 */
export function fillRow(parts, tree, node, id, total) {
  parts.node = node;
  const kind = tree.kind[node];
  set(parts.row, {
    id,
    "data-node": node,
    "data-kind": kind === LAYER ? "layer" : kind === BLOCK ? "block" : "container",
    "aria-label": tree.label[node],
    "aria-level": tree.level[node] + 1,
    "aria-posinset": tree.position[node],
    "aria-setsize": tree.siblings[node],
    style: { "--tl-indent": `${tree.level[node] * INDENT}px` },
  });
  parts.fold.classList.toggle("tl-fold--none", !hasChildren(tree, node));
  setText(parts.name, tree.name[node]);
  set(parts.name, { title: tree.path[node] });
  const inside = kind === LAYER ? "" : plural(tree.layersIn[node], "layer");
  setText(parts.className, [tree.className[node], inside].filter(Boolean).join(", "));
  set(parts.className, { title: parts.className.textContent });
  setText(parts.shape, tree.shape[node]);
  set(parts.shape, { title: tree.shape[node] });
  const size = tree.params[node];
  parts.row.classList.toggle("tl-row--empty", size === 0);
  setText(parts.params, size ? compact(size) : "\u2013");
  set(parts.params, { title: `${plural(size, "parameter")}, ${percent(size, total)} of the model` });
}

/**
 * What follows the plan.
 * @param {RowParts} parts @param {Tree} tree @param {Selection} selection @param {Summary} summary @param {number} total
 */
export function showChoice(parts, tree, selection, summary, total) {
  const { node, row, box, share } = parts;
  const check = summary.check[node];
  set(row, {
    "data-state": check === CHECKED ? "trainable" : check === MIXED ? "mixed" : "frozen",
    "aria-description": describe(tree, selection, summary, node),
  });
  box.checked = check === CHECKED;
  box.indeterminate = check === MIXED;
  const width = (/** @type {number} */ part) => (part ? `max(1.5px, ${((100 * part) / total).toFixed(2)}%)` : "0px");
  set(share, { style: { "--tl-trained": width(summary.trained[node]), "--tl-rest": width(summary.held[node]) } });
  showBadges(parts, badgesOf(tree, selection, summary, node));
}

/**
 * The multiplier of the learning rate as a person writes it; of a block, from the smallest to the largest.
 * @param {Summary} summary @param {number} node
 */
export function rateText({ slowest, fastest }, node) {
  const [low, high] = [slowest[node], fastest[node]];
  if (!(high >= low) || (low === 1 && high === 1)) return "";
  return `\u00d7\u202f${number(low)}${high > low ? ` \u2013 ${number(high)}` : ""}`;
}

/**
 * The rank of the low-rank adaptation; of a block, from the smallest to the largest.
 * @param {Summary} summary @param {number} node
 */
export function rankText({ lowest, highest }, node) {
  const [low, high] = [lowest[node], highest[node]];
  return high >= low ? `LoRA ${low}${high > low ? ` \u2013 ${high}` : ""}` : "";
}

/**
 * What a screen reader says of a row after its name.
 * @param {Tree} tree @param {Selection} selection @param {Summary} summary @param {number} node
 */
export function describe(tree, selection, summary, node) {
  const check = summary.check[node];
  const choice = tree.layerOf[node] >= 0 ? selection.choices[tree.layerOf[node]] : -1;
  const state = check === CHECKED ? "trainable" : choice === LORA ? "frozen" : check === MIXED ? "partly trainable"
    : choice === KEPT ? "kept frozen" : "frozen";
  const rate = rateText(summary, node);
  return [state, rankText(summary, node), plural(tree.params[node], "parameter"), rate && `learning rate ${rate}`].filter(Boolean).join(", ");
}

/** @typedef {{ kind: string, text: string, title: string }} Badge */

/** @param {RowParts} parts @param {Badge[]} badges */
function showBadges(parts, badges) {
  const key = badges.map(({ kind, text }) => kind + text).join();
  if (parts.badges.dataset.key === key) return;
  parts.badges.dataset.key = key;
  const pill = (/** @type {Badge} */ { kind, text, title }) => h("span", { class: `tl-badge tl-badge--${kind}`, title }, text);
  parts.badges.replaceChildren(...badges.map(pill));
}

/**
 * @param {Tree} tree @param {Selection} selection @param {Summary} summary @param {number} node
 * @returns {Badge[]}
 */
function badgesOf(tree, selection, summary, node) {
  const layer = tree.layerOf[node];
  const badges = [];
  if (layer >= 0 && tree.flags[node] & BATCHNORM) {
    const choice = selection.choices[layer];
    const kept = "Kept in inference mode with the source's statistics, though its neighbours train. Tick it to train it.";
    const held = "BatchNormalization that holds statistics of the source";
    const fresh = "BatchNormalization of the head: new, so it trains with its neighbours";
    const title = choice === KEPT ? kept : holdsSourceStatistics(tree, node) ? held : fresh;
    badges.push({ kind: choice === KEPT ? "kept" : "norm", text: choice === KEPT ? "BatchNorm kept" : "BatchNorm", title });
  }
  if (layer >= 0 && tree.uses[node] > 1) {
    badges.push({ kind: "shared", text: `used ${tree.uses[node]}\u00d7`, title: "Shared: the model calls it several times" });
  }
  if (layer >= 0 && tree.flags[node] & HEAD && tree.params[node] > 0) {
    badges.push({ kind: "head", text: "head", title: "New for the target task" });
  }
  const rank = rankText(summary, node);
  if (rank) {
    const title = "Rank of the low-rank adaptation that is trained beside the frozen weights: click to change it";
    badges.push({ kind: "lora", text: rank, title });
  }
  const rate = rateText(summary, node);
  if (rate) badges.push({ kind: "rate", text: rate, title: "Multiplier of the learning rate: click to change it" });
  return badges;
}
