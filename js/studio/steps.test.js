// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { phaseWidths, ratePath, stepDone, STEPS, stepSummary, workState } from "./steps.js";

/** @param {Record<string, any>} [work] @param {Record<string, any>} [more] @returns {any} */
const desk = (work = {}, more = {}) => ({
  samples: { train: 1200 }, source: "net", trainable: "35 % of 208 k", phases: [{ epochs: 3 }, { epochs: 4 }], runs: [], run: 0, written: [],
  variable: "studio", work: { waiting: false, now: "", text: "", armed: [], ...work }, ...more,
});
const run = { number: 1, figures: {}, exported: "" };

test("each step says what there is", () => {
  assert.deepEqual(STEPS.map((step) => stepSummary(desk(), step)),
    ["1\u202f200 to train", "net", "35 % of 208 k", "7 epochs", "not yet", "", ""]);
  const done = desk({}, { runs: [{ ...run, figures: { accuracy: "0.880 [0.838, 0.912]" } }], run: 1, written: ["a.ipynb"] });
  assert.equal(stepSummary(done, "results"), "0.880");
  assert.deepEqual(STEPS.filter((step) => stepDone(done, step)), STEPS);
  assert.deepEqual(STEPS.filter((step) => stepDone(desk({}, { runs: [run], run: 1 }), step)), STEPS.slice(0, 5));
});

test("work that is armed says how it is begun; a cell that waits begins it itself", () => {
  assert.equal(workState(desk()).kind, "idle");
  const armed = workState(desk({ armed: ["sweep", "train"] }));
  assert.equal(armed.code, "studio.run()");
  assert.match(armed.text, /sweep the learning rate, train/);
  assert.equal(workState(desk({ armed: ["train"], waiting: true })).kind, "waiting");
  assert.equal(workState(desk({ now: "rank", text: "1 of 2", waiting: true })).text, "1 of 2");
});

test("a short phase can be read beside a long one", () => {
  const widths = phaseWidths(/** @type {any} */ ([{ epochs: 1 }, { epochs: 99 }]));
  assert.ok(widths[0] > 10 && Math.abs(widths[0] + widths[1] - 100) < 1e-9);
});

test("the highest rate is at the top, and a rate that falls to nothing ends at the bottom", () => {
  const phase = /** @type {any} */ ({ learning_rate: 0.01, shape: [1, 0.1, 0] });
  assert.equal(ratePath(phase, 0.01), "M0.0 8.0L50.0 44.8L100.0 100.0");
});
