// @ts-check
// What a key means in the tree: the treegrid pattern of the ARIA practices, with type-ahead.

import { hasChildren } from "./tree.js";

/** @typedef {import("./tree.js").Tree} Tree */

/**
 * @typedef {{ kind: "go", node: number } | { kind: "fold", node: number, open: boolean }
 *   | { kind: "toggle" | "from" | "options", node: number } | { kind: "undo" } | { kind: "redo" }
 *   | { kind: "type", typed: string, node: number }} Action
 */

/**
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">} event
 * @param {{ tree: Tree, rows: import("./rows.js").Rows, unfolded: Uint8Array, active: number, page: number,
 *   typed: string }} state
 * @returns {Action | null}
 */
export function move(event, { tree, rows, unfolded, active, page, typed }) {
  const { key } = event;
  if (event.ctrlKey || event.metaKey) {
    if (event.altKey) return null;
    if (key.toLowerCase() === "z") return { kind: event.shiftKey ? "redo" : "undo" };
    return key.toLowerCase() === "y" && !event.shiftKey ? { kind: "redo" } : null;
  }
  const { nodes, rowOf } = rows;
  if (nodes.length === 0) return null;
  const node = active >= 0 ? active : nodes[0];
  const row = rowOf[node];
  const go = (/** @type {number} */ to) => {
    return /** @type {Action} */ ({ kind: "go", node: nodes[Math.min(Math.max(to, 0), nodes.length - 1)] });
  };
  if (event.altKey) return key === "ArrowDown" ? { kind: "from", node } : null;
  const found = (/** @type {string} */ text) => typeAhead(tree, nodes, row, text);
  const open = row + 1 < nodes.length && tree.parent[nodes[row + 1]] === node;
  switch (key) {
    case "ArrowDown":
      return go(row + 1);
    case "ArrowUp":
      return go(row - 1);
    case "PageDown":
      return go(row + page);
    case "PageUp":
      return go(row - page);
    case "Home":
      return go(0);
    case "End":
      return go(nodes.length - 1);
    case "ArrowRight":
      if (open) return go(row + 1);
      return hasChildren(tree, node) ? { kind: "fold", node, open: true } : null;
    case "ArrowLeft":
      if (open && unfolded[node]) return { kind: "fold", node, open: false };
      return tree.parent[node] >= 0 ? go(rowOf[tree.parent[node]]) : null;
    case "Enter":
      return hasChildren(tree, node) ? { kind: "fold", node, open: !open } : { kind: "toggle", node };
    case "F2":
      return { kind: "options", node };
    case " ":
      return { kind: "toggle", node };
    default:
      return key.length === 1 ? found(typed + key) ?? found(key) ?? { kind: "type", typed: "", node: -1 } : null;
  }
}

/**
 * The next row whose name begins with what was typed; the same letter again steps through.
 * @param {Tree} tree @param {Int32Array} nodes @param {number} row @param {string} typed
 * @returns {Action | null}
 */
function typeAhead(tree, nodes, row, typed) {
  const wanted = typed.toLowerCase();
  const repeated = [...wanted].every((letter) => letter === wanted[0]);
  const prefix = repeated ? wanted[0] : wanted;
  const first = repeated ? row + 1 : row;
  for (let step = 0; step < nodes.length; step += 1) {
    const node = nodes[(first + step) % nodes.length];
    if (tree.name[node].toLowerCase().startsWith(prefix)) return { kind: "type", typed, node };
  }
  return null;
}
