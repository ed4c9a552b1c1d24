import assert from "node:assert/strict";
import { test } from "node:test";
import {
  card, chartWords, clock, epochRange, facts, movedBlocks, progress, rateGroups, speedWords, stateWord, timeline, timeParts, title, totalEpochs,
  valueWords,
} from "./status.js";

const phase = (fields) => ({
  name: "Head only", epochs: 2, steps: 4, frozen: "", trainable_layers: 1, layers: 10, trainable_params: 50,
  params: 1000, learning_rate: 0.01, start: 0, end: 2, ...fields,
});
const status = (fields) => ({
  state: "running", activity: "training", name: "demo", sentence: "",
  phases: [phase({}), phase({ name: "Everything", trainable_layers: 10, trainable_params: 1000, start: 2, end: 5 })],
  phase: 0, epoch: 0, batch: 2, evaluated: 0, steps: 4, x: 0.5, elapsed: 12, remaining: 72, batches_per_second: 4,
  samples_per_second: 128, learning_rate: 0.01, seconds: { preparing: 1, training: 8, evaluation: 3 },
  values: { loss: 0.5, val_loss: 0.75 }, best: { val_loss: [0.75, 0] }, best_epoch: 0, messages: [],
  ...fields,
});
const plain = (text) => text.replaceAll("\u202f", " ");

test("the state is one word", () => {
  assert.equal(stateWord(status({})), "Training");
  assert.equal(stateWord(status({ activity: "preparing" })), "Preparing");
  assert.equal(stateWord(status({ activity: "evaluation" })), "Evaluating");
  assert.deepEqual(["paused", "completed", "stopped", "failed", "waiting"].map((state) => stateWord(status({ state }))),
    ["Paused", "Finished", "Stopped", "Failed", "Waiting"]);
});

test("progress counts epochs of the whole run and batches of this one", () => {
  assert.deepEqual(progress(status({})),
    { epoch: "Epoch 1 of 5", batch: "batch 2 of 4", share: 0.5, speed: "128 samples/s" });
  assert.equal(totalEpochs(status({})), 5);
});

test("progress admits what it does not know", () => {
  assert.deepEqual(progress(status({ steps: null, samples_per_second: null })),
    { epoch: "Epoch 1 of 5", batch: "batch 2", share: null, speed: "4.0 batches/s" });
  assert.equal(progress(status({ activity: "evaluation", evaluated: 3 })).batch, "evaluating, batch 3");
  assert.equal(plain(speedWords(status({ samples_per_second: 23_456 }))), "23.5 k samples/s");
});

test("the clock goes on between two messages, and notices silence", () => {
  const says = (fields, waited) => plain(clock(status(fields), waited));
  assert.equal(says({}, 2), "14 s \u00b7 about 1 min 10 s left");
  assert.equal(says({ remaining: 3 }, 2.5), "15 s \u00b7 almost done");
  assert.equal(says({ remaining: null }, 0), "12 s");
  assert.equal(says({}, 31), "43 s \u00b7 no news for 31 s");
});

test("the timeline fills as the run goes on", () => {
  const [head, everything] = timeline(status({}));
  assert.deepEqual([head.place, head.fill, head.epochs, plain(head.learns)],
    ["current", 0.25, "epochs 1\u20132", "1 of 10 layers trains, 5.0 % of the weights"]);
  assert.deepEqual([everything.place, everything.fill, everything.epochs, everything.learns],
    ["ahead", 0, "epochs 3\u20135", "all 10 layers train"]);
  const later = timeline(status({ phase: 1, x: 3.5 }));
  assert.deepEqual(later.map((part) => [part.place, part.fill]), [["done", 1], ["current", 0.5]]);
  const stopped = timeline(status({ phase: 1, x: 3.5, state: "stopped" }));
  assert.equal(stopped[1].place, "last");
  assert.equal(timeline(status({ phase: 1, x: 5, state: "completed" }))[1].place, "done");
  assert.deepEqual(timeline(status({ state: "waiting" })).map((part) => part.place), ["ahead", "ahead"]);
});

test("a phase of which only a sentence is known says that", () => {
  const unknown = phase({ trainable_layers: null, layers: null, frozen: "the backbone" });
  assert.equal(timeline(status({ phases: [unknown] }))[0].learns, "frozen: the backbone");
  const single = phase({ trainable_layers: 1, layers: 1 });
  assert.equal(timeline(status({ phases: [single] }))[0].learns, "the only layer trains");
});

