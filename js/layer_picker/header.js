// @ts-check
// Above the tree: what the plan comes to, the presets, the search.

import { t } from "../shared/texts.js";
import { copyText, h, set, setText } from "../shared/dom.js";
import { bytes, compact, percent, plural } from "../shared/format.js";
import { icon } from "../shared/icons.js";
import { applyEdit, equal } from "./selection.js";
import { HEAD, holdsSourceStatistics } from "./tree.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./selection.js").Edit} Edit */
/** @typedef {import("./selection.js").Summary} Summary */

/** Adam keeps two float32 numbers for each that it trains. */
const ADAM_BYTES = 8;

/** @param {string} text @param {Record<string, any>} attributes @param {...Node} before */
function button(text, attributes, ...before) {
  const { class: more = "", ...rest } = attributes;
  return h("button", { type: "button", class: `tl-button ${more}`.trim(), ...rest }, ...before, text);
}

/** @param {Store} store */
export function createTotals(store) {
  const { tree } = store;
  const stat = (/** @type {string} */ kind, /** @type {string} */ title, /** @type {string} */ label) => {
    const value = h("span", { class: "tl-stat__value" });
    const more = h("span", { class: "tl-stat__more" });
    const parts = [h("span", { class: "tl-stat__label" }, label), value, more];
    return { value, more, element: h("div", { class: `tl-stat tl-stat--${kind}`, title }, ...parts) };
  };
  const trainable = stat("trainable", t("Parameters that the optimizer updates"), t("Trainable"));
  const frozen = stat("frozen", t("Parameters that stay as they are"), t("Frozen"));
  const memory = stat("memory", t("What Adam keeps for the trainable parameters: two float32 numbers each"), t("Adam memory"));
  const epoch = stat("epoch", "", t("Epoch time"));
  const bar = h("div", { class: "tl-bar", role: "img" });
  const stats = [trainable, frozen, epoch, memory].map((one) => one.element);
  const element = h("div", { class: "tl-totals" }, h("div", { class: "tl-stats" }, ...stats), bar);

  return {
    element,
    /** @param {Summary} summary */
    update(summary) {
      const total = summary.trainable + summary.frozen;
      const share = percent(summary.trainable, total);
      setText(trainable.value, compact(summary.trainable));
      setText(trainable.more, share);
      setText(frozen.value, compact(summary.frozen));
      setText(frozen.more, percent(summary.frozen, total));
      setText(memory.value, bytes(summary.trainable * ADAM_BYTES));
      const { share: time, once, text } = store.message.cost;
      set(epoch.element, { hidden: time === null, title: text });
      epoch.element.classList.toggle("tl-stat--waiting", store.view.waiting > 0);
      setText(epoch.value, time === null ? "" : percent(time, 1));
      setText(epoch.more, once ? t("of training all, frozen part once") : t("of training all"));
      const label = `${compact(summary.trainable)} of ${plural(total, "parameter")} trainable, ${share}`;
      set(bar, { "aria-label": label, title: `${label}; from the input at the left to the output at the right`,
        style: { "--tl-segments": segments(tree, summary) } });
    },
  };
}

/**
 * Stops of a gradient: the model from input to output, each layer as wide as its share of the parameters. What trains
 * stays visible however small it is.
 * @param {import("./tree.js").Tree} tree
 * @param {Summary} summary
 */
function segments(tree, summary) {
  /** @type {{ on: boolean, size: number }[]} */
  const runs = [];
  for (let layer = 0; layer < tree.layers; layer += 1) {
    const node = tree.nodeOf[layer];
    for (const { on, size } of [{ on: false, size: summary.held[node] }, { on: true, size: summary.trained[node] }]) {
      if (size === 0) continue;
      const last = runs.at(-1);
      if (last && (last.on === on || size < 0.005 * (summary.trainable + summary.frozen) && !on)) last.size += size;
      else runs.push({ on, size });
    }
  }
  const total = runs.reduce((sum, run) => sum + run.size, 0) || 1;
  const widths = runs.map((run) => (run.on ? Math.max(run.size / total, 0.012) : run.size / total));
  const whole = widths.reduce((sum, width) => sum + width, 0) || 1;
  let at = 0;
  const stops = runs.map((run, i) => {
    const from = at;
    at += (100 * widths[i]) / whole;
    return `var(${run.on ? "--tl-trainable" : "--tl-frozen-soft"}) ${from.toFixed(2)}% ${at.toFixed(2)}%`;
  });
  return `linear-gradient(to right, ${stops.join(", ") || "transparent, transparent"})`;
}

