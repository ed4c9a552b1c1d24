import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture, nodeNamed, selectionOf } from "./fixture.js";
import { CHECKED, MIXED, UNCHECKED, applyEdit, decodeNumbers, decodeRuns, equal, summarize } from "./selection.js";

const tree = fixture();
const at = (name) => nodeNamed(tree, name);
const span = (name) => [at(name), tree.end[at(name)]];
const none = selectionOf("13f");
const letters = ({ choices }) => [...choices].map((choice) => "ftkl"[choice]).join("");
const set = (selection, trainable, ...nodes) => applyEdit(tree, selection, { kind: "set", trainable, nodes });

test("runs are read", () => {
  assert.deepEqual([...decodeRuns("2f1t1k")], [0, 0, 1, 2]);
  assert.deepEqual([...decodeRuns("")], []);
  assert.deepEqual([...decodeNumbers([[2, 1], [1, 0.1]])], [1, 1, 0.1]);
});

test("ticking a block keeps its BatchNorm, ticking BatchNorm by itself trains it", () => {
  assert.equal(letters(set(none, true, span("block_2"))), "ffff" + "tkt" + "ffffff");
  assert.equal(letters(set(none, true, span("block_2_norm"))), "fffff" + "t" + "fffffff");
  assert.equal(letters(set({ ...none, batchnorm: "train" }, true, span("block_2"))), "ffff" + "ttt" + "ffffff");
  assert.equal(letters(set(none, true, span("block_2_norm"), span("block_2_relu"))), "fffff" + "kt" + "ffffff");
  const all = set(none, true, span("backbone"));
  assert.equal(letters(set(all, false, span("block_1"))), "ffff" + "tkttkt" + "fff");
});

test("presets choose what their plans choose", () => {
  const preset = (edit) => letters(applyEdit(tree, none, edit));
  assert.equal(preset({ kind: "head" }), "f".repeat(11) + "tt");
  assert.equal(preset({ kind: "last", n: 1 }), "f".repeat(7) + "tkt" + "f" + "tt");
  assert.equal(preset({ kind: "last", n: 0 }), preset({ kind: "head" }));
  assert.equal(preset({ kind: "all" }), "t" + "tkt".repeat(3) + "ttt");
  assert.equal(preset({ kind: "none" }), "f".repeat(13));
  assert.equal(preset({ kind: "from", node: at("block_3") }), "f".repeat(7) + "tktttt".slice(0, 6));
});

test("blocks that count as one are chosen together", () => {
  const joined = { ...tree, bodyBlocks: [[1], [2, 3]] };
  const last = applyEdit(joined, none, { kind: "last", n: 1 });
  assert.equal(letters(last), "ffff" + "tkttkt" + "f" + "tt");
});

test("the BatchNorm policy turns what it keeps", () => {
  const ticked = set(none, true, span("block_1"));
  const trained = applyEdit(tree, ticked, { kind: "batchnorm", mode: "train" });
  assert.equal(letters(trained), "f" + "ttt" + "f".repeat(9));
  assert.ok(equal(applyEdit(tree, trained, { kind: "batchnorm", mode: "frozen" }), ticked));
});

test("edits make new values and leave the old one", () => {
  const before = letters(none);
  set(none, true, span("backbone"));
  applyEdit(tree, none, { kind: "all" });
  assert.equal(letters(none), before);
});

test("a block is ticked, unticked or mixed by its layers with weights", () => {
  const check = (selection, name) => summarize(tree, selection).check[at(name)];
  const ticked = set(none, true, span("block_2"));
  assert.equal(check(ticked, "block_2"), CHECKED, "kept BatchNorm does not count");
  assert.equal(check(ticked, "block_2_norm"), UNCHECKED);
  assert.equal(check(ticked, "backbone"), MIXED);
  assert.equal(check(set(ticked, false, span("block_2_conv")), "block_2"), UNCHECKED, "nor do layers without weights");
  assert.equal(check(set(none, true, span("block_2_norm")), "block_2"), MIXED);
  assert.equal(check(set(none, true, span("pool")), "pool"), CHECKED);
  assert.equal(check(set(none, true, span("hidden")), "head"), MIXED);
});

