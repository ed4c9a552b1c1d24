// @ts-check
// What the monitor says: pure functions from the status that Python sends (`tl_toolkit.progress.describe`) to words,
// shares and rows. Nothing here touches the page.
import { t } from "../shared/texts.js";
import { bytes, compact, count, duration, number, percent, plural } from "../shared/format.js";
import { VALIDATION } from "./curves.js";

/**
 * @typedef {{ name: string, epochs: number, steps: number | null, frozen: string, trainable_layers: number | null,
 *   layers: number | null, trainable_params: number | null, params: number | null, learning_rate: number | null,
 *   start: number, end: number, rates?: [string, number][] }} Phase
 * @typedef {{ state: string, activity: string, name: string, sentence: string,
 *   phases: Phase[], phase: number, epoch: number, batch: number, evaluated: number, steps: number | null, x: number,
 *   elapsed: number, remaining: number | null, remaining_range: [number, number] | null, batches_per_second: number | null, samples_per_second: number | null,
 *   learning_rate: number | null, seconds: Record<string, number>, values: Record<string, number | string>,
 *   best: Record<string, [number, number]>, best_epoch: number | null,
 *   messages: { text: string, level: string }[], controls: Controls | null,
 *   symptoms: { kind: string, text: string, advice: string }[], moved?: [string, number | string][],
 *   cache?: Cache | null, checkpoint?: { path: string, epoch: number, best: boolean } | null, earlier?: string[] }} Status
 * @typedef {{ shown: boolean, rows: { block: string, share: number, words: string }[], others: string }} Moved
 * @typedef {{ layer: string, samples: number | null, done: number, size: number | null, reused: boolean }} Cache
 * @typedef {{ token: string, works: boolean | null, note: string, heard: number, stopping: boolean, pausing: boolean, hint?: string,
 *   after_phase: boolean, next_phase: boolean }} Controls
 */

const SILENT_AFTER = 30;
const ENDED = new Set(["completed", "stopped", "failed"]);

/** @param {Status} status */
export const hasEnded = (status) => ENDED.has(status.state);

/** @param {Status} status */
export const isRunning = (status) => status.state === "running";

/** @param {Status} status */
export function stateWord(status) {
  if (status.state === "running") {
    const words = { preparing: t("Preparing"), cache: t("Computing features"), training: t("Training"), evaluation: t("Evaluating") };
    return /** @type {Record<string, string>} */ (words)[status.activity] ?? t("Training");
  }
  const words = { waiting: t("Waiting"), paused: t("Paused"), completed: t("Finished"), stopped: t("Stopped"), failed: t("Failed") };
  return /** @type {Record<string, string>} */ (words)[status.state] ?? status.state;
}

/**
 * Epochs of the whole run, as planned now.
 * @param {Status} status
 */
export const totalEpochs = (status) => Math.max(1, ...status.phases.map((phase) => phase.end));

/**
 * Where the run is in its epoch.
 * @param {Status} status
 */
export function progress(status) {
  const { steps, batch, cache } = status;
  if (status.activity === "cache" && cache) {
    const known = cache.samples !== null;
    const done = known ? `${count(cache.done)} of ${count(/** @type {number} */ (cache.samples))}` : count(cache.done);
    const share = cache.samples ? Math.min(1, cache.done / cache.samples) : null;
    return { epoch: t("Features of frozen layers"), batch: `${done} samples`, share, speed: "" };
  }
  const total = totalEpochs(status);
  const epoch = `Epoch ${count(Math.min(status.epoch + 1, total))} of ${count(total)}`;
  const evaluates = status.activity === "evaluation";
  const within = evaluates ? `evaluating, batch ${count(status.evaluated)}` : `batch ${count(batch)}`;
  return {
    epoch,
    batch: evaluates || steps === null ? within : `${within} of ${count(steps)}`,
    share: steps ? Math.min(1, batch / steps) : null,
    speed: speedWords(status),
  };
}

/**
 * How long it has taken, and will.
 * @param {Status} status
 * @param {number} waited seconds since the status was made
 */