/** @param {Store} store @param {{ say: (text: string) => void }} options */
export function createPresets(store, { say }) {
  const { tree } = store;
  const most = tree.bodyBlocks.length;
  const amount = h("input", { class: "tl-last__amount", type: "number", min: 1, max: most, value: Math.min(2, most),
    "aria-label": t("how many blocks") });
  const wanted = () => Math.min(Math.max(1, Math.round(Number(amount.value)) || 1), most);
  /** @type {{ element: HTMLButtonElement, edit: () => Edit }[]} */
  const presets = [];
  const preset = (/** @type {string} */ name, /** @type {string} */ title, /** @type {() => Edit} */ edit) => {
    const element = button(name, { title });
    element.addEventListener("click", () => {
      store.edit(edit());
      say(`${element.getAttribute("aria-label") ?? name}: chosen`);
    });
    presets.push({ element, edit });
    return element;
  };
  const hasHead = tree.flags.some((flags) => (flags & HEAD) !== 0);
  const head = hasHead && preset(t("Head only"), t("Train the new head, freeze the rest: the linear probe"), () => ({ kind: "head" }));
  const lastOne = preset(t("Last block"), t("Train the head and the last block of the body"), () => ({ kind: "last", n: 1 }));
  const last = preset(t("Last"), t("Train the head and the last blocks of the body"), () => ({ kind: "last", n: wanted() }));
  const everything = preset(t("All"), t("Train every layer; BatchNorm keeps the source's statistics"), () => ({ kind: "all" }));
  const nothing = preset(t("None"), t("Freeze every layer"), () => ({ kind: "none" }));
  const group = h("span", { class: "tl-last" }, last, amount, h("span", { class: "tl-last__unit" }, t("blocks")));
  const name = () => {
    set(last, { "aria-label": `Last ${plural(wanted(), "block")}` });
    update();
  };
  amount.addEventListener("input", name);
  amount.addEventListener("change", () => {
    amount.value = String(wanted());
    store.edit({ kind: "last", n: wanted() });
  });

  function update() {
    const { selection } = store.view;
    for (const { element, edit } of presets) {
      set(element, { "aria-pressed": String(equal(applyEdit(tree, selection, edit()), selection)) });
    }
    group.classList.toggle("tl-last--pressed", last.getAttribute("aria-pressed") === "true");
  }

  name();
  const blocks = most > 0 ? [lastOne, ...(most > 1 ? [group] : [])] : [];
  const element = h("div", { class: "tl-presets", role: "group", "aria-label": t("Presets") }, head, ...blocks, everything, nothing);
  return { element, update };
}

