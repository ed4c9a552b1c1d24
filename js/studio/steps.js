// @ts-check
// What the Studio says about where one is: pure functions of what Python sends.

import { count, number } from "../shared/format.js";
import { t } from "../shared/texts.js";

/**
 * @typedef {{ name: string, epochs: number, learning_rate: number, schedule: string, shape: number[], layers: number,
 *   trainable_layers: number, params: number, trainable_params: number, plan: string }} Phase
 * @typedef {{ number: number, name: string, plan: string, epochs: string, stopped_by: string, seconds: number,
 *   figures: Record<string, string>, proof: boolean, verdict: string, exported: string, best: boolean }} RunRow
 * @typedef {{ rates: number[], losses: number[], suggestion: number }} Sweep
 * @typedef {{ waiting: boolean, token: string, now: string, text: string, armed: string[], error: string, failed: string,
 *   unreachable: boolean, cancelling: boolean }} Work
 * @typedef {{ title: string, variable: string, new_head: boolean, sources: string[], source: string, head: string,
 *   ranking: { header: string[], rows: string[][], notes: string[] } | null, findings: { title: string, text: string, code: string }[],
 *   strategies: { name: string, title: string, text: string }[], strategy: string, takes_plan: boolean, epochs: number,
 *   learning_rate: number | null, batch_size: number, seed: number, phases: Phase[], refused: string, refused_field: string,
 *   can_suggest: boolean, advice: string[], sweep: Sweep | null, has_test: boolean, samples: Record<string, number | null>,
 *   runs: RunRow[], run: number, written: string[], work: Work, codes: Record<string, string>,
 *   trainable: string, answered: Record<string, number> }} Desk
 * @typedef {"data" | "source" | "layers" | "recipe" | "train" | "results" | "export"} Step
 */

/** @type {Step[]} */
export const STEPS = ["data", "source", "layers", "recipe", "train", "results", "export"];

/** @param {Step} step */
export const stepName = (step) => ({
  data: t("Data"), source: t("Source"), layers: t("Layers"), recipe: t("Recipe"), train: t("Train"), results: t("Results"),
  export: t("Export"),
})[step];

/**
 * What stands below the name of a step.
 * @param {Desk} desk
 * @param {Step} step
 */
export function stepSummary(desk, step) {
  const last = desk.runs.at(-1);
  const best = desk.runs.find((run) => run.number === desk.run);
  switch (step) {
    case "data": {
      const { train } = desk.samples;
      return train === null ? t("a stream") : t("{0} to train", count(train));
    }
    case "source": return desk.source;
    case "layers": return desk.trainable;
    case "recipe": return t("{0} epochs", count(desk.phases.reduce((sum, phase) => sum + phase.epochs, 0)));
    case "train": return desk.work.now === "train" ? t("training") : last ? t("{0} so far", desk.runs.length) : t("not yet");
    case "results": return best ? Object.values(best.figures)[0]?.split(" ")[0] ?? t("not evaluated") : "";
    case "export": return desk.runs.some((run) => run.exported) || desk.written.length ? t("written") : "";
  }
}

/**
 * Whether a step has been gone through, as far as can be told.
 * @param {Desk} desk
 * @param {Step} step
 */
export function stepDone(desk, step) {
  const trained = desk.runs.length > 0;
  const known = { results: desk.runs.some((run) => Object.keys(run.figures).length > 0), export: desk.written.length > 0 };
  return step === "results" || step === "export" ? known[step] : trained;
}

/**
 * What one has to know about the work now, in a sentence.
 * @param {Desk} desk
 * @returns {{ kind: "working" | "waiting" | "armed" | "idle", text: string, code: string }}
 */
export function workState(desk) {
  const { work, variable } = desk;
  if (work.now) return { kind: "working", text: work.text || t("In work: {0}", jobName(work.now)), code: "" };
  if (work.waiting) return { kind: "waiting", text: t("A cell is waiting for you: what you click is done at once."), code: "" };
  if (work.armed.length) {
    const names = work.armed.map(jobName).join(", ");
    return { kind: "armed", text: t("Chosen: {0}. It is done when this runs in a cell:", names), code: `${variable}.run()` };
  }
  return { kind: "idle", text: "", code: "" };
}

/** @param {string} job */
export const jobName = (job) => /** @type {Record<string, string>} */ ({
  rank: t("rank the sources"), suggest: t("suggest a recipe"), sweep: t("sweep the learning rate"), train: t("train"),
  evaluate: t("evaluate"), compare: t("compare with baselines"), export: t("export"),
})[job] ?? job;

/**
 * Widths of the phases on the timeline, in percent; a short phase stays wide enough to be read.
 * @param {Phase[]} phases
 */
export function phaseWidths(phases) {
  const total = phases.reduce((sum, phase) => sum + phase.epochs, 0) || 1;
  const least = Math.min(18, 100 / Math.max(1, phases.length));
  const raw = phases.map((phase) => Math.max(least, (100 * phase.epochs) / total));
  const whole = raw.reduce((sum, width) => sum + width, 0);
  return raw.map((width) => (100 * width) / whole);
}

/**
 * The path of the learning rate over a phase, in a box of 100 by 100; the highest rate of all phases is at the top, on a
 * logarithmic scale of two and a half powers of ten.
 * @param {Phase} phase
 * @param {number} highest
 */
export function ratePath(phase, highest) {
  const height = (/** @type {number} */ rate) => {
    const share = rate > 0 ? 1 + Math.log10(rate / highest) / 2.5 : 0;
    return (100 - 92 * Math.min(1, Math.max(0, share))).toFixed(1);
  };
  const last = phase.shape.length - 1;
  return phase.shape.map((multiple, i) => `${i ? "L" : "M"}${((100 * i) / last).toFixed(1)} ${height(multiple * phase.learning_rate)}`).join("");
}

/** What a phase does, in words. @param {Phase} phase */
export function phaseWords(phase) {
  const epochs = phase.epochs === 1 ? t("1 epoch") : t("{0} epochs", count(phase.epochs));
  return t("{0} at {1}, {2}", epochs, number(phase.learning_rate), phase.schedule);
}
