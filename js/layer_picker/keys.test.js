import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture, nodeNamed, selectionOf } from "./fixture.js";
import { move } from "./keys.js";
import { rowsOf } from "./rows.js";

const tree = fixture();
const at = (name) => nodeNamed(tree, name);
const unfolded = new Uint8Array(tree.size);
unfolded[at("backbone")] = 1;
const rows = rowsOf(tree, unfolded, { selection: selectionOf("13f") });
const press = (key, active, more = {}, typed = "") =>
  move({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more },
    { tree, rows, unfolded, active: active === null ? -1 : at(active), page: 3, typed });
const goes = (name) => ({ kind: "go", node: at(name) });

test("arrows, pages, home and end move among the rows and stop at the ends", () => {
  assert.deepEqual(press("ArrowDown", "image"), goes("backbone"));
  assert.deepEqual(press("ArrowUp", "image"), goes("image"));
  assert.deepEqual(press("ArrowDown", "head"), goes("head"));
  assert.deepEqual(press("PageDown", "image"), goes("block_2"));
  assert.deepEqual(press("PageUp", "block_1"), goes("image"));
  assert.deepEqual(press("Home", "pool"), goes("image"));
  assert.deepEqual(press("End", "pool"), goes("head"));
  assert.deepEqual(press("ArrowDown", null), goes("backbone"));
});

test("left and right fold, and step between a node and its first child", () => {
  assert.deepEqual(press("ArrowRight", "block_1"), { kind: "fold", node: at("block_1"), open: true });
  assert.deepEqual(press("ArrowRight", "backbone"), goes("block_1"));
  assert.deepEqual(press("ArrowLeft", "backbone"), { kind: "fold", node: at("backbone"), open: false });
  assert.deepEqual(press("ArrowLeft", "block_2"), goes("backbone"));
  assert.equal(press("ArrowLeft", "pool"), null);
  assert.equal(press("ArrowRight", "pool"), null);
});

test("space ticks, enter folds what can be folded and ticks the rest, F2 opens the options", () => {
  assert.deepEqual(press(" ", "block_1"), { kind: "toggle", node: at("block_1") });
  assert.deepEqual(press("Enter", "backbone"), { kind: "fold", node: at("backbone"), open: false });
  assert.deepEqual(press("Enter", "pool"), { kind: "toggle", node: at("pool") });
  assert.deepEqual(press("F2", "block_1"), { kind: "options", node: at("block_1") });
});

test("undo, redo and from here up have keys; other combinations are left to the notebook", () => {
  assert.deepEqual(press("z", "pool", { ctrlKey: true }), { kind: "undo" });
  assert.deepEqual(press("Z", "pool", { metaKey: true, shiftKey: true }), { kind: "redo" });
  assert.deepEqual(press("y", "pool", { ctrlKey: true }), { kind: "redo" });
  assert.deepEqual(press("ArrowDown", "block_2", { altKey: true }), { kind: "from", node: at("block_2") });
  assert.equal(press("s", "pool", { ctrlKey: true }), null);
  assert.equal(press("Tab", "pool"), null);
  assert.equal(press("Escape", "pool"), null);
});

test("typing finds names; the same letter again steps through", () => {
  assert.deepEqual(press("p", "image"), { kind: "type", typed: "p", node: at("pool") });
  assert.deepEqual(press("b", "image"), { kind: "type", typed: "b", node: at("backbone") });
  assert.deepEqual(press("b", "backbone", {}, "b"), { kind: "type", typed: "bb", node: at("block_1") });
  assert.deepEqual(press("l", "backbone", {}, "b"), { kind: "type", typed: "bl", node: at("block_1") });
  assert.deepEqual(press("p", "image", {}, "bl"), { kind: "type", typed: "p", node: at("pool") }, "a new word begins");
  assert.deepEqual(press("x", "image"), { kind: "type", typed: "", node: -1 });
});
