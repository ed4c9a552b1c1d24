import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture, nodeNamed, structureOf } from "./fixture.js";
import { LAYER, hasChildren, layersOf, readTree } from "./tree.js";

const tree = fixture();
const at = (name) => nodeNamed(tree, name);

test("subtrees are ranges, parents come before children", () => {
  assert.equal(tree.end[at("backbone")], at("pool"));
  assert.equal(tree.end[at("block_2")] - at("block_2"), 4);
  assert.equal(tree.parent[at("block_2_conv")], at("block_2"));
  assert.equal(tree.parent[at("block_2")], at("backbone"));
  assert.equal(tree.parent[at("image")], -1);
  assert.ok(hasChildren(tree, at("head")) && !hasChildren(tree, at("pool")));
});

test("a node sums what is below it", () => {
  assert.equal(tree.params[at("backbone")], 348);
  assert.equal(tree.updatable[at("block_1")], 108);
  assert.equal(tree.layersIn[at("backbone")], 9);
  assert.deepEqual(layersOf(tree, at("block_1")), [1, 2, 3]);
  assert.equal(tree.layers, 13);
});

test("places among siblings are counted for screen readers", () => {
  assert.deepEqual([tree.position[at("block_3")], tree.siblings[at("block_3")]], [3, 3]);
  assert.deepEqual([tree.position[at("pool")], tree.siblings[at("pool")]], [3, 4]);
});

test("rows are named by their layer, and by more only where that is not enough", () => {
  assert.equal(tree.label[at("block_1_conv")], "block_1_conv");
  assert.equal(tree.path[at("block_1_conv")], "backbone/block_1_conv");
  assert.equal(tree.label[at("head")], "head block");
  assert.equal(tree.label[tree.name.lastIndexOf("head")], "head");
  const twins = readTree(structureOf([
    { kind: "c", name: "left", level: 0 }, { kind: "l", name: "dense", level: 1, block: 0 },
    { kind: "c", name: "right", level: 0 }, { kind: "l", name: "dense", level: 1, block: 1 },
  ]));
  assert.deepEqual(twins.label, ["left", "left/dense", "right", "right/dense"]);
});

test("a block shows the output shape of its last layer", () => {
  assert.ok(tree.shape.every((shape) => shape === "4 \u00d7 4"));
});

test("an order of layers that differs from the order of rows is kept", () => {
  const structure = structureOf([
    { kind: "b", name: "a", level: 0 }, { kind: "l", name: "a1", level: 1, block: 0 }, { kind: "l", name: "a2", level: 1, block: 0 },
    { kind: "l", name: "b", level: 0, block: 1 },
  ]);
  structure.layer_of = [-1, 0, 2, 1];
  const mixed = readTree(structure);
  assert.deepEqual(layersOf(mixed, 0), [0, 2]);
  assert.deepEqual([...mixed.nodeOf].map((node) => mixed.name[node]), ["a1", "b", "a2"]);
  assert.equal(mixed.kind[mixed.nodeOf[1]], LAYER);
});

test("a structure of another version is refused with what to do", () => {
  const structure = structureOf([{ kind: "l", name: "a", level: 0, block: 0 }]);
  assert.throws(() => readTree({ ...structure, version: 1 }), /received a structure of version 1, expected 3: restart/);
});