export function clock(status, waited) {
  const words = [wholeSeconds(status.elapsed + waited)];
  if (waited > SILENT_AFTER) {
    words.push(`no news for ${wholeSeconds(waited)}`);
  } else if (status.remaining !== null) {
    const [low, high] = (status.remaining_range ?? [status.remaining, status.remaining]).map((s) => Math.max(0, s - waited));
    words.push(high < 1 ? "almost done" : `${rangeWords(low, high)} left`);
  }
  return words.join(" \u00b7 ");
}

/**
 * A time that is not known well: from one to the other, in the unit of the longer one.
 * @param {number} low
 * @param {number} high
 */
export function rangeWords(low, high) {
  const [unit, name] = high < 100 ? [1, "s"] : high < 6000 ? [60, "min"] : [3600, "h"];
  const [from, to] = [Math.round(low / unit), Math.round(high / unit)];
  return from === to || high - low < 0.05 * high ? `about ${wholeSeconds(high)}` : `${from}\u2013${to}\u202f${name}`;
}

/** @param {number} seconds */
const wholeSeconds = (seconds) => (seconds < 59.5 ? `${Math.round(seconds)}\u202fs` : duration(seconds));

/** @param {Status} status */
export function speedWords(status) {
  const { samples_per_second: samples, batches_per_second: batches } = status;
  if (samples) return `${rate(samples)} samples/s`;
  return batches ? `${rate(batches)} batches/s` : "";
}

/** @param {number} value */
const rate = (value) => (value < 10 ? value.toFixed(1) : value < 10_000 ? count(value) : compact(value));

/**
 * The phases as a timeline. `fill` is the share of the phase that is done.
 * @param {Status} status
 */
export function timeline(status) {
  const ended = hasEnded(status);
  return status.phases.map((phase, index) => {
    const length = Math.max(1, phase.end - phase.start);
    const begun = index < status.phase || (index === status.phase && status.state !== "waiting");
    const share = Math.min(1, Math.max(0, (status.x - phase.start) / length));
    const place = index < status.phase ? "done" : !begun ? "ahead" : ended ? "last" : "current";
    return {
      name: phase.name,
      place: place === "last" && share === 1 ? "done" : place,
      length,
      fill: place === "ahead" ? 0 : place === "done" ? 1 : share,
      epochs: length === 1 ? `epoch ${phase.start + 1}` : `epochs ${phase.start + 1}\u2013${phase.start + length}`,
      learns: learnsWords(phase),
      trainable: phase.layers ? (phase.trainable_layers ?? 0) / phase.layers : null,
    };
  });
}

/** @param {Phase} phase */
function learnsWords(phase) {
  const { trainable_layers: layers, layers: all, trainable_params: params, params: total } = phase;
  if (layers === null || all === null) return phase.frozen ? `frozen: ${phase.frozen}` : "";
  const share = params !== null && total ? `, ${percent(params, total)} of the weights` : "";
  if (layers === all) return `all ${plural(all, "layer")} train`.replace("all 1 layer train", "the only layer trains");
  return `${count(layers)} of ${plural(all, "layer")} ${layers === 1 ? "trains" : "train"}${share}`;
}

/** @param {number | string | undefined | null} value */
export function valueWords(value) {
  const words = { inf: Infinity, "-inf": -Infinity, nan: NaN };
  if (value === undefined || value === null) return "\u2013";
  return number(typeof value === "number" ? value : (/** @type {Record<string, number>} */ (words)[value] ?? NaN));
}

/**
 * A name from Keras as a title: `sparse_top_k` becomes `Sparse top k`.
 * @param {string} name
 */
