// @ts-check
// The Studio on the page: seven steps as tabs, the state of the work above them, the code of each below.

import { h, set, setText, uniqueId } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/texts.js";
import { createData } from "./data.js";
import { createExport } from "./export.js";
import { button, codeBox } from "./parts.js";
import { createRecipe } from "./recipe.js";
import { createResults } from "./results.js";
import { createSource } from "./source.js";
import { STEPS, stepDone, stepName, stepSummary, workState } from "./steps.js";
import { createTrain } from "./train.js";

/** @typedef {import("./steps.js").Desk} Desk @typedef {import("./steps.js").Step} Step */

const PATIENCE = 900; // milliseconds until the page says that the kernel has not answered

/**
 * @param {object} channel
 * @param {(message: any) => void} channel.send
 * @param {string} channel.page
 * @param {Step} [channel.first] the step that is open at first
 */
export function createStudio({ send, page, first = "data" }) {
  let desk = /** @type {Desk | null} */ (null);
  let open = first;
  let sent = 0;
  let answered = "";
  const status = h("div", { class: "tl-hidden", role: "status", "aria-live": "polite" });
  const say = (/** @type {string} */ text) => setText(status, text);
  const tell = (/** @type {{ do: string, [key: string]: any }} */ message) => {
    sent += 1;
    send({ type: "studio", page, number: sent, ...message });
    const number = sent;
    setTimeout(() => {
      waits.hidden = (desk?.answered[page] ?? 0) >= number;
    }, PATIENCE);
  };
  const studio = { tell, say, go };
  const data = createData();
  const source = createSource(studio);
  const layers = h("div", { class: "tls-step" });
  const recipe = createRecipe(studio);
  const train = createTrain(studio, send);
  const results = createResults(studio);
  const out = createExport(studio);
  const panels = { data: data.element, source: source.element, layers, recipe: recipe.element, train: train.element,
    results: results.element, export: out.element };

  const id = uniqueId("tls");
  const tabs = STEPS.map((step, i) => {
    const [mark, summary] = [h("i", { "aria-hidden": "true" }), h("span", { class: "tls-tab-more" })];
    const element = h("button", { type: "button", role: "tab", class: "tls-tab", id: `${id}-${step}`, "aria-controls": `${id}-panel`,
      "aria-label": stepName(step), on: { click: () => go(step) } }, mark, h("span", { class: "tls-tab-name" }, stepName(step)), summary);
    return { step, element, mark, summary, number: i + 1 };
  });
  const bar = h("div", { class: "tls-tabs", role: "tablist", "aria-label": t("Steps") }, ...tabs.map((tab) => tab.element));
  bar.addEventListener("keydown", (event) => {
    const at = STEPS.indexOf(open);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: STEPS.length - 1 }[event.key];
    if (to === undefined || !STEPS[to]) return;
    event.preventDefault();
    go(STEPS[to]);
    tabs[to].element.focus();
  });
  const panel = h("div", { class: "tls-panel", id: `${id}-panel`, role: "tabpanel" });
  const code = codeBox(t("The same in code"));
  const back = button(t("Back"), { class: "tl-button--quiet" });
  const next = button(t("Next"), {});
  back.addEventListener("click", () => go(STEPS[STEPS.indexOf(open) - 1]));
  next.addEventListener("click", () => go(STEPS[STEPS.indexOf(open) + 1]));

  const title = h("b", { class: "tls-title" });
  const waits = h("span", { class: "tls-waits", role: "status", hidden: true }, t("Waiting for the kernel"));
  const strip = createStrip(tell);
  const error = h("p", { class: "tls-error", role: "alert" });
  const root = h("div", { class: "tl tl-studio", role: "region", "aria-label": t("Studio") },
    h("header", { class: "tls-head" }, h("span", { class: "tls-brand" }, t("Studio")), title, waits),
    bar, strip.element, error, panel, h("footer", { class: "tls-foot" }, code.element, h("div", { class: "tls-walk" }, back, next)), status);

  /** @param {Step | undefined} step */
  function go(step) {
    if (!step) return;
    open = step;
    panel.replaceChildren(panels[step]);
    set(panel, { "aria-labelledby": `${id}-${step}` });
    for (const tab of tabs) set(tab.element, { "aria-selected": String(tab.step === step), tabindex: tab.step === step ? 0 : -1 });
    back.disabled = step === STEPS[0];
    next.disabled = step === STEPS[STEPS.length - 1];
    update();
    if (step === "train") requestAnimationFrame(() => train.restyle());
  }

  function update() {
    if (!desk) return;
    const told = desk;
    for (const { step, mark, summary, element, number } of tabs) {
      const done = stepDone(told, step);
      set(element, { "data-done": done });
      if (done && step !== open) mark.replaceChildren(icon("check"));
      else mark.replaceChildren(String(number));
      setText(summary, stepSummary(told, step) ?? "");
    }
    code.update(told.codes[open] ?? "");
  }

  go(open);
  return {
    element: root,
    go,
    /** @param {Desk} told @param {any} report */
    update(told, report) {
      const started = told.work.now === "train" && desk?.work.now !== "train";
      desk = told;
      setText(title, told.title);
      if ((told.answered[page] ?? 0) >= sent) waits.hidden = true;
      if (told.work.token && told.work.token !== answered) send({ type: "here", token: told.work.token });
      answered = told.work.token;
      setText(error, told.work.error);
      error.hidden = !told.work.error;
      strip.update(told);
      source.update(told);
      recipe.update(told);
      train.update(told);
      results.update(told, report);
      out.update(told);
      if (started && open !== "train") go("train");
      else update();
    },
    /** @param {any} told */
    look: (told) => data.update(told),
    /** @param {any} state @param {any} curves */
    watch: (state, curves) => train.watch(state, curves),
    /** @param {HTMLElement} picker */
    show: (picker) => layers.replaceChildren(picker),
    restyle: () => train.restyle(),
    destroy: () => train.destroy(),
  };
}

/** What is going on, and what one can do about it. @param {(message: { do: string }) => void} tell */
function createStrip(tell) {
  const text = h("span", { class: "tls-strip-text" });
  const code = codeBox(t("Run this in a cell"));
  const cancel = button(t("Cancel"), { on: { click: () => tell({ do: "cancel" }) } });
  const finish = button(t("Finish"), { on: { click: () => tell({ do: "finish" }) },
    title: t("Ends the cell that waits; nothing is lost") });
  const element = h("div", { class: "tls-strip", role: "status" }, h("i", { class: "tls-dot", "aria-hidden": "true" }), text, code.element, cancel, finish);
  return {
    element,
    /** @param {Desk} desk */
    update(desk) {
      const state = workState(desk);
      element.hidden = state.kind === "idle";
      set(element, { "data-kind": state.kind });
      setText(text, state.text);
      code.update(state.code);
      cancel.hidden = state.kind !== "working" || desk.work.now !== "compare" || desk.work.cancelling;
      finish.hidden = state.kind !== "waiting";
    },
  };
}
