// @ts-check
// A small model for the tests: a backbone of three blocks (one of them split), a pooling layer and a head of two layers.

import { decodeRuns } from "./selection.js";
import { readTree } from "./tree.js";

/** @typedef {{ kind: string, name: string, level: number, type?: string, params?: number, block?: number, flags?: number }} Line */

const block = (/** @type {number} */ n) => [
  { kind: "b", name: `block_${n}`, level: 1 },
  { kind: "l", name: `block_${n}_conv`, level: 2, type: "Conv2D", params: 100, block: n },
  { kind: "l", name: `block_${n}_norm`, level: 2, type: "BatchNormalization", params: 16, block: n, flags: 1 },
  { kind: "l", name: `block_${n}_relu`, level: 2, type: "ReLU", block: n },
];

/** @type {Line[]} */
const LINES = [
  { kind: "l", name: "image", level: 0, type: "InputLayer", block: 0 },
  { kind: "c", name: "backbone", level: 0, type: "Functional" },
  ...block(1),
  ...block(2),
  ...block(3),
  { kind: "l", name: "pool", level: 0, type: "GlobalAveragePooling2D", block: 4 },
  { kind: "b", name: "head", level: 0 },
  { kind: "l", name: "hidden", level: 1, type: "Dense", params: 50, block: 5, flags: 2 },
  { kind: "l", name: "head", level: 1, type: "Dense", params: 10, block: 5, flags: 2 },
];

/** @param {Line[]} lines @param {number[][]} [bodyBlocks] @returns {import("./tree.js").Structure} */
export function structureOf(lines, bodyBlocks = []) {
  const classes = [...new Set(lines.map((line) => line.type ?? ""))].filter(Boolean);
  let layer = -1;
  const isLayer = (/** @type {Line} */ line) => line.kind === "l";
  return {
    version: 3,
    model: "fixture",
    kinds: lines.map((line) => line.kind).join(""),
    levels: lines.map((line) => line.level),
    names: lines.map((line) => line.name),
    classes,
    shapes: ["4 \u00d7 4"],
    class_of: lines.map((line) => classes.indexOf(line.type ?? "")),
    shape_of: lines.map((line) => (isLayer(line) ? 0 : -1)),
    layer_of: lines.map((line) => (isLayer(line) ? (layer += 1) : -1)),
    params: lines.map((line) => line.params ?? 0),
    updatable: lines.map((line) => ((line.flags ?? 0) & 1 ? (line.params ?? 0) / 2 : line.params ?? 0)),
    lora: lines.map((line) => (line.type === "Dense" ? 8 : 0)),
    flags: lines.map((line) => line.flags ?? 0),
    uses: lines.map(() => 1),
    block_of: lines.map((line) => line.block ?? -1),
    body_blocks: bodyBlocks,
  };
}

export const fixture = () => readTree(structureOf(LINES, [[1], [2], [3]]));

/**
 * A selection of as many layers as the runs say, each at the whole learning rate.
 * @param {string} runs @param {Partial<import("./selection.js").Selection>} [more]
 * @returns {import("./selection.js").Selection}
 */
export function selectionOf(runs, more = {}) {
  const choices = decodeRuns(runs);
  const rates = new Float64Array(choices.length).fill(1);
  return { choices, ranks: new Float64Array(choices.length), rates, batchnorm: "frozen", ...more };
}

/**
 * The node of a name; of a block or container where a layer has the same name.
 * @param {import("./tree.js").Tree} tree @param {string} name
 */
export const nodeNamed = (tree, name) => tree.name.indexOf(name);

/**
 * A flat model of `count` Dense layers.
 * @param {number} count
 */
export function flat(count) {
  const lines = Array.from({ length: count }, (_, i) => ({ kind: "l", name: `dense_${i}`, level: 0, type: "Dense", params: 4, block: i }));
  return readTree(structureOf(lines));
}
