// @ts-check
// The tree as an ARIA treegrid. Only the rows in view are in the page; the active row always is, so that a screen
// reader can follow `aria-activedescendant`.

import { h, set, setText, uniqueId } from "../shared/dom.js";
import { compact, number, percent, plural } from "../shared/format.js";
import { icon } from "../shared/icons.js";
import { move } from "./keys.js";
import { nodesOfRows, rowsOf, unfoldedAtFirst, windowOf } from "./rows.js";
import { CHECKED, KEPT, MIXED, TRAINABLE, summarize } from "./selection.js";
import { BATCHNORM, BLOCK, HEAD, LAYER, hasChildren, holdsSourceStatistics } from "./tree.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./rows.js").Filter} Filter */

const ROW = 28;
const TALLEST = 15 * ROW;
const INDENT = 18;
/** Letters typed within this many milliseconds of one another make one word. */
const TYPING = 700;
const COLUMNS = ["Layer", "Class", "Output shape", "Parameters", "Share"];

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
 * @param {Store} store
 * @param {{ say: (text: string) => void }} options
 */
export function createGrid(store, { say }) {
  const { tree } = store;
  const id = uniqueId("tl-picker");
  const unfolded = unfoldedAtFirst(tree);
  let query = { search: "", filter: /** @type {Filter} */ ("all") };
  let summary = summarize(tree, store.view.selection);
  let rates = ratesOf(store);
  let rows = rowsOf(tree, unfolded, { ...query, selection: store.view.selection });
  let active = -1;
  let anchor = -1;
  let typed = "";
  let typedAt = 0;
  /** @type {Map<number, RowParts>} */
  const drawn = new Map();
  /** @type {RowParts[]} */
  const spare = [];

  const canvas = h("div", { class: "tl-grid__canvas", role: "rowgroup" });
  const empty = h("div", { class: "tl-grid__empty", hidden: true });
  const titles = COLUMNS.map((title) => h("div", { role: "columnheader", class: cellClass(title) }, title));
  const header = h("div", { class: "tl-row tl-row--header", role: "row", "aria-rowindex": 1 }, ...titles);
  const body = h("div", { class: "tl-grid__body" }, canvas, empty);
  const element = h(
    "div",
    {
      class: "tl-grid",
      role: "treegrid",
      tabindex: 0,
      "aria-label": `Layers of ${tree.model}`,
      "aria-colcount": COLUMNS.length,
      style: { height: `${Math.min(TALLEST, tree.size * ROW) + ROW + 2}px` },
    },
    h("div", { role: "rowgroup", class: "tl-grid__head" }, header),
    body,
  );

  function layout() {
    const before = active >= 0 ? rows.rowOf[active] : -1;
    rows = rowsOf(tree, unfolded, { ...query, selection: store.view.selection });
    if (active >= 0 && rows.rowOf[active] < 0) active = rows.nodes[Math.min(before, rows.nodes.length - 1)] ?? -1;
    set(canvas, { style: { height: `${rows.nodes.length * ROW}px` } });
    set(element, { "aria-rowcount": rows.nodes.length + 1 });
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
        fill(parts, node);
        canvas.append(parts.row);
      }
      place(parts);
    }
    set(element, { "aria-activedescendant": active >= 0 ? rowId(active) : null });
  }

  /** @param {number} node */
  const rowId = (node) => `${id}-${node}`;

  /** @returns {RowParts} */
  function makeRow() {
    const fold = h("span", { class: "tl-fold", "aria-hidden": "true" }, icon("chevron"));
    const box = h("input", { class: "tl-check", type: "checkbox", tabindex: -1, "aria-label": "trainable" });
    const name = h("span", { class: "tl-row__name" });
    const badges = h("span", { class: "tl-row__badges" });
    const from = h(
      "button",
      {
        type: "button",
        class: "tl-row__from",
        tabindex: -1,
        "aria-label": "train from here up to the output",
        title: "Train from here up to the output, freeze everything before (Alt+\u2193)",
      },
      icon("down"),
      h("span", {}, "From here up"),
    );
    const cell = (/** @type {string} */ title, /** @type {Node[]} */ ...children) =>
      h("div", { role: "gridcell", class: cellClass(title) }, ...children);
    const [layerTitle, classTitle, shapeTitle, paramsTitle, shareTitle] = COLUMNS;
    const className = cell(classTitle);
    const shape = cell(shapeTitle);
    const params = cell(paramsTitle);
    const share = h("span", { class: "tl-share" });
    const layer = cell(layerTitle, fold, box, name, badges, from);
    const row = h("div", { class: "tl-row", role: "row" }, layer, className, shape, params, cell(shareTitle, share));
    return { node: -1, row, fold, box, name, badges, className, shape, params, share };
  }

  /** What does not change while a row stands for the same node. @param {RowParts} parts @param {number} node */
  function fill(parts, node) {
    parts.node = node;
    const kind = tree.kind[node];
    set(parts.row, {
      id: rowId(node),
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
    setText(parts.params, size ? compact(size) : "\u2013");
    set(parts.params, { title: `${plural(size, "parameter")}, ${percent(size, total())} of the model` });
  }

  /** What follows the plan, the folding and the focus. @param {RowParts} parts */
  function place(parts) {
    const { node, row, box } = parts;
    const at = rows.rowOf[node];
    const check = summary.check[node];
    const open = at + 1 < rows.nodes.length && tree.parent[rows.nodes[at + 1]] === node;
    set(row, {
      "aria-rowindex": at + 2,
      "aria-expanded": hasChildren(tree, node) ? String(open) : null,
      "data-state": check === CHECKED ? "trainable" : check === MIXED ? "mixed" : "frozen",
      style: { transform: `translateY(${at * ROW}px)` },
    });
    row.classList.toggle("tl-row--active", node === active);
    box.checked = check === CHECKED;
    box.indeterminate = check === MIXED;
    const [size, trained] = [tree.params[node], summary.trained[node]];
    const width = (/** @type {number} */ part) => (part ? `max(1.5px, ${((100 * part) / total()).toFixed(2)}%)` : "0px");
    set(parts.share, { style: { "--tl-trained": width(trained), "--tl-rest": width(size - trained) } });
    badge(parts);
  }

  /** @param {RowParts} parts */
  function badge(parts) {
    const wanted = tree.layerOf[parts.node] >= 0 ? badgesOf(store, rates, parts.node) : [];
    const key = wanted.map(({ kind, text }) => kind + text).join();
    if (parts.badges.dataset.key === key) return;
    parts.badges.dataset.key = key;
    const pill = (/** @type {Badge} */ { kind, text, title }) => h("span", { class: `tl-badge tl-badge--${kind}`, title }, text);
    parts.badges.replaceChildren(...wanted.map(pill));
  }

  /** In a long tree most of what trains is at the end; without this, the first look would show nothing of it. */
  function showWhereTrainingBegins() {
    const first = rows.nodes.findIndex((node) => summary.trained[node] > 0 && summary.check[node] !== MIXED);
    const top = first * ROW - (element.clientHeight - ROW) / 2;
    if (top > 0) element.scrollTop = top;
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
    layout();
  }

  const searching = () => query.search.trim() !== "" || query.filter !== "all";

  /** @param {number} node @param {boolean} trainable @param {boolean} range */
  function choose(node, trainable, range) {
    const from = anchor >= 0 ? rows.rowOf[anchor] : -1;
    const nodes = range && from >= 0 ? nodesOfRows(tree, rows, from, rows.rowOf[node]) : [[node, tree.end[node]]];
    store.edit({ kind: "set", trainable, nodes });
    const what = nodes.length > 1 || range ? "The range" : tree.label[node];
    say(`${what} ${trainable ? "trainable" : "frozen"}`);
    activate(node, range);
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
    if (event.target === parts.box) {
      const trainable = summary.check[node] !== CHECKED;
      choose(node, trainable, event.shiftKey);
      place(parts);
    } else if (event.target.closest(".tl-row__from")) {
      activate(node);
      store.edit({ kind: "from", node });
      say(`Trainable from ${tree.label[node]} up to the output`);
    } else if (event.shiftKey) {
      choose(node, summary.check[anchor >= 0 ? anchor : node] === CHECKED, true);
    } else {
      activate(node);
      if (event.target.closest(".tl-fold") || (event.detail === 2 && hasChildren(tree, node))) {
        unfold(node, !unfolded[node]);
      }
    }
  });

  element.addEventListener("keyup", () => element.classList.add("tl-grid--keys"));

  element.addEventListener("focus", () => {
    if (active < 0 && rows.nodes.length) activate(rows.nodes[Math.ceil(element.scrollTop / ROW)]);
  });

  element.addEventListener("keydown", (event) => {
    element.classList.add("tl-grid--keys");
    if (event.target !== element && (event.key === " " || event.key === "Enter")) return;
    const page = Math.max(1, Math.floor(element.clientHeight / ROW) - 2);
    const fresh = event.timeStamp - typedAt < TYPING ? typed : "";
    const action = move(event, { tree, rows, unfolded, active, page, typed: fresh });
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (action.kind === "go") activate(action.node, event.shiftKey);
    else if (action.kind === "fold") unfold(action.node, action.open);
    else if (action.kind === "toggle") choose(action.node, summary.check[action.node] !== CHECKED, event.shiftKey);
    else if (action.kind === "from") store.edit({ kind: "from", node: action.node });
    else if (action.kind === "undo" || action.kind === "redo") store.edit({ kind: action.kind });
    else if (action.kind === "type") {
      [typed, typedAt] = [action.typed, event.timeStamp];
      if (action.node >= 0) activate(action.node);
    }
  });

  element.addEventListener("scroll", draw, { passive: true });
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
    /** How many nodes the search finds. */
    get matches() {
      return rows.matches;
    },
    /** The plan has changed. */
    update() {
      summary = summarize(tree, store.view.selection);
      rates = ratesOf(store);
      if (searching()) layout();
      else draw();
      return summary;
    },
    /** @param {Partial<typeof query>} change */
    show(change) {
      query = { ...query, ...change };
      element.scrollTop = 0;
      layout();
    },
    /** @param {boolean} open */
    unfoldAll(open) {
      for (let node = 0; node < tree.size; node += 1) unfolded[node] = open && hasChildren(tree, node) ? 1 : 0;
      layout();
    },
    destroy() {
      observer.disconnect();
    },
  };
}

