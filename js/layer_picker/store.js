// @ts-check
// What the page knows of the plan: the last word from Python, and on top of it the edits that Python has not answered
// yet. So a click shows at once, also while the kernel is busy, and Python's answer is what counts.

import { applyEdit, decodeNumbers, decodeRuns, equal } from "./selection.js";

/** @typedef {import("./tree.js").Tree} Tree */
/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("./selection.js").Edit} Edit */

/**
 * What Python sends whenever the plan changes or an edit was answered.
 * @typedef {object} Message
 * @property {string} choices runs of `f`, `t`, `k` and `l`, see `decodeRuns`
 * @property {[number, number][]} ranks runs `[how many layers, rank of their low-rank adaptation]`
 * @property {"frozen" | "train"} batchnorm
 * @property {[number, number][]} rates runs `[how many layers, multiplier of the learning rate]`
 * @property {number} position place of this plan in the history
 * @property {number} oldest the first place that undo can reach
 * @property {number} newest the last place that redo can reach
 * @property {Record<string, number>} answered for each page, the number of its last edit that this answers
 * @property {string} code the plan as Python code
 * @property {{ share: number | null, once: boolean, text: string }} cost the time of an epoch beside training everything
 * @property {string} error why the last edit was refused, or `""`
 */

/**
 * @typedef {object} View
 * @property {Selection} selection
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {number} waiting how many edits Python has not answered
 */

/** @typedef {Edit | { kind: "undo" } | { kind: "redo" }} Step */

/**
 * @param {object} options
 * @param {Tree} options.tree
 * @param {Message} options.message
 * @param {string} options.page a name for this page among all that show the widget
 * @param {(content: { type: "edit", page: string, number: number, edit: Step }) => void} options.send
 */
export function createStore({ tree, message, page, send }) {
  let last = message;
  let number = 0;
  /** @type {{ number: number, edit: Step }[]} */
  let waiting = [];
  /** @type {Edit | null} */
  let tried = null;
  /** Selections by their place in the history, as far as this page has seen them. @type {Map<number, Selection>} */
  const seen = new Map();
  /** @type {Set<() => void>} */
  const listeners = new Set();
  let base = read(message);
  seen.set(message.position, base);
  let view = replay();

  /** @param {Message} from @returns {Selection} */
  function read(from) {
    const { batchnorm } = from;
    return { choices: decodeRuns(from.choices), ranks: decodeNumbers(from.ranks), rates: decodeNumbers(from.rates), batchnorm };
  }

  /** Python's last word and the unanswered edits, one after the other. @returns {View} */
  function replay() {
    const timeline = new Map(seen);
    let { position, newest } = last;
    let selection = base;
    for (const { edit } of waiting) {
      if (edit.kind === "undo" || edit.kind === "redo") {
        position += edit.kind === "undo" ? -1 : 1;
        selection = timeline.get(position) ?? selection;
      } else {
        selection = applyEdit(tree, selection, edit);
        position += 1;
        newest = position;
        timeline.set(position, selection);
      }
    }
    if (tried) selection = applyEdit(tree, selection, tried);
    return { selection, canUndo: position > last.oldest, canRedo: position < newest, waiting: waiting.length };
  }

  /** @param {Step} edit */
  function changesNothing(edit) {
    if (edit.kind === "undo") return !view.canUndo;
    if (edit.kind === "redo") return !view.canRedo;
    return equal(applyEdit(tree, view.selection, edit), view.selection);
  }

  function changed() {
    view = replay();
    listeners.forEach((listener) => listener());
  }

  return {
    tree,
    get view() {
      return view;
    },
    get message() {
      return last;
    },
    /**
     * Asks for a change, and shows it at once. What would change nothing is not sent.
     * @param {Step} edit
     */
    edit(edit) {
      tried = null;
      view = replay();
      if (changesNothing(edit)) return changed();
      number += 1;
      waiting.push({ number, edit });
      send({ type: "edit", page, number, edit });
      changed();
    },
    /**
     * Shows what an edit would come to, without making it; `null` ends that.
     * @param {Edit | null} edit
     */
    attempt(edit) {
      tried = edit;
      changed();
    },
    /**
     * Takes Python's word.
     * @param {Message} next
     */
    receive(next) {
      last = next;
      waiting = waiting.filter((one) => one.number > (next.answered[page] ?? 0));
      base = read(next);
      for (const position of seen.keys()) {
        if (position > next.newest || position < next.oldest) seen.delete(position);
      }
      seen.set(next.position, base);
      changed();
    },
    /** @param {() => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
