import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture, nodeNamed, selectionOf } from "./fixture.js";
import { describe, rankText, rateText } from "./row.js";
import { applyEdit, summarize } from "./selection.js";

const tree = fixture();
const at = (name) => nodeNamed(tree, name);
const plain = (text) => text.replaceAll("\u202f", " ").replaceAll("\u00d7", "x").replaceAll("\u2013", "-");
const slow = applyEdit(tree, selectionOf("1f1t2f1t1k1t6f"), { kind: "rate", multiplier: 0.1, nodes: [[at("block_2"), at("block_3")]] });

test("a multiplier is written where it is not 1, from the smallest to the largest", () => {
  const text = (name) => plain(rateText(summarize(tree, slow), at(name)));
  assert.deepEqual(["block_2", "block_2_conv", "block_2_relu", "block_1", "backbone"].map(text), ["x 0.1", "x 0.1", "", "", "x 0.1 - 1"]);
});

test("a rank of LoRA is written where there is one", () => {
  const adapted = applyEdit(tree, slow, { kind: "lora", rank: 4, nodes: [[at("hidden"), at("hidden") + 1]] });
  const text = (name) => plain(rankText(summarize(tree, adapted), at(name)));
  assert.deepEqual(["hidden", "pool", "backbone"].map(text), ["LoRA 4", "", ""]);
  assert.equal(plain(describe(tree, adapted, summarize(tree, adapted), at("hidden"))), "frozen, LoRA 4, 50 parameters");
});

test("a screen reader hears the state, the size and the learning rate", () => {
  const heard = (name) => plain(describe(tree, slow, summarize(tree, slow), at(name)));
  assert.equal(heard("block_2"), "trainable, 116 parameters, learning rate x 0.1");
  assert.equal(heard("block_2_norm"), "kept frozen, 16 parameters, learning rate x 0.1");
  assert.equal(heard("block_3"), "frozen, 116 parameters");
  assert.equal(heard("backbone"), "partly trainable, 348 parameters, learning rate x 0.1 - 1");
});
