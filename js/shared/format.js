// @ts-check
// Numbers for people: short, of even width, the same wording in every widget and in Python (`tl_toolkit.core`).

const MINUS = "\u2212";
const SPACE = "\u202f";

/**
 * Three significant digits, and a unit from `units` when the value has reached `base`.
 * @param {number} value
 * @param {number} base
 * @param {string[]} units
 */
function scaled(value, base, units) {
  let size = Math.abs(value);
  let power = 0;
  while (size >= base * (1 - 5e-4) && power < units.length - 1) {
    size /= base;
    power += 1;
  }
  const decimals = power === 0 && Number.isInteger(size) ? 0 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  return (value < 0 ? MINUS : "") + size.toFixed(decimals) + (units[power] && SPACE + units[power]);
}

/**
 * A count with three significant digits: 950, 1.28 k, 23.6 M.
 * @param {number} value
 */
export const compact = (value) => scaled(value, 1000, ["", "k", "M", "B", "T"]);

/**
 * A size in binary units: 980 B, 8.58 MiB.
 * @param {number} value
 */
export const bytes = (value) => scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);

/**
 * A whole number with thin spaces between thousands: 2 257 984.
 * @param {number} value
 */
export function count(value) {
  const text = String(Math.abs(Math.round(value))).replace(/\B(?=(\d{3})+$)/g, SPACE);
  return (value < 0 ? MINUS : "") + text;
}

/**
 * A noun that agrees with its number: 1 layer, 156 layers.
 * @param {number} value
 * @param {string} noun
 * @param {string} [nouns]
 */
export const plural = (value, noun, nouns = `${noun}s`) => `${count(value)} ${value === 1 ? noun : nouns}`;

/**
 * A share as a percentage that never rounds a part of something to nothing or to everything.
 * @param {number} part
 * @param {number} whole
 */
export function percent(part, whole) {
  if (whole === 0 || part === 0) return `0${SPACE}%`;
  if (part === whole) return `100${SPACE}%`;
  const share = (100 * part) / whole;
  if (share < 0.01) return `<${SPACE}0.01${SPACE}%`;
  if (share > 99.9) return `>${SPACE}99.9${SPACE}%`;
  return `${share.toFixed(share < 0.095 ? 2 : 1)}${SPACE}%`;
}

/**
 * A duration as a person says it: 40 ms, 3.2 s, 2 min 05 s, 1 h 03 min.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "\u2013";
  if (seconds < 0.9995) return `${Math.round(1000 * seconds)}${SPACE}ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)}${SPACE}s`;
  const pad = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}${SPACE}min ${pad(whole % 60)}${SPACE}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}${SPACE}h ${pad(minutes % 60)}${SPACE}min`;
}

/**
 * A metric or a learning rate, four significant digits, plain or in powers of ten: 0.0123, 3.2e-5.
 * @param {number} value
 */
export function number(value) {
  if (Number.isNaN(value)) return "NaN";
  const sign = value < 0 ? MINUS : "";
  const size = Math.abs(value);
  if (size === Infinity) return `${sign}\u221e`;
  if (size === 0) return "0";
  const trim = (/** @type {string} */ text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (size >= 1e-3 && size < 1e6) return sign + trim(size.toPrecision(size < 1e4 ? 4 : 7));
  const [mantissa, exponent] = size.toExponential(2).split("e");
  return `${sign}${trim(mantissa)}e${exponent.replace("+", "").replace("-", MINUS)}`;
}
