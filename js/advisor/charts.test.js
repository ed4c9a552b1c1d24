import assert from "node:assert/strict";
import { test } from "node:test";
import { LABEL_ZONES, SHIFT_ZONES, labelWords, moveWay, place, pointsOf, profileWords, zoneOf, zoneParts } from "./charts.js";

test("a value has its place on a plain and on a logarithmic scale, and stays on it", () => {
  assert.equal(place(5, 0, 10), 0.5);
  assert.ok(Math.abs(place(10, 1, 100, true) - 0.5) < 1e-12);
  assert.equal(place(-3, 0, 10), 0);
  assert.equal(place(1e9, 1, 100, true), 1);
  assert.equal(place(0, 1, 100, true), 0);
});

test("zones cover the whole scale without gaps", () => {
  for (const [zones, low, log] of [[LABEL_ZONES, 1, true], [SHIFT_ZONES, 0, false]]) {
    const parts = zoneParts(zones, low, log);
    assert.equal(parts[0].from, 0);
    parts.slice(1).forEach((part, i) => assert.ok(Math.abs(part.from - parts[i].from - parts[i].width) < 1e-12));
    assert.ok(Math.abs(parts.reduce((sum, part) => sum + part.width, 0) - 1) < 1e-12);
  }
  assert.equal(zoneOf(0.1, SHIFT_ZONES), "close");
  assert.equal(zoneOf(0.5, SHIFT_ZONES), "away");
  assert.equal(zoneOf(9, SHIFT_ZONES), "far");
});

test("labels are counted in words", () => {
  assert.equal(labelWords({ labels: 50, counts: [5, 5] }), "50 labels, 5 a class");
  assert.equal(labelWords({ labels: 22, counts: [2, 20] }), "22 labels, 2 to 20 a class");
  assert.equal(labelWords({ labels: 70, counts: [] }), "70 labels");
});

test("points have a sign, and the suggestion has none", () => {
  assert.equal(pointsOf({ name: "full", gain: -0.0123 }, "lp_ft"), "\u22121.2");
  assert.equal(pointsOf({ name: "full", gain: 0.008 }, "lp_ft"), "+0.8");
  assert.equal(pointsOf({ name: "full", gain: -0.0001 }, "lp_ft"), "0.0");
  assert.equal(pointsOf({ name: "lp_ft", gain: 0 }, "lp_ft"), "");
});

test("the profile can be read aloud", () => {
  const profile = [{ block: "stem", probe: 0.2, shift: null }, { block: "top", probe: 0.805, shift: 0.1 }];
  assert.match(profileWords({ profile, score: "accuracy" }), /^accuracy of a linear head after each block: stem 0\.2, top 0\.8/);
});

test("arrow keys go round", () => {
  assert.equal(moveWay("ArrowDown", 2, 3), 0);
  assert.equal(moveWay("ArrowUp", 0, 3), 2);
  assert.equal(moveWay("a", 0, 3), null);
});
