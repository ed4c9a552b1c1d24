// @ts-check
// The tree as an ARIA treegrid. Only the rows in view are in the page; the active row always is, so that a screen
// reader can follow `aria-activedescendant`.

import { h, set, setText, uniqueId } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { watchDrag } from "./drag.js";
import { move } from "./keys.js";
import { createOptions } from "./options.js";
import { COLUMNS, ROW, cellClass, fillRow, makeRow, showChoice } from "./row.js";
import { nodesOfRows, rowsOf, unfoldedAtFirst, windowOf } from "./rows.js";
import { CHECKED, MIXED, summarize } from "./selection.js";
import { hasChildren } from "./tree.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./rows.js").Filter} Filter */
/** @typedef {import("./row.js").RowParts} RowParts */

const TALLEST = 15 * ROW;
/** Letters typed within this many milliseconds of one another make one word. */
const TYPING = 700;

/**
 * @param {Store} store
 * @param {{ say: (text: string) => void }} options
 */
export function createGrid(store, { say }) {
  const { tree } = store;
  const id = uniqueId("tl-picker");
  const unfolded = unfoldedAtFirst(tree);
  let query = { search: "", filter: /** @type {Filter} */ ("all") };
  let summary = summarize(tree, store.view.selection);
  let rows = rowsOf(tree, unfolded, { ...query, selection: store.view.selection });
  let active = -1;
  /** Where the range begins whose other end is the active row. */
  let anchor = -1;
  let typed = "";
  let typedAt = 0;
  /** @type {Map<number, RowParts>} */
  const drawn = new Map();
  /** @type {RowParts[]} */
  const spare = [];

  const canvas = h("div", { class: "tl-grid__canvas", role: "rowgroup" });
  const empty = h("div", { class: "tl-grid__empty", hidden: true });
  const titles = COLUMNS.map((title) => h("div", { role: "columnheader", class: cellClass(title) }, t(title)));
  const header = h("div", { class: "tl-row tl-row--header", role: "row", "aria-rowindex": 1 }, ...titles);
  const body = h("div", { class: "tl-grid__body" }, canvas, empty);
  const element = h(
    "div",
    {
      class: "tl-grid",
      role: "treegrid",
      tabindex: 0,
      "aria-label": `Layers of ${tree.model}`,
      "aria-multiselectable": "true",
      "aria-colcount": COLUMNS.length,
    },
    h("div", { role: "rowgroup", class: "tl-grid__head" }, header),
    body,
  );
  const panel = createOptions(store, { say, trainFrom, closed: () => element.focus({ preventScroll: true }) });
  panel.update(summary);

  function layout() {
    const before = active >= 0 ? rows.rowOf[active] : -1;
    rows = rowsOf(tree, unfolded, { ...query, selection: store.view.selection });
    if (active >= 0 && rows.rowOf[active] < 0) active = rows.nodes[Math.min(before, rows.nodes.length - 1)] ?? -1;
    if (anchor >= 0 && rows.rowOf[anchor] < 0) anchor = active;
    set(canvas, { style: { height: `${rows.nodes.length * ROW}px` } });
    set(element, { "aria-rowcount": rows.nodes.length + 1 });
    // Folding changes the height; a search does not, so that nothing jumps while one types.
    if (!searching()) set(element, { style: { height: `${Math.min(TALLEST, rows.nodes.length * ROW) + ROW + 2}px` } });
    empty.hidden = rows.nodes.length > 0;
    setText(empty, rows.error || "No layer matches");
    draw();
  }

  function draw() {
    const height = element.clientHeight || TALLEST;
    const [first, last] = windowOf({ scrollTop: element.scrollTop, height, rowHeight: ROW, count: rows.nodes.length });
    const wanted = new Set(rows.nodes.subarray(first, last));
    if (active >= 0) wanted.add(active);
    for (const [node, parts] of drawn) {
      if (!wanted.has(node)) {
        drawn.delete(node);
        parts.row.remove();
        spare.push(parts);
      }
    }
    for (const node of wanted) {
      let parts = drawn.get(node);
      if (!parts) {
        parts = spare.pop() ?? makeRow();
        drawn.set(node, parts);
        fillRow(parts, tree, node, rowId(node), total());
        canvas.append(parts.row);
      }
      place(parts);
    }
    set(element, { "aria-activedescendant": active >= 0 ? rowId(active) : null });
  }

  /** @param {number} node */
  const rowId = (node) => `${id}-${node}`;

  /** What follows the plan, the folding and the focus. @param {RowParts} parts */
  function place(parts) {
    const { node, row } = parts;
    const at = rows.rowOf[node];
    const open = at + 1 < rows.nodes.length && tree.parent[rows.nodes[at + 1]] === node;
    const [first, last] = range();
    const chosen = last > first && at >= first && at <= last;
    set(row, {
      "aria-rowindex": at + 2,
      "aria-expanded": hasChildren(tree, node) ? String(open) : null,
      "aria-selected": chosen ? "true" : null,
      style: { transform: `translateY(${at * ROW}px)` },
    });
    row.classList.toggle("tl-row--active", node === active);
    showChoice(parts, tree, store.view.selection, summary, total());
  }

  /** The rows from the anchor to the active row. @returns {[number, number]} */
  function range() {
    const [from, to] = [anchor, active].map((node) => (node >= 0 ? rows.rowOf[node] : -1));
    return from < 0 || to < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
  }

  /** In a long tree most of what trains is at the end; without this, the first look would show nothing of it. */
  function showWhereTrainingBegins() {
    const first = rows.nodes.findIndex((node) => {
      return summary.trained[node] > 0 && (summary.check[node] !== MIXED || !hasChildren(tree, node));
    });
    const above = Math.floor((element.clientHeight / ROW - 1) / 2);
    if (first > above) element.scrollTop = (first - above) * ROW;
  }

  const total = () => summary.trainable + summary.frozen || 1;

  /** @param {number} node @param {boolean} [keepAnchor] */
  function activate(node, keepAnchor = false) {
    active = node;
    if (!keepAnchor) anchor = node;
    const at = rows.rowOf[node];
    const [top, bottom] = [at * ROW, (at + 1) * ROW - element.clientHeight + ROW];
    if (element.clientHeight > 2 * ROW) {
      if (element.scrollTop > top) element.scrollTop = top;
      else if (element.scrollTop < bottom) element.scrollTop = bottom;
    }
    draw();
  }

  /** @param {number} node @param {boolean} open */
  function unfold(node, open) {
    if (!hasChildren(tree, node) || searching()) return;
    unfolded[node] = open ? 1 : 0;
    panel.close(false);
    layout();
  }

  const searching = () => query.search.trim() !== "" || query.filter !== "all";

  /**
   * Ticks or unticks a row, or the rows from the anchor to it.
   * @param {number} node @param {boolean} trainable @param {boolean} whole
   */
  function choose(node, trainable, whole) {
    activate(node, whole);
    const [first, last] = range();
    const nodes = last > first ? nodesOfRows(tree, rows, first, last) : [[node, tree.end[node]]];
    store.edit({ kind: "set", trainable, nodes });
    say(`${last > first ? "The range" : tree.label[node]} ${trainable ? "trainable" : "frozen"}`);
  }

  /** @param {number} node */
  function trainFrom(node) {
    activate(node);
    store.edit({ kind: "from", node });
    say(`Trainable from ${tree.label[node]} up to the output`);
  }

  /** @param {number} node @param {Element | null} [by] */
  function openOptions(node, by) {
    if (tree.params[node] === 0) return;
    activate(node);
    panel.open(node, /** @type {RowParts} */ (drawn.get(node)).row, by);
  }

  /** @param {Event} event */
  function partsAt(event) {
    const row = event.target instanceof Element ? event.target.closest(".tl-row[data-node]") : null;
    return row ? drawn.get(Number(row.getAttribute("data-node"))) : undefined;
  }

  // Focus stays on the tree, whatever is clicked in a row; only the keyboard makes it visible.
  element.addEventListener("mousedown", (event) => {
    const parts = partsAt(event);
    if (!parts) return;
    event.preventDefault();
    element.classList.remove("tl-grid--keys");
    if (active < 0) active = parts.node;
    element.focus({ preventScroll: true });
  });

  element.addEventListener("click", (event) => {
    const parts = partsAt(event);
    if (!parts || !(event.target instanceof Element)) return;
    const { node } = parts;
    const options = event.target.closest(".tl-action--options, .tl-badge--rate, .tl-badge--lora");
    if (event.target === parts.box) {
      choose(node, summary.check[node] !== CHECKED, event.shiftKey);
      place(parts);
    } else if (options) {
      openOptions(node, options);
    } else if (event.target.closest(".tl-action--from")) {
      trainFrom(node);
    } else if (event.shiftKey) {
      choose(node, summary.check[anchor >= 0 ? anchor : node] === CHECKED, true);
    } else {
      activate(node);
      if (event.target.closest(".tl-fold") || (event.detail === 2 && hasChildren(tree, node))) {
        unfold(node, !unfolded[node]);
      }
    }
  });

  let dragTicks = true;
  /** @param {number} row */
  const dragged = (row) => nodesOfRows(tree, rows, rows.rowOf[anchor], row);
  const drag = watchDrag(element, {
    starts: (event) => {
      const parts = partsAt(event);
      if (!parts || event.target !== parts.box || event.shiftKey) return false;
      activate(parts.node);
      dragTicks = summary.check[parts.node] !== CHECKED;
      return true;
    },
    rowAt: (y) => {
      const row = Math.floor((y - canvas.getBoundingClientRect().top) / ROW);
      return Math.min(Math.max(row, 0), rows.nodes.length - 1);
    },
    reach: (row) => {
      active = rows.nodes[row];
      store.attempt({ kind: "set", trainable: dragTicks, nodes: dragged(row) });
    },
    end: (done) => {
      if (done) {
        choose(active, dragTicks, true);
      } else {
        anchor = active;
        store.attempt(null);
      }
    },
  });

  element.addEventListener("keyup", () => element.classList.add("tl-grid--keys"));

  element.addEventListener("focus", () => {
    if (active < 0 && rows.nodes.length) activate(rows.nodes[Math.ceil(element.scrollTop / ROW)]);
  });

  element.addEventListener("keydown", (event) => {
    element.classList.add("tl-grid--keys");
    if (event.target !== element) return;
    const page = Math.max(1, Math.floor(element.clientHeight / ROW) - 2);
    const fresh = event.timeStamp - typedAt < TYPING ? typed : "";
    const action = move(event, { tree, rows, unfolded, active, page, typed: fresh });
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (action.kind === "go") activate(action.node, event.shiftKey);
    else if (action.kind === "fold") unfold(action.node, action.open);
    else if (action.kind === "toggle") choose(action.node, summary.check[action.node] !== CHECKED, true);
    else if (action.kind === "options") openOptions(action.node);
    else if (action.kind === "from") trainFrom(action.node);
    else if (action.kind === "undo" || action.kind === "redo") store.edit({ kind: action.kind });
    else if (action.kind === "type") {
      [typed, typedAt] = [action.typed, event.timeStamp];
      if (action.node >= 0) activate(action.node);
    }
  });

  element.addEventListener("scroll", () => {
    draw();
    panel.follow(drawn.get(panel.node)?.row);
  }, { passive: true });
  let entered = false;
  const observer = new ResizeObserver(() => {
    if (!entered && element.clientHeight > 0) {
      entered = true;
      showWhereTrainingBegins();
    }
    draw();
  });
  observer.observe(element);

  layout();

  return {
    element,
    panel: panel.element,
    /** How many nodes the search finds. */
    get matches() {
      return rows.matches;
    },
    /** The plan has changed. */
    update() {
      summary = summarize(tree, store.view.selection);
      panel.update(summary);
      if (searching() && !drag.dragging) layout();
      else draw();
      return summary;
    },
    /** @param {Partial<typeof query>} change */
    show(change) {
      query = { ...query, ...change };
      panel.close(false);
      element.scrollTop = 0;
      layout();
    },
    /** @param {boolean} open */
    unfoldAll(open) {
      for (let node = 0; node < tree.size; node += 1) unfolded[node] = open && hasChildren(tree, node) ? 1 : 0;
      panel.close(false);
      layout();
    },
    destroy() {
      panel.destroy();
      observer.disconnect();
    },
  };
}
