// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { controls, NO_ANSWER, parseRate, rateText, Requests } from "./requests.js";

/** @param {any} [changes] @param {any} [known] @returns {any} */
const status = (changes = {}, known = {}) => ({
  state: "running", activity: "training", phase: 0, phases: [{ name: "Head only" }, { name: "Everything" }],
  learning_rate: 0.1,
  controls: { token: "a", works: true, note: "", stopping: false, pausing: false, after_phase: false, next_phase: false, ...known },
  ...changes,
});

test("buttons show only where they work, while there is something to control", () => {
  assert.equal(controls(status(), {}).shown, true);
  assert.equal(controls(status({}, { works: null }), {}).shown, false);
  assert.equal(controls(status({}, { works: false, note: "interrupt it" }), {}).note, "interrupt it");
  assert.equal(controls(status({ state: "completed" }), {}).shown, false);
  assert.equal(controls(status({ controls: null }), {}).shown, false);
});

test("a click shows at once, and is forgotten when Python has heard it", () => {
  const requests = new Requests();
  requests.settle(status());
  requests.ask({ pause: true }, status(), 10);
  assert.deepEqual([controls(status(), requests.asked).pause.label, controls(status(), requests.asked).word], ["Resume", "Pausing\u2026"]);
  requests.settle(status());
  assert.equal(requests.asked.pause, true);
  assert.equal(requests.note(12), "");
  assert.equal(requests.note(19), NO_ANSWER);
  requests.settle(status({ state: "paused" }, { pausing: true }));
  assert.deepEqual(requests.asked, {});
  assert.equal(requests.note(99), "");
  const paused = controls(status({ state: "paused" }, { pausing: true }), {});
  assert.deepEqual([paused.pause.label, paused.word], ["Resume", ""]);
});

test("stop wins, also over a pause", () => {
  const requests = new Requests();
  requests.settle(status());
  requests.ask({ pause: true }, status(), 0);
  requests.ask({ stop: true }, status(), 1);
  const shown = controls(status({ state: "paused" }, { pausing: true }), requests.asked);
  assert.deepEqual([shown.stop, shown.pause.disabled, shown.word], [{ label: "Stopping\u2026", disabled: true }, true, "Stopping\u2026"]);
  requests.settle(status({}, { stopping: true }));
  assert.equal(controls(status({ activity: "evaluation" }, { stopping: true }), {}).word, "Stopping after the evaluation\u2026");
  requests.settle(status({}, { token: "b" }));
  assert.equal(controls(status({}, { token: "b" }), requests.asked).stop.label, "Stop");
});

test("a phase that began before Python could say that it heard settles the request", () => {
  const requests = new Requests();
  requests.settle(status());
  requests.ask({ next: true }, status(), 0);
  requests.settle(status());
  assert.equal(requests.asked.next, true);
  requests.settle(status({ phase: 1 }));
  assert.deepEqual(requests.asked, {});
  assert.equal(requests.note(99), "");
});

test("the rate that holds already is no request", () => {
  const requests = new Requests();
  requests.settle(status());
  requests.ask({ rate: 0.1 }, status(), 0);
  assert.deepEqual(requests.asked, {});
});

test("what concerns the next phase shows only where there is one", () => {
  assert.equal(controls(status(), {}).next.shown, true);
  assert.match(controls(status(), {}).next.title, /Everything/);
  assert.equal(controls(status({ phase: 1 }), {}).next.shown, false);
  assert.equal(controls(status({ phase: 1 }), {}).after.shown, false);
  assert.equal(controls(status(), { after: true }).next.disabled, true);
  assert.equal(controls(status({}, { next_phase: true }), {}).word, "Ending this phase\u2026");
});

test("a rate is typed in any usual way", () => {
  assert.deepEqual(["1e-3", " 0,5 ", "3e\u22125", "2"].map(parseRate), [0.001, 0.5, 3e-5, 2]);
  assert.deepEqual(["", "fast", "0", "-1", "inf"].map(parseRate), [null, null, null, null, null]);
  assert.deepEqual([rateText(0.0005000000237487257), rateText(1e-7), rateText(null)], ["0.0005", "1e-7", ""]);
  const requests = new Requests();
  requests.settle(status());
  requests.ask({ rate: 0.05 }, status(), 0);
  assert.equal(controls(status(), requests.asked).rate.value, 0.05);
  requests.settle(status({ learning_rate: 0.0500001 }));
  assert.deepEqual(requests.asked, {});
});