/** @param {Store} store @param {ReturnType<typeof import("./grid.js").createGrid>} grid */
export function createSearch(store, grid) {
  const { tree } = store;
  const field = h("input", { class: "tl-field tl-search__field", type: "search", placeholder: t("Search layers"),
    "aria-label": t("Search layers"), spellcheck: "false", autocomplete: "off",
    title: "Part of a name or class; block_1* as a glob; /conv|dense/ as a regular expression" });
  const found = h("span", { class: "tl-search__found", role: "status" });
  const option = (/** @type {string} */ value, /** @type {string} */ text) => h("option", { value }, text);
  const hasNorm = tree.flags.some((_, node) => holdsSourceStatistics(tree, node));
  const filter = h("select", { class: "tl-field", "aria-label": t("Show") }, option("all", t("All layers")),
    option("trainable", t("Trainable")), option("frozen", t("Frozen")), hasNorm && option("batchnorm", "BatchNorm"),
    option("weights", t("With parameters")));
  const norm = h("select", { class: "tl-field", "aria-label": t("BatchNorm policy"),
    title: "BatchNormalization of the body: keeps the source's statistics (in inference mode), or trains like any layer" },
    option("frozen", t("Keep BatchNorm")), option("train", t("Train BatchNorm")));
  const fold = button("", { class: "tl-button--icon tl-button--quiet" });
  let folded = false;

  function update() {
    const searching = field.value.trim() !== "" || filter.value !== "all";
    setText(found, searching ? `${grid.matches} found` : "");
    norm.value = store.view.selection.batchnorm;
    set(fold, { "aria-label": folded ? t("Unfold all") : t("Fold all"), title: folded ? t("Unfold all") : t("Fold all"), disabled: searching });
    fold.replaceChildren(icon(folded ? "unfold" : "fold"));
  }

  field.addEventListener("input", () => {
    grid.show({ search: field.value });
    update();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && field.value) {
      field.value = "";
      grid.show({ search: "" });
      update();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      grid.element.focus();
    }
  });
  filter.addEventListener("change", () => {
    grid.show({ filter: /** @type {any} */ (filter.value) });
    update();
  });
  norm.addEventListener("change", () => store.edit({ kind: "batchnorm", mode: /** @type {any} */ (norm.value) }));
  fold.addEventListener("click", () => {
    folded = !folded;
    grid.unfoldAll(!folded);
    update();
  });
  update();
  const search = h("div", { class: "tl-search" }, icon("search"), field, found);
  const element = h("div", { class: "tl-tools" }, search, filter, hasNorm && norm, fold);
  return { element, update };
}

/** @param {Store} store @param {{ say: (text: string) => void }} options */
export function createHistory(store, { say }) {
  const make = (/** @type {"undo" | "redo"} */ kind, /** @type {string} */ name, /** @type {string} */ keys) => {
    const element = button("", { class: "tl-button--icon tl-button--quiet", "aria-label": name, title: `${name} (${keys})` }, icon(kind));
    element.addEventListener("click", () => {
      store.edit({ kind });
      say(name);
    });
    return element;
  };
  const undo = make("undo", t("Undo"), "Ctrl+Z");
  const redo = make("redo", t("Redo"), "Ctrl+Shift+Z");
  const element = h("div", { class: "tl-history" }, undo, redo);
  const update = () => {
    undo.disabled = !store.view.canUndo;
    redo.disabled = !store.view.canRedo;
  };
  update();
  return { element, update };
}

/** The plan as code, and a button that copies it. @param {Store} store @param {{ say: (text: string) => void }} options */
export function createCode(store, { say }) {
  const code = h("code", { class: "tl-code__text", tabindex: 0, "aria-label": t("The plan as code") });
  const copy = button(t("Copy as code"), { class: "tl-code__copy" }, icon("copy"));
  const waiting = h("span", { class: "tl-code__waiting" }, t("Waiting for the kernel"));
  const error = h("div", { class: "tl-error", role: "alert" });
  const element = h("div", { class: "tl-code" }, code, waiting, copy);

  copy.addEventListener("click", async () => {
    const copied = await copyText(store.message.code, code);
    copy.replaceChildren(icon(copied ? "check" : "copy"), copied ? t("Copied") : t("Press Ctrl+C"));
    say(copied ? t("Copied") : t("Press Ctrl+C to copy"));
    copy.addEventListener("blur", reset, { once: true });
    copy.addEventListener("pointerleave", reset, { once: true });
  });
  const reset = () => copy.replaceChildren(icon("copy"), t("Copy as code"));

  function update() {
    setText(code, store.message.code);
    set(code, { title: store.message.code });
    element.classList.toggle("tl-code--waiting", store.view.waiting > 0);
    copy.disabled = store.view.waiting > 0;
    setText(error, store.message.error);
  }
  update();
  return { element, error, update };
}
