// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { smooth, sweepScale, WIDTH } from "./sweep_scale.js";

const rates = Array.from({ length: 61 }, (_, i) => 10 ** (-6 + i / 10));
const sweep = { rates, losses: rates.map((rate) => (rate < 0.1 ? 2 - Math.log10(rate * 1e6) / 10 : 50)), suggestion: 1e-3 };

test("a place gives the rate that is there", () => {
  const scale = sweepScale(sweep);
  for (const rate of [1e-6, 1e-3, 0.5]) assert.equal(scale.rate(scale.x(rate)), rate);
  assert.equal(scale.rate(-100), 1e-6);
  assert.equal(scale.rate(WIDTH + 100), 1);
});

test("what explodes is cut off", () => {
  const scale = sweepScale(sweep);
  assert.ok(scale.ends[1] < 10 && !scale.path.includes("NaN"));
  assert.deepEqual(scale.decades, [-6, -5, -4, -3, -2, -1, 0]);
});

test("arrow keys go by tenths of a power of ten, within the sweep", () => {
  const { step } = sweepScale(sweep);
  assert.equal(step(1e-3, 10), 0.01);
  assert.equal(step(1e-3, 1), 0.0013);
  assert.equal(step(0.9, 10), 1);
});

test("averages begin at the first value", () => {
  assert.deepEqual(smooth([4, 4, 4]).map((value) => Number(value.toFixed(9))), [4, 4, 4]);
});
