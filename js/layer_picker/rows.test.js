import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture, flat, nodeNamed, selectionOf } from "./fixture.js";
import { matcher, nodesOfRows, rowsOf, unfoldedAtFirst, windowOf } from "./rows.js";

const tree = fixture();
const at = (name) => nodeNamed(tree, name);
const selection = selectionOf("4f1t1k1t5f1t");
const names = (options, unfolded = new Uint8Array(tree.size)) =>
  [...rowsOf(tree, unfolded, { selection, ...options }).nodes].map((node) => tree.name[node]);

test("folded nodes hide what is in them", () => {
  assert.deepEqual(names({}), ["image", "backbone", "pool", "head"]);
  const unfolded = new Uint8Array(tree.size);
  unfolded[at("backbone")] = 1;
  assert.deepEqual(names({}, unfolded), ["image", "backbone", "block_1", "block_2", "block_3", "pool", "head"]);
});

test("a short tree begins unfolded, a long one with its containers only", () => {
  assert.equal(names({}, unfoldedAtFirst(tree)).length, tree.size);
  const long = { ...tree, size: 1000 };
  const open = [...unfoldedAtFirst(long)].flatMap((one, node) => (one ? [tree.name[node]] : []));
  assert.deepEqual(open, ["backbone"]);
});

test("a search shows what matches by name, path or class, with what is above it", () => {
  assert.deepEqual(names({ search: "block_2_c" }), ["backbone", "block_2", "block_2_conv"]);
  assert.deepEqual(names({ search: "CONV2D" }).filter((name) => name.endsWith("conv")).length, 3);
  assert.deepEqual(names({ search: "block_?_norm" }).filter((name) => name.endsWith("norm")).length, 3);
  assert.deepEqual(names({ search: "/^hid|pool$/" }), ["pool", "head", "hidden"]);
  assert.deepEqual(names({ search: "nothing like it" }), []);
  assert.equal(rowsOf(tree, new Uint8Array(tree.size), { selection, search: "hidden" }).matches, 1);
});

test("a search that is no expression says so, and one that looks like markup is only text", () => {
  assert.match(matcher("/(/").error, /Not a regular expression/);
  assert.equal(matcher("a(b").error, "");
  assert.ok(matcher("<img").test("x<IMG src=y>"));
  assert.ok(!matcher("a.c*").test("abcd") && matcher("a.c*").test("a.cd"));
});

test("filters choose layers by their state", () => {
  const layers = (filter) => names({ filter }).filter((name) => !["backbone"].includes(name) && !/^block_\d$/.test(name));
  assert.deepEqual(layers("trainable"), ["block_2_conv", "head", "head"], "the head's block is shown above it");
  assert.deepEqual(layers("batchnorm"), ["block_1_norm", "block_2_norm", "block_3_norm"]);
  assert.ok(!layers("weights").includes("pool") && layers("weights").includes("hidden"));
  assert.ok(layers("frozen").includes("block_2_norm") && !layers("frozen").includes("block_2_conv"));
  assert.deepEqual(names({ filter: "frozen", search: "hidden" }), ["head", "hidden"]);
});

test("a range of rows covers folded rows whole, unfolded ones by their children", () => {
  const unfolded = new Uint8Array(tree.size);
  unfolded[at("backbone")] = 1;
  unfolded[at("block_2")] = 1;
  const rows = rowsOf(tree, unfolded, { selection });
  const range = (from, to) => nodesOfRows(tree, rows, rows.rowOf[at(from)], rows.rowOf[at(to)]);
  assert.deepEqual(range("block_1", "block_2_conv"), [[at("block_1"), at("block_2")], [at("block_2_conv"), at("block_2_norm")]]);
  assert.deepEqual(range("block_2_conv", "block_1"), range("block_1", "block_2_conv"));
  assert.deepEqual(range("block_3", "pool"), [[at("block_3"), at("head")]]);
  assert.deepEqual(range("block_2_norm", "block_2_norm"), [[at("block_2_norm"), at("block_2_relu")]]);
});

test("of ten thousand rows a screenful is drawn", () => {
  const long = flat(10_000);
  assert.equal(rowsOf(long, new Uint8Array(long.size), { selection: selectionOf("10000f") }).nodes.length, 10_000);
  assert.deepEqual(windowOf({ scrollTop: 0, height: 420, rowHeight: 28, count: 10_000 }), [0, 23]);
  const [first, last] = windowOf({ scrollTop: 140_000, height: 420, rowHeight: 28, count: 10_000 });
  assert.ok(first <= 5000 && last >= 5015 && last - first < 40);
  assert.deepEqual(windowOf({ scrollTop: 9e9, height: 420, rowHeight: 28, count: 10_000 })[1], 10_000);
  assert.deepEqual(windowOf({ scrollTop: 0, height: 420, rowHeight: 28, count: 0 }), [0, 0]);
});