export function title(name) {
  const words = name.replaceAll("_", " ").trim();
  const upper = { auc: "AUC", mse: "MSE", mae: "MAE", f1: "F1", "f1 score": "F1 score" };
  return /** @type {Record<string, string>} */ (upper)[words] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * What a card of one metric says.
 * @param {Status} status
 * @param {string} name
 */
export function card(status, name) {
  const validation = VALIDATION + name;
  const best = status.best[validation];
  return {
    title: title(name),
    training: status.values[name],
    validation: status.values[validation],
    best: best ? `best ${number(best[0])} in epoch ${best[1] + 1}` : "",
    split: name !== "gradient_norm",
  };
}

/**
 * The rates of the groups of layers in this phase, where they differ.
 * @param {Status} status
 */
export function rateGroups(status) {
  const { learning_rate: rate } = status;
  const groups = status.phases[status.phase]?.rates ?? [];
  return rate === null ? "" : groups.map(([name, multiple]) => `${name} at ${number(rate * multiple)}`).join(", ");
}

/**
 * Where the time went, and its share in percent.
 * @param {Status} status
 */
export function timeParts(status) {
  const names = { training: "training", evaluation: "validation", cache: "cache", preparing: "preparing" };
  const parts = Object.entries(names).map(([key, name]) => ({ key, name, seconds: status.seconds[key] ?? 0 }));
  const total = parts.reduce((sum, part) => sum + part.seconds, 0);
  return parts.filter((part) => part.seconds > 0).map((part) => ({ ...part, share: (100 * part.seconds) / total }));
}

const MOST_BLOCKS = 12;

/**
 * How far the blocks have moved from where they began: those that moved, in the order of the model, with the length of a
 * bar in percent of the longest; and a sentence on the others. Of very many only those that moved farthest are told.
 * @param {Status} status
 * @returns {Moved}
 */
export function movedBlocks(status) {
  const all = (status.moved ?? []).map(([block, far]) => ({ block, far: typeof far === "number" ? far : Infinity }));
  const moved = all.filter((one) => one.far > 0);
  const kept = [...moved].sort((a, b) => b.far - a.far).slice(0, MOST_BLOCKS);
  const longest = Math.max(0, ...moved.map((one) => one.far).filter(Number.isFinite)) || 1;
  const rows = moved.filter((one) => kept.includes(one)).map(({ block, far }) => (
    { block, share: Math.min(100, (100 * far) / longest), words: farWords(far) }));
  const others = [];
  if (moved.length > rows.length) others.push(`${plural(moved.length - rows.length, "block")} moved less`);
  if (all.length > moved.length) others.push(`${plural(all.length - moved.length, "block")} did not move`);
  return { shown: all.length > 0, rows, others: others.join(", ") };
}

/** @param {number} far */
const farWords = (far) => (Number.isFinite(far) ? `${number(Number((100 * far).toPrecision(2)))}\u202f%` : "\u221e");

/**
 * What else is known: of the features that were kept, and where the run is saved.
 * @param {Status} status
 */
export function facts(status) {
  const { cache, checkpoint } = status;
  const said = [];
  if (cache && status.activity !== "cache") {
    const after = cache.layer ? ` after ${cache.layer}` : "";
    const size = cache.size === null ? "" : ` (${bytes(cache.size)})`;
    said.push(`Features${after} of ${plural(cache.done, "sample")}${size} ${cache.reused ? "were found again" : "are kept"}.`);
  }
  if (checkpoint) said.push(`Saved as ${checkpoint.path} (epoch ${checkpoint.epoch + 1}${checkpoint.best ? ", best" : ""}).`);
  return said;
}

/**
 * Limits of the horizontal axis: up to the end of the epoch that is running.
 * @param {Status} status
 * @returns {[number, number]}
 */
export function epochRange(status) {
  const first = status.phases[0]?.start ?? 0;
  const reached = hasEnded(status) ? status.x : Math.ceil(status.x);
  return [first, Math.max(first + (hasEnded(status) && reached > first ? 0 : 1), reached)];
}

/**
 * One sentence for those who do not see the chart.
 * @param {Status} status
 * @param {string} name
 */
export function chartWords(status, name) {
  const { title: heading, training, validation, best } = card(status, name);
  const parts = [`training ${valueWords(training)}`];
  if (validation !== undefined) parts.push(`validation ${valueWords(validation)}`);
  if (best) parts.push(best);
  return `${heading} by epoch: ${parts.join(", ")}`;
}