/** @param {string} title */
const cellClass = (title) => `tl-cell tl-cell--${title.toLowerCase().replace(" ", "-")}`;

/** The multiplier of each layer. @param {Store} store */
function ratesOf({ tree, message }) {
  const out = new Float64Array(tree.layers);
  let at = 0;
  for (const [length, multiplier] of message.rates) {
    out.fill(multiplier, at, at + length);
    at += length;
  }
  return out;
}

/** @typedef {{ kind: string, text: string, title: string }} Badge */

/**
 * @param {Store} store
 * @param {Float64Array} rates
 * @param {number} node
 * @returns {Badge[]}
 */
function badgesOf({ tree, view }, rates, node) {
  const layer = tree.layerOf[node];
  const choice = view.selection.choices[layer];
  const badges = [];
  if (tree.flags[node] & BATCHNORM) {
    const kept = "Kept in inference mode with the source's statistics, though its neighbours train. Tick it to train it.";
    const held = "BatchNormalization that holds statistics of the source";
    const fresh = "BatchNormalization of the head: new, so it trains with its neighbours";
    const title = choice === KEPT ? kept : holdsSourceStatistics(tree, node) ? held : fresh;
    badges.push({ kind: choice === KEPT ? "kept" : "norm", text: choice === KEPT ? "BatchNorm kept" : "BatchNorm", title });
  }
  if (tree.uses[node] > 1) {
    badges.push({ kind: "shared", text: `used ${tree.uses[node]}\u00d7`, title: "Shared: the model calls it several times" });
  }
  if (tree.flags[node] & HEAD && tree.params[node] > 0) {
    badges.push({ kind: "head", text: "head", title: "New for the target task" });
  }
  if (choice === TRAINABLE && rates[layer] !== 1) {
    badges.push({ kind: "rate", text: `\u00d7\u202f${number(rates[layer])}`, title: "Multiplier of the learning rate" });
  }
  return badges;
}
