// @ts-check
// Which nodes are rows: folding, search and filter.

import { BATCHNORM, CONTAINER, LAYER, hasChildren } from "./tree.js";
import { LORA, TRAINABLE } from "./selection.js";

/** @typedef {import("./tree.js").Tree} Tree */
/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {"all" | "trainable" | "frozen" | "batchnorm" | "weights"} Filter */

/** Trees of up to this many rows begin unfolded. */
const SHORT = 40;

/**
 * Which nodes are unfolded at first: all of them in a short model, else the containers and what the head is in.
 * @param {Tree} tree
 */
export function unfoldedAtFirst(tree) {
  const all = tree.size <= SHORT;
  return Uint8Array.from(tree.kind, (kind, node) => (hasChildren(tree, node) && (all || kind === CONTAINER) ? 1 : 0));
}

/**
 * Reads a search: a part of a name or class, a glob when it holds `*` or `?`, a regular expression between slashes.
 * @param {string} text
 * @returns {{ test: (value: string) => boolean, error: string }} what matches; an error for an expression that is none
 */
export function matcher(text) {
  const wanted = text.trim();
  try {
    if (wanted.length > 1 && wanted.startsWith("/")) {
      const expression = new RegExp(wanted.replace(/^\/|\/$/g, ""), "i");
      return { test: (value) => expression.test(value), error: "" };
    }
  } catch {
    return { test: () => false, error: "Not a regular expression" };
  }
  if (/[*?]/.test(wanted)) {
    const source = wanted.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
    const expression = new RegExp(`^${source}$`, "i");
    return { test: (value) => expression.test(value), error: "" };
  }
  const part = wanted.toLowerCase();
  return { test: (value) => value.toLowerCase().includes(part), error: "" };
}

/**
 * @typedef {object} Rows
 * @property {Int32Array} nodes the node of each row
 * @property {Int32Array} rowOf the row of each node, -1 when it is not shown
 * @property {number} matches how many layers, blocks and containers match by themselves
 * @property {string} error what is wrong with the search
 */

/**
 * The rows to show. While searching or filtering, what matches is shown with everything above it, unfolded.
 * @param {Tree} tree
 * @param {Uint8Array} unfolded
 * @param {{ search?: string, filter?: Filter, selection: Selection }} options
 * @returns {Rows}
 */
export function rowsOf(tree, unfolded, { search = "", filter = "all", selection }) {
  const { test, error } = matcher(search);
  const everything = search.trim() === "" && filter === "all";
  const wanted = everything ? null : matching(tree, test, search.trim() !== "", filter, selection);
  const shown = wanted && withAncestors(tree, wanted);
  const rowOf = new Int32Array(tree.size).fill(-1);
  const nodes = [];
  for (let node = 0; node < tree.size; ) {
    const skip = shown ? !shown[node] : false;
    if (!skip) {
      rowOf[node] = nodes.length;
      nodes.push(node);
    }
    node = skip || (everything && !unfolded[node]) ? tree.end[node] : node + 1;
  }
  const matches = wanted ? wanted.reduce((sum, one) => sum + one, 0) : tree.size;
  return { nodes: Int32Array.from(nodes), rowOf, matches, error };
}

/**
 * @param {Tree} tree
 * @param {(value: string) => boolean} test
 * @param {boolean} searching
 * @param {Filter} filter
 * @param {Selection} selection
 */
function matching(tree, test, searching, filter, selection) {
  const passes = (/** @type {number} */ node) => {
    if (filter === "all") return true;
    if (tree.kind[node] !== LAYER) return false;
    if (filter === "batchnorm") return (tree.flags[node] & BATCHNORM) !== 0;
    if (tree.params[node] === 0) return false;
    const choice = selection.choices[tree.layerOf[node]];
    return filter === "weights" || (choice === TRAINABLE || choice === LORA) === (filter === "trainable");
  };
  return Uint8Array.from(tree.name, (name, node) => {
    return passes(node) && (!searching || test(name) || test(tree.path[node]) || test(tree.className[node])) ? 1 : 0;
  });
}

/** @param {Tree} tree @param {Uint8Array} wanted */
function withAncestors(tree, wanted) {
  const shown = new Uint8Array(wanted);
  for (let node = tree.size - 1; node >= 0; node -= 1) {
    if (shown[node] && tree.parent[node] >= 0) shown[tree.parent[node]] = 1;
  }
  return shown;
}

/**
 * The nodes that rows `from` to `until` (inclusive, in either order) stand for, as ranges. A folded row stands for all
 * that is in it; an unfolded one for nothing by itself, since its children are rows too.
 * @param {Tree} tree
 * @param {Rows} rows
 * @param {number} from
 * @param {number} until
 */
export function nodesOfRows(tree, rows, from, until) {
  /** @type {number[][]} */
  const ranges = [];
  for (let row = Math.min(from, until); row <= Math.max(from, until); row += 1) {
    const node = rows.nodes[row];
    const open = row + 1 < rows.nodes.length && tree.parent[rows.nodes[row + 1]] === node;
    if (open) continue;
    const last = ranges.at(-1);
    if (last && last[1] === node) last[1] = tree.end[node];
    else ranges.push([node, tree.end[node]]);
  }
  return ranges;
}

/**
 * The part of a list that is in view, with a few rows more at either side.
 * @param {{ scrollTop: number, height: number, rowHeight: number, count: number, more?: number }} view
 * @returns {[number, number]} first row, and the one after the last
 */
export function windowOf({ scrollTop, height, rowHeight, count, more = 8 }) {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - more);
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + more);
  return [Math.min(first, Math.max(0, count - 1)), last];
}
