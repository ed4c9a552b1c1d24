// @ts-check
// The fifth step: start, and watch. What trains is shown by the very monitor of `fine_tune`.

import { h, setText } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { MonitorView } from "../training_monitor/view.js";
import { jobButton } from "./parts.js";
import { phaseWords } from "./steps.js";

/** @typedef {import("./steps.js").Desk} Desk @typedef {import("./parts.js").Studio} Studio */

/**
 * @param {Studio} studio
 * @param {(message: { type: string, [key: string]: any }) => void} send what the monitor's own buttons say
 */
export function createTrain(studio, send) {
  const start = jobButton(studio, "train", t("Start training"));
  const words = h("p", { class: "tls-soft" });
  const root = h("div", { class: "tl tl-monitor" });
  const monitor = new MonitorView(root, send);
  const element = h("div", { class: "tls-step" }, h("div", { class: "tls-actions" }, start.element, words), root);
  return {
    element,
    /** @param {Desk} desk */
    update(desk) {
      start.update(desk, { primary: true, title: desk.runs.length ? t("Start another training") : t("Start training") });
      setText(words, desk.phases.map((phase) => `${phase.name}: ${phaseWords(phase)}`).join("; "));
    },
    /** @param {any} status @param {any} curves */
    watch(status, curves) {
      root.hidden = status.state === "waiting";
      monitor.update(status, curves);
    },
    restyle: () => monitor.restyle(),
    destroy: () => monitor.destroy(),
  };
}

