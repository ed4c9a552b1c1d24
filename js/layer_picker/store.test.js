import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture, nodeNamed } from "./fixture.js";
import { createStore } from "./store.js";

const tree = fixture();
const block = nodeNamed(tree, "block_2");
const tick = { kind: "set", trainable: true, nodes: [[block, tree.end[block]]] };
const letters = (store) => [...store.view.selection.choices].map((choice) => "ftk"[choice]).join("");
const NONE = "fffffffffffff";
const TICKED = "fffftktffffff";
const ALL = "ttkttkttktttt";

/** What Python sends. */
const message = (choices, more = {}) => ({
  choices, batchnorm: "frozen", ranks: [[13, 0]], rates: [[13, 1]], position: 0, oldest: 0, newest: 0, answered: {}, code: "", cost: { share: 0.5, once: true, text: "" }, error: "", ...more,
});

function open() {
  const sent = [];
  const store = createStore({ tree, message: message("13f"), page: "me", send: (content) => sent.push(content) });
  let told = 0;
  store.subscribe(() => {
    told += 1;
  });
  return { store, sent, told: () => told };
}

test("an edit shows at once, is sent once, and its answer changes nothing more", () => {
  const { store, sent, told } = open();
  store.edit(tick);
  assert.equal(letters(store), TICKED);
  assert.deepEqual(sent, [{ type: "edit", page: "me", number: 1, edit: tick }]);
  assert.deepEqual([store.view.waiting, store.view.canUndo, told()], [1, true, 1]);
  store.receive(message("4f1t1k1t6f", { position: 1, newest: 1, answered: { me: 1 } }));
  assert.equal(letters(store), TICKED);
  assert.equal(store.view.waiting, 0);
});

test("Python's answer is what counts", () => {
  const { store } = open();
  store.edit(tick);
  store.receive(message("13f", { answered: { me: 1 }, error: "No." }));
  assert.equal(letters(store), NONE);
  assert.equal(store.message.error, "No.");
});

test("while the kernel is busy, edits and undo pile up and stay in order", () => {
  const { store, sent } = open();
  store.edit(tick);
  store.edit({ kind: "all" });
  assert.equal(letters(store), ALL);
  store.edit({ kind: "undo" });
  assert.equal(letters(store), TICKED);
  assert.ok(store.view.canRedo);
  store.edit({ kind: "redo" });
  assert.equal(letters(store), ALL);
  assert.deepEqual(sent.map((one) => one.number), [1, 2, 3, 4]);
  store.receive(message("4f1t1k1t6f", { position: 1, newest: 1, answered: { me: 1 } }));
  assert.equal(letters(store), ALL, "the answer to the first does not take back the others");
  assert.equal(store.view.waiting, 3);
});

test("a change from elsewhere moves what is shown, under the edits not answered yet", () => {
  const { store } = open();
  store.edit(tick);
  store.receive(message("11f2t", { position: 1, newest: 1, answered: { other: 7 } }));
  assert.equal(letters(store), "fffftktffff" + "tt");
});

test("what changes nothing is not sent", () => {
  const { store, sent } = open();
  store.edit({ kind: "none" });
  store.edit({ kind: "undo" });
  store.edit({ kind: "redo" });
  store.edit({ ...tick, trainable: false });
  assert.equal(sent.length, 0);
});

test("undo goes back to what this page has seen; where it has not, Python tells", () => {
  const { store } = open();
  store.receive(message("11f2t", { position: 1, newest: 1 }));
  store.edit({ kind: "undo" });
  assert.equal(letters(store), NONE);
  const late = createStore({ tree, message: message("11f2t", { position: 5, newest: 6, oldest: 2 }), page: "me", send: () => {} });
  assert.ok(late.view.canUndo && late.view.canRedo);
  late.edit({ kind: "undo" });
  assert.equal(letters(late), "fffffffffff" + "tt");
  late.receive(message("13f", { position: 4, newest: 6, oldest: 2, answered: { me: 1 } }));
  assert.equal(letters(late), NONE);
});

test("a new edit after undo forgets what could be redone", () => {
  const { store } = open();
  store.edit(tick);
  store.edit({ kind: "undo" });
  store.edit({ kind: "all" });
  assert.ok(!store.view.canRedo);
});

test("what is only tried is shown and not sent", () => {
  const { store, sent } = open();
  store.attempt(tick);
  assert.equal(letters(store), TICKED);
  assert.deepEqual([sent.length, store.view.waiting, store.view.canUndo], [0, 0, false]);
  store.attempt({ kind: "all" });
  assert.equal(letters(store), ALL);
  store.attempt(null);
  assert.equal(letters(store), NONE);
  store.attempt(tick);
  store.edit(tick);
  assert.deepEqual([letters(store), sent.length], [TICKED, 1]);
});

test("a multiplier shows at once", () => {
  const { store, sent } = open();
  const slow = { kind: "rate", multiplier: 0.1, nodes: tick.nodes };
  store.edit(slow);
  store.edit(slow);
  assert.deepEqual([sent.length, store.view.selection.rates[5], store.view.selection.rates[0]], [1, 0.1, 1]);
});

test("a listener that is gone is not told", () => {
  const { store, told } = open();
  const stop = store.subscribe(() => assert.fail("told"));
  stop();
  store.edit(tick);
  assert.equal(told(), 1);
});
