// @ts-check
// What a report says and which samples it shows, as functions of plain data.

import { plural } from "../shared/format.js";

/**
 * @typedef {{ index: number, true: string, told: string, confidence: number | null, image: string | null, text: string }} Sample
 * @typedef {{ names: string[], classes: number[], counts: number[][], totals: number[], left_out: number,
 *   cells: Record<string, number[]> }} Confusion
 * @typedef {{ name: string, score: string, bounds: [number, number, number], gain: string, seeds: number, time: string }} Way
 * @typedef {{ verdict: string, words: string, rows: Way[], notes: string[] }} Comparison
 * @typedef {{ title: string, headline: string, task: string, metrics: string[][], notes: string[],
 *   comparison: Comparison | null, confusion: Confusion | null, samples: Sample[], mistakes: number[],
 *   classes: { header: string[], rows: string[][] }, curves: string[], frozen: string[],
 *   made: string[][], runs: { header: string[], rows: string[][], curves: string[] } | null }} Report
 */

/**
 * What a cell of the confusion matrix says, for readers who do not see it.
 * @param {string} actual
 * @param {string} told
 * @param {number} count
 */
export const cellLabel = (actual, told, count) => `true ${actual}, predicted ${told}: ${plural(count, "sample")}`;

/**
 * How strongly a cell is shaded, between 0 and 0.85, by its share of the samples of its true class.
 * @param {number} count
 * @param {number} whole
 */
export const shade = (count, whole) => (whole > 0 ? Math.min(0.85, 0.9 * (count / whole) ** 0.6) : 0);

/**
 * The samples with these indices that there is something to show of, in this order.
 * @param {Sample[]} samples
 * @param {number[]} indices
 */
export function samplesOf(samples, indices) {
  const known = new Map(samples.map((sample) => [sample.index, sample]));
  return indices.flatMap((index) => known.get(index) ?? []);
}

/**
 * The samples behind a cell.
 * @param {Report} report
 * @param {number} row
 * @param {number} column
 */
export function cellSamples(report, row, column) {
  if (!report.confusion) return [];
  const { classes, cells } = report.confusion;
  return samplesOf(report.samples, cells[`${classes[row]},${classes[column]}`] ?? []);
}

/**
 * Where an arrow key leads from a cell of a square matrix; `null` for other keys.
 * @param {string} key
 * @param {number} row
 * @param {number} column
 * @param {number} size
 * @returns {[number, number] | null}
 */
export function moveCell(key, row, column, size) {
  const steps = /** @type {Record<string, [number, number]>} */ ({
    ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -size], End: [0, size],
  });
  if (!(key in steps)) return null;
  const inside = (/** @type {number} */ place) => Math.max(0, Math.min(size - 1, place));
  return [inside(row + steps[key][0]), inside(column + steps[key][1])];
}

/**
 * A probability as whole percents; nothing where there is none.
 * @param {number | null} confidence
 */
export const sure = (confidence) => (confidence === null ? "" : `${Math.round(100 * confidence)}\u202f%`);

/**
 * Places of a bar and its whisker, in percent of the widest.
 * @param {Way[]} rows
 */
export function barPlaces(rows) {
  const whole = Math.max(...rows.flatMap((row) => row.bounds), 1e-12);
  return rows.map(({ bounds: [value, ...ends] }) => {
    const [low, high] = ends.sort((a, b) => a - b);
    return { value: (100 * value) / whole, low: (100 * low) / whole, high: (100 * high) / whole };
  });
}
