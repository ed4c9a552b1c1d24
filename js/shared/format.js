// @ts-check
// Numbers for people: short, of even width, the same wording in every widget.

const MINUS = "\u2212";

/**
 * Three significant digits with a suffix: 950, 1.28 k, 2.26 M.
 * @param {number} value
 */
export function compact(value) {
  const size = Math.abs(value);
  const [unit, divisor] = size >= 999_500_000 ? ["G", 1e9] : size >= 999_500 ? ["M", 1e6] : size >= 999.5 ? ["k", 1e3] : ["", 1];
  const text = digits(size / divisor);
  return `${value < 0 ? MINUS : ""}${text}${unit ? `\u202f${unit}` : ""}`;
}

/** @param {number} size */
function digits(size) {
  if (Number.isInteger(size)) return String(size);
  const decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return size.toFixed(decimals).replace(/\.?0+$/, "");
}

/**
 * A whole number with thin spaces between thousands: 2 257 984.
 * @param {number} value
 */
export function count(value) {
  const text = String(Math.abs(Math.round(value))).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return (value < 0 ? MINUS : "") + text;
}

/**
 * A noun that agrees with its number: 1 layer, 156 layers.
 * @param {number} value
 * @param {string} noun
 * @param {string} [plural]
 */
export function plural(value, noun, plural = `${noun}s`) {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/**
 * Bytes in binary units as operating systems' monitors show them: 980 B, 8.6 MiB.
 * @param {number} value
 */
export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value;
  let unit = 0;
  while (size >= 1023.5 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(size) : digits(size)}\u202f${units[unit]}`;
}

/**
 * A share between 0 and 1 as a percentage that never rounds a part of something to nothing or to everything.
 * @param {number} part
 * @param {number} whole
 */
export function percent(part, whole) {
  if (whole === 0 || part === 0) return "0\u202f%";
  if (part === whole) return "100\u202f%";
  const share = (100 * part) / whole;
  if (share < 0.01) return "<\u202f0.01\u202f%";
  if (share > 99.9) return ">\u202f99.9\u202f%";
  return `${share.toFixed(share < 0.1 ? 2 : share < 9.95 ? 1 : 0)}\u202f%`;
}

/**
 * Seconds as a person says them: 850 ms, 12 s, 3 min 05 s, 2 h 04 min.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "\u2013";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)}\u202fms`;
  if (seconds < 9.95) return `${digits(Math.round(seconds * 10) / 10)}\u202fs`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}\u202fs`;
  const pad = (/** @type {number} */ value) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}\u202fmin ${pad(whole % 60)}\u202fs`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}\u202fh ${pad(minutes % 60)}\u202fmin`;
}

/**
 * A metric or a learning rate, four significant digits, plain or in powers of ten: 0.0123, 3.2e-5.
 * @param {number} value
 */
export function number(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "\u221e" : `${MINUS}\u221e`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : "";
  if (size < 1e-3 || size >= 1e6) {
    const [mantissa, exponent] = size.toExponential(2).split("e");
    const power = String(Number(exponent)).replace("-", MINUS);
    return `${sign}${mantissa.replace(/\.?0+$/, "")}e${power}`;
  }
  const text = size.toPrecision(4);
  return sign + (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
}
