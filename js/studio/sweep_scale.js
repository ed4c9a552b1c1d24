// @ts-check
// The picture of a sweep of the learning rate as numbers: where a rate and a loss are, and which rate is where.

/** @typedef {import("./steps.js").Sweep} Sweep */

export const WIDTH = 560;
export const HEIGHT = 200;
const PAD = { left: 46, right: 12, top: 10, bottom: 26 };

/**
 * The losses averaged over those before them, as Python does it (`lrfind.smooth`).
 * @param {number[]} losses
 */
export function smooth(losses, weight = 0.9) {
  let running = 0;
  return losses.map((loss, i) => {
    running = weight * running + (1 - weight) * loss;
    return running / (1 - weight ** (i + 1));
  });
}

/** @param {Sweep} sweep */
export function sweepScale(sweep) {
  const smoothed = smooth(sweep.losses);
  const lowest = Math.min(...smoothed);
  const limit = smoothed[0] + 2 * (smoothed[0] - lowest) + 1e-9;
  const cut = smoothed.findIndex((loss) => loss > limit);
  const points = smoothed.slice(0, cut < 0 ? undefined : Math.max(cut, 2));
  const [from, to] = [Math.log10(sweep.rates[0]), Math.log10(sweep.rates[sweep.rates.length - 1])];
  const [low, high] = [Math.min(...points), Math.max(...points)];
  const span = high - low || 1;
  const x = (/** @type {number} */ rate) => PAD.left + ((Math.log10(rate) - from) / (to - from)) * (WIDTH - PAD.left - PAD.right);
  const y = (/** @type {number} */ loss) => PAD.top + (1 - (loss - low) / span) * (HEIGHT - PAD.top - PAD.bottom);
  const rate = (/** @type {number} */ at) => {
    const share = (at - PAD.left) / (WIDTH - PAD.left - PAD.right);
    return Number((10 ** (from + Math.min(1, Math.max(0, share)) * (to - from))).toPrecision(2));
  };
  const decades = [];
  for (let power = Math.ceil(from - 1e-9); power <= to + 1e-9; power += 1) decades.push(power);
  return {
    x,
    y,
    rate,
    decades,
    ends: [low, high],
    path: points.map((loss, i) => `${i ? "L" : "M"}${x(sweep.rates[i]).toFixed(1)} ${y(loss).toFixed(1)}`).join(""),
    /** The next rate in a direction, in steps of a tenth of a power of ten. @param {number} from_ @param {number} steps */
    step: (from_, steps) => {
      const next = 10 ** (Math.log10(from_) + steps / 10);
      return Number(Math.min(sweep.rates[sweep.rates.length - 1], Math.max(sweep.rates[0], next)).toPrecision(2));
    },
  };
}
