// @ts-check
// From the packed curves that Python sends (`tl_toolkit.curves.pack_curves`) to columns that can be drawn.

/** @typedef {{ x: Float32Array, y: Float32Array }} Curve */
/** @typedef {{ series: { name: string, level: string, count: number }[], data: string }} Packed */
/** @typedef {(number | null)[]} Column */

export const VALIDATION = "val_";

/**
 * Reads packed curves; the keys are `level:name`, such as `epoch:val_loss`.
 * @param {Packed | undefined} packed
 * @returns {Map<string, Curve>}
 */
export function unpack(packed) {
  const curves = new Map();
  if (!packed?.series) return curves;
  const bytes = Uint8Array.from(atob(packed.data), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const take = (/** @type {number} */ count) => {
    const column = Float32Array.from({ length: count }, (_, i) => view.getFloat32(at + 4 * i, true));
    at += 4 * count;
    return column;
  };
  for (const { name, level, count } of packed.series) {
    curves.set(`${level}:${name}`, { x: take(count), y: take(count) });
  }
  return curves;
}

/**
 * The values that get a chart of their own: each once, the loss first and the gradient last, whether logged for training, validation or both.
 * @param {Iterable<string>} keys
 */
export function metricNames(keys) {
  const names = new Set();
  for (const key of keys) {
    const name = key.slice(key.indexOf(":") + 1);
    if (name !== "learning_rate") names.add(name.startsWith(VALIDATION) ? name.slice(VALIDATION.length) : name);
  }
  const rank = (/** @type {string} */ name) => (name === "loss" ? 0 : name === "gradient_norm" ? 2 : 1);
  return [...names].sort((a, b) => rank(a) - rank(b));
}

/**
 * Puts curves side by side over one common, rising x; where a curve has no point it has a `null`.
 * @param {(Curve | undefined)[]} curves
 * @returns {[number[], ...Column[]]}
 */
export function align(curves) {
  const given = curves.map((curve) => curve ?? { x: new Float32Array(), y: new Float32Array() });
  const xs = [...new Set(given.flatMap((curve) => [...curve.x]))].sort((a, b) => a - b);
  const place = new Map(xs.map((x, i) => [x, i]));
  const columns = given.map((curve) => {
    const column = /** @type {Column} */ (new Array(xs.length).fill(null));
    curve.x.forEach((x, i) => (column[/** @type {number} */ (place.get(x))] = curve.y[i]));
    return column;
  });
  return [xs, ...columns];
}

/**
 * A curve with each value averaged over those before it, which count half after `memory` points.
 * @param {Curve | undefined} curve
 * @param {number} [memory]
 * @returns {Curve | undefined}
 */
export function smoothed(curve, memory = 12) {
  if (!curve) return undefined;
  const keep = 0.5 ** (1 / memory);
  let [sum, weight] = [0, 0];
  const y = curve.y.map((value) => {
    [sum, weight] = [sum * keep + value, weight * keep + 1];
    return sum / weight;
  });
  return { x: curve.x, y };
}

/**
 * Index of the value nearest to `index` that is not `null`, or -1.
 * @param {ArrayLike<number | null | undefined>} column
 * @param {number} index
 */
export function nearest(column, index) {
  for (let step = 0; step < column.length; step += 1) {
    if (index - step >= 0 && column[index - step] != null) return index - step;
    if (index + step < column.length && column[index + step] != null) return index + step;
  }
  return -1;
}

/**
 * Limits of the vertical axis: everything is inside, with some air; what cannot be negative stays at zero or above.
 * @param {number | null} low
 * @param {number | null} high
 * @param {boolean} log
 * @returns {[number, number]}
 */
export function valueRange(low, high, log) {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return log ? [0.1, 1] : [0, 1];
  if (log) {
    const air = low === high ? 2 : (high / low) ** 0.06;
    return [low / air, high * air];
  }
  const air = low === high ? Math.abs(high) * 0.1 || 0.1 : (high - low) * 0.06;
  return [low >= 0 ? Math.max(0, low - air) : low - air, high + air];
}

/**
 * An SVG path through a curve, scaled to a box; `steps` holds each value until the next.
 * @param {Curve | undefined} curve
 * @param {number} width
 * @param {number} height
 * @param {boolean} [steps]
 */
export function sparkline(curve, width, height, steps = false) {
  if (!curve || curve.x.length === 0) return "";
  const [x0, x1] = [curve.x[0], curve.x[curve.x.length - 1]];
  const [low, high] = [Math.min(...curve.y), Math.max(...curve.y)];
  const points = Array.from(curve.x, (x, i) => [
    (x1 > x0 ? ((x - x0) / (x1 - x0)) * width : 0).toFixed(1),
    (high > low ? height - ((curve.y[i] - low) / (high - low)) * height : height / 2).toFixed(1),
  ]);
  const path = points.map(([x, y], i) => (i === 0 ? `M${x} ${y}` : steps ? `H${x}V${y}` : `L${x} ${y}`)).join("");
  return curve.x.length === 1 ? `${path}H${width}` : path;
}
