// @ts-check
// The options of one row: a small panel beside it.

import { t } from "../shared/texts.js";
import { h, set, setText } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { icon } from "../shared/icons.js";
import { rankText, rateText } from "./row.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./selection.js").Summary} Summary */

const MULTIPLIERS = [0.01, 0.1, 0.3, 1, 3, 10];
const RANKS = [2, 4, 8, 16, 32, 64];
const GAP = 4;

/**
 * @param {Store} store
 * @param {{ say: (text: string) => void, closed: () => void, trainFrom: (node: number) => void }} hooks `closed` is called
 *   when the panel gives the focus back
 */
export function createOptions(store, { say, closed, trainFrom }) {
  const { tree } = store;
  let node = -1;
  /** What was clicked to open the panel, and closes it again. @type {Element | null} */
  let opener = null;
  const title = h("div", { class: "tl-options__title" });
  const field = h("input", { class: "tl-field tl-options__field", type: "number", min: 0, step: "any",
    "aria-label": "multiplier of the learning rate" });
  const common = MULTIPLIERS.map((multiplier) => {
    const button = h("button", { type: "button", class: "tl-button", "aria-label": `learning rate times ${multiplier}` }, number(multiplier));
    button.addEventListener("click", () => setRate(multiplier));
    return { multiplier, button };
  });
  const rank = h("select", { class: "tl-field", "aria-label": "rank of LoRA",
    title: "LoRA: the weights stay as they are, a low-rank adaptation of them is trained, and merged into them in the end" });
  const rankLine = h("label", { class: "tl-options__line" }, h("span", { class: "tl-options__label" }, "LoRA"), rank);
  rank.addEventListener("change", () => {
    store.edit({ kind: "lora", rank: Number(rank.value), nodes: nodes() });
    say(`${tree.label[node]}: LoRA ${rank.value === "0" ? "off" : `of rank ${rank.value}`}`);
  });
  const from = h("button", { type: "button", class: "tl-button tl-options__from" }, icon("down"), t("Train from here up"));
  from.addEventListener("click", () => {
    trainFrom(node);
    close(true);
  });
  const element = h("div", { class: "tl-options", role: "dialog", hidden: true },
    title,
    h("div", { class: "tl-options__line" }, h("span", { class: "tl-options__label" }, "Learning rate \u00d7"), field),
    h("div", { class: "tl-options__common", role: "group", "aria-label": t("Common multipliers") }, ...common.map((one) => one.button)),
    rankLine,
    from,
  );

  const nodes = () => [[node, tree.end[node]]];


  /** @param {number} multiplier */
  function setRate(multiplier) {
    store.edit({ kind: "rate", multiplier, nodes: nodes() });
    say(`${tree.label[node]}: learning rate times ${multiplier}`);
  }

  field.addEventListener("change", () => {
    const multiplier = field.valueAsNumber;
    if (multiplier >= 0) setRate(multiplier);
    else showRate();
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && !(event.key === "Enter" && event.target === field)) return;
    event.preventDefault();
    event.stopPropagation();
    field.blur();
    close(true);
  });
  const leave = (/** @type {Event} */ event) => {
    const path = event.composedPath();
    if (!path.includes(element) && !(opener && path.includes(opener))) close(false);
  };

  /** @type {Summary} */
  let summary;
  function showRate() {
    const [low, high] = [summary.slowest[node], summary.fastest[node]];
    field.value = low === high ? String(low) : "";
    set(field, { placeholder: low < high ? rateText(summary, node).replace("\u00d7\u202f", "") : null });
    for (const { multiplier, button } of common) set(button, { "aria-pressed": String(low === multiplier && high === multiplier) });
  }

  function showRank() {
    const [low, high] = [summary.lowest[node], summary.highest[node]];
    rankLine.hidden = tree.lora[node] === 0;
    const several = high > low ? rankText(summary, node).replace("LoRA", "Rank") : "";
    const ranks = [...new Set(low === high ? [...RANKS, low] : RANKS)].sort((a, b) => a - b);
    const options = [["0", t("Off")], ...ranks.map((one) => [String(one), `Rank ${one}`])];
    rank.replaceChildren(...options.map(([value, text]) => h("option", { value }, text)));
    if (several) rank.prepend(h("option", { value: "", disabled: true }, several));
    rank.value = several ? "" : high >= low ? String(low) : "0";
  }

  function showAll() {
    showRate();
    showRank();
  }

  /** @param {boolean} focus whether the focus goes back to where it came from */
  function close(focus) {
    if (node < 0) return;
    node = -1;
    element.hidden = true;
    document.removeEventListener("pointerdown", leave, true);
    if (focus) closed();
  }

  /** @param {HTMLElement} row */
  function place(row) {
    const room = /** @type {HTMLElement} */ (element.offsetParent).getBoundingClientRect();
    const beside = row.getBoundingClientRect();
    const below = beside.bottom - room.top + GAP;
    const fits = below + element.offsetHeight < room.height;
    set(element, { style: { top: `${fits ? below : beside.top - room.top - element.offsetHeight - GAP}px` } });
  }

  return {
    element,
    get node() {
      return node;
    },
    close,
    /**
     * Keeps the panel beside its row, and closes it when the row is gone.
     * @param {HTMLElement | undefined} row
     */
    follow(row) {
      if (node < 0) return;
      const view = row?.closest(".tl-grid")?.getBoundingClientRect();
      const beside = row?.getBoundingClientRect();
      if (row && view && beside && beside.bottom > view.top && beside.top < view.bottom) place(row);
      else close(false);
    },
    /**
     * Opens the panel for a node, below its row or, where there is no room, above it.
     * @param {number} of @param {HTMLElement} row @param {Element | null} [by]
     */
    open(of, row, by = null) {
      if (node === of) return close(true);
      close(false);
      [node, opener] = [of, by];
      setText(title, tree.name[node]);
      set(title, { title: tree.path[node] });
      set(element, { "aria-label": `Options of ${tree.label[node]}`, hidden: false });
      showAll();
      place(row);
      document.addEventListener("pointerdown", leave, true);
      field.focus();
      field.select();
    },
    /** @param {Summary} next */
    update(next) {
      summary = next;
      if (node >= 0) showAll();
    },
    destroy() {
      document.removeEventListener("pointerdown", leave, true);
    },
  };
}