test("totals count what an optimizer updates", () => {
  const ticked = summarize(tree, set(none, true, span("block_2")));
  assert.deepEqual([ticked.trainable, ticked.frozen], [100, 308]);
  assert.equal(ticked.trained[at("backbone")], 100);
  const withNorm = summarize(tree, applyEdit(tree, set(none, true, span("backbone")), { kind: "batchnorm", mode: "train" }));
  assert.equal(withNorm.trainable, 324, "of BatchNorm's 16 numbers 8 are statistics");
});

test("multipliers of the learning rate are set, kept by other edits, and known for every row", () => {
  const rate = (selection, multiplier, name) => applyEdit(tree, selection, { kind: "rate", multiplier, nodes: [span(name)] });
  const slow = rate(none, 0.1, "block_2");
  assert.deepEqual([...slow.rates], [1, 1, 1, 1, 0.1, 0.1, 0.1, 1, 1, 1, 1, 1, 1]);
  assert.ok(!equal(slow, none) && equal(rate(slow, 1, "backbone"), none));
  assert.equal(applyEdit(tree, slow, { kind: "all" }).rates, slow.rates);
  assert.equal(set(slow, true, span("block_1")).rates, slow.rates);
  const { slowest, fastest } = summarize(tree, slow);
  const limits = (name) => [slowest[at(name)], fastest[at(name)]];
  assert.deepEqual([limits("backbone"), limits("block_2"), limits("block_1")], [[0.1, 1], [0.1, 0.1], [1, 1]]);
  assert.deepEqual(limits("block_2_relu"), [Infinity, -Infinity], "what has no weights has no learning rate");
  const training = summarize(tree, rate(set(slow, true, span("block_2")), 3, "block_2_norm"));
  const both = (name) => [training.slowest[at(name)], training.fastest[at(name)]];
  assert.deepEqual([both("block_2"), both("backbone")], [[0.1, 0.1], [0.1, 0.1]], "of a row, what trains counts");
});

test("LoRA adapts the layers that can have it and freezes the others of a row", () => {
  const adapt = (selection, rank, ...names) => applyEdit(tree, selection, { kind: "lora", rank, nodes: names.map(span) });
  const all = applyEdit(tree, none, { kind: "all" });
  const adapted = adapt(all, 4, "head", "block_3");
  assert.equal(letters(adapted), "ttkttkt" + "fff" + "t" + "ll");
  assert.deepEqual([...adapted.ranks].slice(-3), [0, 4, 4]);
  const summary = summarize(tree, adapted);
  assert.equal(summary.trained[at("head")], 2 * 8 * 4, "what LoRA adds");
  assert.equal(summary.held[at("head")], 60, "the weights beside it");
  assert.deepEqual([summary.check[at("head")], summary.check[at("hidden")], summary.check[at("block_3")]], [MIXED, MIXED, UNCHECKED]);
  assert.equal(summary.trainable, 200 + 64);
  const more = summarize(tree, adapt(adapted, 8, "hidden"));
  assert.deepEqual([more.lowest[at("head")], more.highest[at("head")], more.highest[at("block_3")]], [4, 8, -Infinity]);
  assert.equal(letters(adapt(adapted, 0, "head", "block_2")), "ttkttkt" + "fff" + "t" + "ff", "0 takes LoRA back, and only that");
  assert.equal(letters(set(adapted, true, span("hidden"))), "ttkttkt" + "fff" + "t" + "tl");
  assert.ok(equal(applyEdit(tree, adapted, { kind: "none" }), none));
  assert.ok(!equal(adapted, adapt(adapted, 8, "hidden")));
});
