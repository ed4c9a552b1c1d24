import assert from "node:assert/strict";
import { test } from "node:test";
import { barPlaces, cellLabel, cellSamples, moveCell, samplesOf, shade, sure } from "./cells.js";

const sample = (index) => ({ index, true: "cat", told: "dog", confidence: 0.9, image: null, text: "" });

test("a cell says what it holds", () => {
  assert.equal(cellLabel("cat", "dog", 1), "true cat, predicted dog: 1 sample");
  assert.equal(cellLabel("cat", "dog", 12), "true cat, predicted dog: 12 samples");
});

test("shades grow with the share and end before they hide the number", () => {
  assert.equal(shade(0, 10), 0);
  assert.equal(shade(3, 0), 0);
  assert.ok(shade(1, 10) > 0.1 && shade(1, 10) < shade(5, 10));
  assert.equal(shade(10, 10), 0.85);
});

test("samples come in the order asked for, unknown ones left out", () => {
  const samples = [sample(3), sample(8), sample(5)];
  assert.deepEqual(samplesOf(samples, [5, 4, 3]).map((one) => one.index), [5, 3]);
});

test("the samples of a cell are found by class, also where classes are left out", () => {
  const confusion = { names: ["b", "d"], classes: [1, 3], counts: [], totals: [], left_out: 2, cells: { "3,1": [8] } };
  const report = /** @type {any} */ ({ samples: [sample(8)], confusion });
  assert.deepEqual(cellSamples(report, 1, 0).map((one) => one.index), [8]);
  assert.deepEqual(cellSamples(report, 0, 1), []);
  assert.deepEqual(cellSamples(/** @type {any} */ ({ confusion: null }), 0, 0), []);
});

test("arrow keys move within the matrix", () => {
  assert.deepEqual(moveCell("ArrowRight", 0, 0, 3), [0, 1]);
  assert.deepEqual(moveCell("ArrowUp", 0, 2, 3), [0, 2]);
  assert.deepEqual(moveCell("End", 1, 0, 3), [1, 2]);
  assert.equal(moveCell("a", 0, 0, 3), null);
});

test("confidence and bars", () => {
  assert.equal(sure(0.954), "95\u202f%");
  assert.equal(sure(null), "");
  const rows = [{ bounds: [0.5, 0.4, 0.8] }, { bounds: [0.2, 0.3, 0.1] }];
  assert.deepEqual(barPlaces(/** @type {any} */ (rows)), [{ value: 62.5, low: 50, high: 100 }, { value: 25, low: 12.5, high: 37.5 }]);
});
