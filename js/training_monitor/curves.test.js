import assert from "node:assert/strict";
import { test } from "node:test";
import { align, metricNames, nearest, smoothed, sparkline, unpack, valueRange } from "./curves.js";

const curve = (x, y) => ({ x: Float32Array.from(x), y: Float32Array.from(y) });
const pack = (curves) => ({
  series: curves.map(([level, name, x]) => ({ level, name, count: x.length })),
  data: Buffer.from(Float32Array.from(curves.flatMap(([, , x, y]) => [...x, ...y])).buffer).toString("base64"),
});

test("curves are unpacked as they were packed", () => {
  const packed = pack([
    ["batch", "loss", [0.25, 0.5, 0.75], [3, 2, 1]], ["epoch", "val_loss", [1], [0.5]], ["epoch", "loss", [], []],
  ]);
  const curves = unpack(packed);
  assert.deepEqual([...curves.keys()], ["batch:loss", "epoch:val_loss", "epoch:loss"]);
  assert.deepEqual(curves.get("batch:loss"), curve([0.25, 0.5, 0.75], [3, 2, 1]));
  assert.deepEqual(curves.get("epoch:val_loss"), curve([1], [0.5]));
  assert.equal(curves.get("epoch:loss").x.length, 0);
});

test("Python's own bytes are read", () => {
  // pack_curves(epoch={"loss": curve}) of the points (1, 0.5), (2, 0.25)
  const packed = { series: [{ name: "loss", level: "epoch", count: 2 }], data: "AACAPwAAAEAAAAA/AACAPg==" };
  assert.deepEqual(unpack(packed).get("epoch:loss"), curve([1, 2], [0.5, 0.25]));
});

test("nothing sent yet is no curve", () => {
  assert.equal(unpack(undefined).size, 0);
  assert.equal(unpack({}).size, 0);
});

test("each metric has one chart", () => {
  const keys = ["batch:accuracy", "batch:loss", "batch:learning_rate", "epoch:loss", "epoch:val_loss", "epoch:val_auc"];
  assert.deepEqual(metricNames(keys), ["loss", "accuracy", "auc"]);
});

test("curves over different x share one axis", () => {
  const [x, a, b, none] = align([curve([0.5, 1, 1.5], [1, 2, 3]), curve([1, 2], [10, 20]), undefined]);
  assert.deepEqual(x, [0.5, 1, 1.5, 2]);
  assert.deepEqual(a, [1, 2, 3, null]);
  assert.deepEqual(b, [null, 10, null, 20]);
  assert.deepEqual(none, [null, null, null, null]);
});

test("the nearest value is found on either side", () => {
  const column = [null, 1, null, null, null, 2];
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((i) => nearest(column, i)), [1, 1, 1, 1, 5, 5]);
  assert.equal(nearest([null, null], 1), -1);
});

test("the value axis has air and does not go below zero for nothing", () => {
  assert.deepEqual(valueRange(0, 1, false), [0, 1.06]);
  const [low, high] = valueRange(-1, 1, false);
  assert.ok(low < -1 && high > 1);
  const flat = valueRange(0.5, 0.5, false);
  assert.ok(flat[0] < 0.5 && flat[1] > 0.5);
  const log = valueRange(0.01, 10, true);
  assert.ok(log[0] > 0 && log[0] < 0.01 && log[1] > 10);
  assert.deepEqual(valueRange(null, null, true), [0.1, 1]);
});

test("a sparkline fills its box", () => {
  assert.equal(sparkline(curve([0, 1, 2], [0, 1, 0]), 10, 4), "M0.0 4.0L5.0 0.0L10.0 4.0");
  assert.equal(sparkline(curve([0, 1], [1, 2]), 10, 4, true), "M0.0 4.0H10.0V0.0");
  assert.equal(sparkline(curve([1], [7]), 10, 4), "M0.0 2.0H10");
  assert.equal(sparkline(undefined, 10, 4), "");
});

test("smoothing averages what came before, and keeps the start", () => {
  const y = smoothed(curve([1, 2, 3, 4], [0, 4, 4, 4]), 1)?.y ?? [];
  assert.equal(y[0], 0);
  assert.ok(Math.abs(y[1] - 4 / 1.5) < 1e-6 && y[3] > y[2] && y[3] < 4);
  assert.equal(smoothed(undefined), undefined);
});
