// @ts-check
// Where things go in the advisor's charts, and what they say, as functions of plain data.

import { number } from "../shared/format.js";

/**
 * @typedef {{ block: string, probe: number, shift: number | null }} Block
 * @typedef {{ sentences: string[], profile: Block[], chance: number, random: number | null, labels: number,
 *   counts: number[], median: number, shift: number | null, score: string }} Evidence
 * @typedef {{ name: string, does: string, gain: number, cost: number, seconds: number, recipe: string }} Way
 * @typedef {{ suggested: string, reasons: string[], evidence: Evidence, ways: Way[], trial: string[][],
 *   picker: boolean }} Advice
 * @typedef {{ selected: string, used: boolean, code: string }} State
 * @typedef {{ until: number, name: string }} Zone
 */

/** @param {number} value */
const share = (value) => Math.max(0, Math.min(1, value));

/**
 * Place of a value on a scale, 0 to 1; values outside are put at its ends.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {boolean} [log]
 */
export function place(value, low, high, log = false) {
  const at = log ? (/** @type {number} */ v) => Math.log(Math.max(v, 1e-12)) : (/** @type {number} */ v) => v;
  return share((at(value) - at(low)) / (at(high) - at(low)));
}

/** Labels a class, on a logarithmic scale; and how far the inputs lie from the source's, on a plain one. */
export const LABEL_ZONES = /** @type {Zone[]} */ ([
  { until: 6, name: "scarce" }, { until: 100, name: "some" }, { until: 2000, name: "plenty" },
]);
export const SHIFT_ZONES = /** @type {Zone[]} */ ([
  { until: 0.35, name: "close" }, { until: 0.8, name: "away" }, { until: 1.5, name: "far" },
]);

/**
 * Zones as parts of a scale: where each begins and how wide it is, 0 to 1.
 * @param {Zone[]} zones
 * @param {number} low
 * @param {boolean} [log]
 */
export function zoneParts(zones, low, log = false) {
  const high = zones[zones.length - 1].until;
  let from = 0;
  return zones.map(({ until, name }) => {
    const to = place(until, low, high, log);
    const part = { name, from, width: to - from };
    from = to;
    return part;
  });
}

/**
 * In which zone a value is.
 * @param {number} value
 * @param {Zone[]} zones
 */
export const zoneOf = (value, zones) => (zones.find(({ until }) => value < until) ?? zones[zones.length - 1]).name;

/**
 * How many labels there are, in words.
 * @param {Evidence} evidence
 */
export function labelWords({ labels, counts }) {
  if (!counts.length) return `${labels} labels`;
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  return `${labels} labels, ${low === high ? low : `${low} to ${high}`} a class`;
}

/**
 * Points by which a strategy is expected to differ from the suggestion: +0.8, −1.2, or nothing for the suggestion.
 * @param {Way} way
 * @param {string} suggested
 */
export function pointsOf(way, suggested) {
  if (way.name === suggested) return "";
  const points = (100 * way.gain).toFixed(1);
  return points === "0.0" || points === "-0.0" ? "0.0" : way.gain > 0 ? `+${points}` : points.replace("-", "\u2212");
}

/**
 * What a chart says to those who do not see it.
 * @param {Evidence} evidence
 */
export const profileWords = ({ profile, score }) =>
  `${score} of a linear head after each block: ${profile.map(({ block, probe }) => `${block} ${number(Number(probe.toFixed(2)))}`).join(", ")}`;

/**
 * Which strategy an arrow key leads to; `null` for other keys.
 * @param {string} key
 * @param {number} index
 * @param {number} count
 */
export function moveWay(key, index, count) {
  const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 });
  return key in steps ? (index + steps[key] + count) % count : null;
}
