// @ts-check
// What was asked of the run, and what the buttons say meanwhile. A click shows at once, before Python has heard it.
import { t } from "../shared/texts.js";
import { hasEnded } from "./status.js";

/**
 * @typedef {import("./status.js").Status} Status
 * @typedef {{ stop?: boolean, pause?: boolean, after?: boolean, next?: boolean, rate?: number }} Asked
 */

const PATIENCE = 8;
export const NO_ANSWER =
  "No answer yet: the kernel is within a long step. Interrupt it (\u25a0) if that takes too long; the run then ends in the orderly way.";

/** A run that begins anew has been asked nothing. */
export class Requests {
  constructor() {
    this.token = "";
    this.asked = /** @type {Asked} */ ({});
    this.since = /** @type {number | null} */ (null);
    this.oldRate = /** @type {number | null} */ (null);
    this.phase = 0;
  }

  /**
   * @param {Asked} asked
   * @param {Status} status as it was then
   * @param {number} now in seconds
   */
  ask(asked, status, now) {
    Object.assign(this.asked, asked);
    if (asked.stop || asked.next) delete this.asked.pause;
    if (asked.rate !== undefined) this.oldRate = status.learning_rate;
    if (this.asked.rate === status.learning_rate) delete this.asked.rate;
    this.phase = status.phase;
    this.since ??= now;
  }

  /** Forgets what Python has heard. @param {Status} status */
  settle(status) {
    const { controls } = status;
    if (!controls || hasEnded(status) || controls.token !== this.token) {
      this.token = controls?.token ?? "";
      this.asked = {};
    } else {
      if (controls.stopping) this.asked = {};
      if (controls.pausing === this.asked.pause) delete this.asked.pause;
      if (controls.after_phase === this.asked.after) delete this.asked.after;
      const begun = status.phase !== this.phase;
      if (controls.next_phase || begun) delete this.asked.next;
      if (begun) delete this.asked.after;
      if (status.learning_rate !== this.oldRate) delete this.asked.rate;
    }
    if (Object.keys(this.asked).length === 0) this.since = null;
  }

  /** @param {number} now in seconds */
  note(now) {
    return this.since !== null && now - this.since > PATIENCE ? NO_ANSWER : "";
  }
}

/**
 * What the controls show.
 * @param {Status} status
 * @param {Asked} asked
 */
export function controls(status, asked) {
  const known = status.controls;
  const going = !hasEnded(status) && status.state !== "waiting";
  const stopping = going && Boolean(asked.stop || known?.stopping);
  const waits = asked.pause ?? Boolean(known?.pausing);
  const next = Boolean(asked.next || known?.next_phase);
  const after = asked.after ?? Boolean(known?.after_phase);
  const further = status.phases[status.phase + 1] ?? null;
  return {
    shown: going && known?.works === true,
    note: going ? (known?.note ?? "") : "",
    hint: known?.hint ?? "",
    stop: { label: stopping ? t("Stopping\u2026") : t("Stop"), disabled: stopping },
    pause: { label: waits ? t("Resume") : t("Pause"), disabled: stopping || next },
    rate: { value: asked.rate ?? status.learning_rate, disabled: stopping, shown: status.learning_rate !== null },
    after: { shown: further !== null, pressed: after, disabled: stopping },
    next: {
      shown: further !== null,
      label: next ? t("Unfreezing\u2026") : t("Unfreeze next block now"),
      disabled: stopping || next || after,
      title: further ? `Ends this phase and begins the next: ${further.name}` : "",
    },
    word: going ? waitingWord(status, stopping, waits, next) : "",
  };
}

/** @param {Status} status @param {boolean} stopping @param {boolean} waits @param {boolean} next */
function waitingWord(status, stopping, waits, next) {
  if (stopping) return status.activity === "evaluation" ? "Stopping after the evaluation\u2026" : t("Stopping\u2026");
  if (next) return t("Ending this phase\u2026");
  if (waits !== (status.state === "paused")) return waits ? t("Pausing\u2026") : t("Resuming\u2026");
  return "";
}

/**
 * A learning rate as typed, or `null` if it is none.
 * @param {string} text
 */
export function parseRate(text) {
  const plain = text.trim().replace(",", ".").replaceAll("\u2212", "-");
  const value = plain === "" ? NaN : Number(plain);
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** A learning rate as it is typed. @param {number | null} rate */
export const rateText = (rate) => (rate === null ? "" : String(Number(rate.toPrecision(4))));
