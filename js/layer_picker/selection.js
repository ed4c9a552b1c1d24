// @ts-check
// Which layers are trainable: a pure value, the edits that change it, and what follows from it for every row.

import { HEAD, LAYER, holdsSourceStatistics, layersOf } from "./tree.js";

/** @typedef {import("./tree.js").Tree} Tree */

export const FROZEN = 0;
export const TRAINABLE = 1;
/** Would be trained with its neighbours, but the plan keeps the source's batch statistics. */
export const KEPT = 2;
/** Keeps its weights; a low-rank adaptation is trained beside them. */
export const LORA = 3;

/**
 * @typedef {object} Selection
 * @property {Uint8Array} choices `FROZEN`, `TRAINABLE`, `KEPT` or `LORA` for each layer, in the order of the data
 * @property {Float64Array} ranks rank of the low-rank adaptation of each layer, 0 for none
 * @property {Float64Array} rates multiplier of the learning rate of each layer
 * @property {"frozen" | "train"} batchnorm the plan's mode for BatchNorm that holds statistics of the source
 */

/**
 * What a gesture asks for; Python turns it into a new plan. `nodes` are ranges of node numbers, `[from, until]` each.
 * @typedef {{ kind: "set", trainable: boolean, nodes: number[][] }
 *   | { kind: "rate", multiplier: number, nodes: number[][] }
 *   | { kind: "lora", rank: number, nodes: number[][] }
 *   | { kind: "from", node: number }
 *   | { kind: "last", n: number }
 *   | { kind: "head" } | { kind: "all" } | { kind: "none" }
 *   | { kind: "batchnorm", mode: "frozen" | "train" }} Edit
 */

/**
 * Reads runs such as `153f3t`: 153 frozen layers, then 3 trainable ones.
 * @param {string} runs
 */
export function decodeRuns(runs) {
  const parts = [...runs.matchAll(/(\d+)([ftkl])/g)];
  const out = new Uint8Array(parts.reduce((sum, [, length]) => sum + Number(length), 0));
  let at = 0;
  for (const [, length, letter] of parts) {
    out.fill("ftkl".indexOf(letter), at, at + Number(length));
    at += Number(length);
  }
  return out;
}

/**
 * Reads runs such as `[[153, 1], [3, 0.1]]`: 153 times 1, then 3 times 0.1.
 * @param {[number, number][]} runs
 */
export function decodeNumbers(runs) {
  const out = new Float64Array(runs.reduce((sum, [length]) => sum + length, 0));
  let at = 0;
  for (const [length, value] of runs) {
    out.fill(value, at, at + length);
    at += length;
  }
  return out;
}

/**
 * The edit's outcome as Python will find it, so that the page need not wait for Python.
 * @param {Tree} tree
 * @param {Selection} selection
 * @param {Edit} edit
 * @returns {Selection}
 */
export function applyEdit(tree, selection, edit) {
  if (edit.kind === "rate") {
    const rates = new Float64Array(selection.rates);
    for (const layer of layersIn(tree, edit.nodes)) rates[layer] = edit.multiplier;
    return { ...selection, rates };
  }
  const choices = new Uint8Array(selection.choices);
  const ranks = new Float64Array(selection.ranks);
  if (edit.kind === "lora") {
    for (const layer of layersIn(tree, edit.nodes)) {
      const can = edit.rank > 0 && tree.lora[tree.nodeOf[layer]] > 0;
      if (edit.rank > 0 || choices[layer] === LORA) choices[layer] = can ? LORA : FROZEN;
      ranks[layer] = can ? edit.rank : 0;
    }
    return { ...selection, choices, ranks };
  }
  const holds = (/** @type {number} */ layer) => holdsSourceStatistics(tree, tree.nodeOf[layer]);
  if (edit.kind === "batchnorm") {
    choices.forEach((choice, layer) => {
      if (choice !== FROZEN && holds(layer)) choices[layer] = edit.mode === "train" ? TRAINABLE : KEPT;
    });
    return { ...selection, choices, batchnorm: edit.mode };
  }
  if (edit.kind === "set") {
    const byItself = namesOneLayer(tree, edit.nodes);
    const on = (/** @type {number} */ layer) => {
      return !byItself && selection.batchnorm === "frozen" && holds(layer) ? KEPT : TRAINABLE;
    };
    for (const layer of layersIn(tree, edit.nodes)) {
      choices[layer] = edit.trainable ? on(layer) : FROZEN;
      ranks[layer] = 0;
    }
    return { ...selection, choices, ranks };
  }
  const chosen = chooser(tree, edit);
  for (let layer = 0; layer < choices.length; layer += 1) {
    choices[layer] = !chosen(layer) ? FROZEN : holds(layer) ? KEPT : TRAINABLE;
  }
  return { ...selection, choices, ranks: ranks.fill(0), batchnorm: "frozen" };
}

/** @param {Tree} tree @param {number[][]} nodes */
function namesOneLayer(tree, nodes) {
  return nodes.length === 1 && nodes[0][1] === nodes[0][0] + 1 && tree.kind[nodes[0][0]] === LAYER;
}

/** @param {Tree} tree @param {number[][]} nodes */
function layersIn(tree, nodes) {
  const out = [];
  for (const [from, until] of nodes) {
    for (let node = from; node < until; node += 1) if (tree.layerOf[node] >= 0) out.push(tree.layerOf[node]);
  }
  return out;
}

/**
 * @param {Tree} tree
 * @param {Edit} edit
 * @returns {(layer: number) => boolean}
 */