test("cards show training, validation and the best", () => {
  assert.deepEqual(card(status({}), "loss"),
    { title: "Loss", training: 0.5, validation: 0.75, best: "best 0.75 in epoch 1", split: true });
  assert.deepEqual(card(status({}), "accuracy"),
    { title: "Accuracy", training: undefined, validation: undefined, best: "", split: true });
  assert.equal(card(status({ values: { gradient_norm: 3 } }), "gradient_norm").split, false);
  assert.deepEqual([undefined, 0.5, "nan", "inf", "-inf"].map(valueWords),
    ["\u2013", "0.5", "NaN", "\u221e", "\u2212\u221e"]);
  assert.deepEqual(["auc", "sparse_top_k", "f1_score"].map(title), ["AUC", "Sparse top k", "F1 score"]);
  assert.equal(chartWords(status({}), "loss"), "Loss by epoch: training 0.5, validation 0.75, best 0.75 in epoch 1");
});

test("time is divided into what was done", () => {
  const parts = timeParts(status({ seconds: { preparing: 0, training: 6, evaluation: 2 } }));
  assert.deepEqual(parts.map((part) => [part.name, part.seconds, part.share]),
    [["training", 6, 75], ["validation", 2, 25]]);
});

test("the axis reaches to the end of the running epoch, and ends where the run did", () => {
  assert.deepEqual(epochRange(status({ x: 0 })), [0, 1]);
  assert.deepEqual(epochRange(status({ x: 2.25 })), [0, 3]);
  assert.deepEqual(epochRange(status({ x: 2.25, state: "stopped" })), [0, 2.25]);
  assert.deepEqual(epochRange(status({ x: 0, state: "failed" })), [0, 1]);
  assert.deepEqual(epochRange(status({ x: 3.5, phases: [phase({ start: 3, end: 6 })] })), [3, 4]);
});

test("a time that is not known well is a range", () => {
  const words = (range) => plain(clock(status({ remaining: 100, remaining_range: range }), 0));
  assert.equal(words([100, 100]), "12 s \u00b7 about 1 min 40 s left");
  assert.equal(words([180, 480]), "12 s \u00b7 3\u20138 min left");
  assert.equal(words([20, 60]), "12 s \u00b7 20\u201360 s left");
  assert.equal(words([0.1, 0.2]), "12 s \u00b7 almost done");
});

test("the rates of groups are told where they differ", () => {
  assert.equal(rateGroups(status({})), "");
  const rates = [["2 layers", 1], ["40 layers", 0.1]];
  assert.equal(rateGroups(status({ phases: [phase({ rates })] })), "2 layers at 0.01, 40 layers at 0.001");
  assert.equal(rateGroups(status({ phases: [phase({ rates })], learning_rate: null })), "");
});

test("features of frozen layers are computed before the first batch, and told afterwards", () => {
  const cache = { layer: "block_13", samples: 2000, done: 500, size: null, reused: false };
  const running = status({ activity: "cache", cache });
  assert.equal(stateWord(running), "Computing features");
  const { epoch, batch, share } = progress(running);
  assert.deepEqual([epoch, plain(batch), share], ["Features of frozen layers", "500 of 2 000 samples", 0.25]);
  const unknown = progress(status({ activity: "cache", cache: { ...cache, samples: null } }));
  assert.deepEqual([unknown.batch, unknown.share], ["500 samples", null]);
  assert.deepEqual(facts(running), []);
  const checkpoint = { path: "runs/a/best.keras", epoch: 3, best: true };
  const after = status({ cache: { ...cache, done: 2000, size: 1 << 20 }, checkpoint });
  assert.deepEqual(facts(after).map(plain), ["Features after block_13 of 2 000 samples (1.00 MiB) are kept.",
    "Saved as runs/a/best.keras (epoch 4, best)."]);
  const again = status({ cache: { ...cache, layer: "", done: 1, reused: true } });
  assert.deepEqual(facts(again).map(plain), ["Features of 1 sample were found again."]);
  assert.deepEqual(timeParts(status({ seconds: { training: 3, cache: 1 } })).map((part) => part.name), ["training", "cache"]);
});

test("of the blocks those that moved are told, of very many those that moved farthest", () => {
  const shown = movedBlocks(status({ moved: [["stem", 0], ["body", 0.0125], ["head", 0.5], ["zero", "inf"]] }));
  assert.deepEqual(shown.rows.map(({ block, share, words }) => [block, share, plain(words)]),
    [["body", 2.5, "1.3 %"], ["head", 100, "50 %"], ["zero", 100, "\u221e"]]);
  assert.equal(plain(shown.others), "1 block did not move");
  const many = movedBlocks(status({ moved: Array.from({ length: 20 }, (_, i) => [`b${i}`, i]) }));
  assert.deepEqual(many.rows.map((row) => row.block), Array.from({ length: 12 }, (_, i) => `b${i + 8}`));
  assert.equal(plain(many.others), "7 blocks moved less, 1 block did not move");
  assert.equal(movedBlocks(status({})).shown, false);
});