function chooser(tree, edit) {
  const inHead = (/** @type {number} */ layer) => (tree.flags[tree.nodeOf[layer]] & HEAD) !== 0;
  if (edit.kind === "all") return () => true;
  if (edit.kind === "head") return inHead;
  if (edit.kind === "from") {
    const first = layersOf(tree, edit.node).reduce((least, layer) => Math.min(least, layer), tree.layers);
    return (layer) => layer >= first;
  }
  if (edit.kind === "last") {
    const wanted = new Set(edit.n > 0 ? tree.bodyBlocks.slice(-edit.n).flat() : []);
    return (layer) => inHead(layer) || wanted.has(tree.blockOf[layer]);
  }
  return () => false;
}

/**
 * @param {Selection} a
 * @param {Selection} b
 */
export function equal(a, b) {
  const same = (/** @type {"choices" | "ranks" | "rates"} */ name) => {
    return a[name] === b[name] || a[name].every((/** @type {number} */ value, /** @type {number} */ layer) => value === b[name][layer]);
  };
  return a.batchnorm === b.batchnorm && same("choices") && same("ranks") && same("rates");
}

export const UNCHECKED = 0;
export const CHECKED = 1;
export const MIXED = 2;

/**
 * What every row shows.
 * @typedef {object} Summary
 * @property {Uint8Array} check `UNCHECKED`, `CHECKED` or `MIXED` for each node
 * @property {Float64Array} trained how many numbers an optimizer updates in each node, those of LoRA included
 * @property {Float64Array} held how many numbers of each node it does not
 * @property {Float64Array} slowest the smallest multiplier of the learning rate in each node: of the layers that train,
 *   or, where none does, of all that have weights; Infinity where none has
 * @property {Float64Array} fastest the largest one, or -Infinity
 * @property {number} trainable how many in the whole model
 * @property {number} frozen how many it does not
 * @property {Float64Array} lowest the smallest rank of a low-rank adaptation in each node; Infinity where there is none
 * @property {Float64Array} highest the largest one, or -Infinity
 */

/**
 * The tri-state of every node. Layers without weights do not count, unless a node has no others; BatchNorm that the
 * plan keeps counts neither for nor against its neighbours; LoRA counts as a part.
 * @param {Tree} tree
 * @param {Selection} selection
 * @returns {Summary}
 */
export function summarize(tree, selection) {
  const trained = new Float64Array(tree.size);
  const held = new Float64Array(tree.params);
  const part = new Uint8Array(tree.size);
  const on = new Int32Array(tree.size);
  const counted = new Int32Array(tree.size);
  const anyOn = new Int32Array(tree.size);
  for (let node = tree.size - 1; node >= 0; node -= 1) {
    const layer = tree.layerOf[node];
    if (layer < 0) {
      held[node] = 0;
      continue;
    }
    const choice = selection.choices[layer];
    anyOn[node] = choice === TRAINABLE ? 1 : 0;
    part[node] = choice === LORA ? 1 : 0;
    if (tree.params[node] > 0 && choice !== KEPT) {
      counted[node] = 1;
      on[node] = anyOn[node];
    }
    trained[node] = choice === TRAINABLE ? tree.updatable[node] : tree.lora[node] * selection.ranks[layer];
    if (choice === TRAINABLE) held[node] -= tree.updatable[node];
  }
  for (let node = tree.size - 1; node >= 0; node -= 1) {
    const above = tree.parent[node];
    if (above < 0) continue;
    trained[above] += trained[node];
    held[above] += held[node];
    on[above] += on[node];
    counted[above] += counted[node];
    anyOn[above] += anyOn[node];
    part[above] |= part[node];
  }
  const check = Uint8Array.from(counted, (total, node) => {
    const [some, all] = total > 0 ? [on[node], total] : [anyOn[node], tree.layersIn[node]];
    return some === all && some > 0 ? CHECKED : some > 0 || part[node] ? MIXED : UNCHECKED;
  });
  let trainable = 0;
  let frozen = 0;
  for (let node = 0; node < tree.size; node = tree.end[node]) {
    trainable += trained[node];
    frozen += held[node];
  }
  return { check, trained, held, trainable, frozen, ...multipliers(tree, selection), ...rankLimits(tree, selection) };
}

/** @param {Tree} tree @param {Selection} selection */
function multipliers(tree, { choices, rates }) {
  const slowest = new Float64Array(tree.size).fill(Infinity);
  const fastest = new Float64Array(tree.size).fill(-Infinity);
  const training = new Uint8Array(tree.size);
  for (let node = tree.size - 1; node >= 0; node -= 1) {
    const layer = tree.layerOf[node];
    if (layer >= 0 && tree.params[node] > 0) {
      slowest[node] = fastest[node] = rates[layer];
      training[node] = choices[layer] === TRAINABLE || choices[layer] === LORA ? 1 : 0;
    }
    const above = tree.parent[node];
    if (above < 0 || training[node] < training[above]) continue;
    const first = training[node] > training[above];
    slowest[above] = Math.min(first ? Infinity : slowest[above], slowest[node]);
    fastest[above] = Math.max(first ? -Infinity : fastest[above], fastest[node]);
    training[above] = training[node];
  }
  return { slowest, fastest };
}

/** @param {Tree} tree @param {Selection} selection */
function rankLimits(tree, { ranks }) {
  const lowest = new Float64Array(tree.size).fill(Infinity);
  const highest = new Float64Array(tree.size).fill(-Infinity);
  for (let node = tree.size - 1; node >= 0; node -= 1) {
    const rank = tree.layerOf[node] >= 0 ? ranks[tree.layerOf[node]] : 0;
    if (rank > 0) lowest[node] = highest[node] = rank;
    const above = tree.parent[node];
    if (above < 0) continue;
    lowest[above] = Math.min(lowest[above], lowest[node]);
    highest[above] = Math.max(highest[above], highest[node]);
  }
  return { lowest, highest };
}
