import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, compact, count, duration, number, percent, plural } from "./format.js";

/** Thin spaces read as spaces, so that the expectations can be typed. */
const plain = (text) => text.replaceAll("\u202f", " ").replaceAll("\u2212", "-");
const table = (format, rows) => {
  for (const [value, text] of rows) assert.equal(plain(format(...[value].flat())), text);
};

test("compact keeps three digits and steps to the next unit where rounding does", () => {
  table(compact, [
    [0, "0"], [950, "950"], [999, "999"], [1000, "1.00 k"], [1281, "1.28 k"], [2_257_984, "2.26 M"], [999_499, "999 k"],
    [999_500, "1.00 M"], [25_600_000, "25.6 M"], [175e9, "175 B"], [-1500, "-1.50 k"], [12.5, "12.5"],
  ]);
});

test("count groups thousands", () => {
  table(count, [[0, "0"], [999, "999"], [1000, "1 000"], [2_257_984, "2 257 984"], [-12_345, "-12 345"]]);
});

test("plural agrees with its number", () => {
  assert.equal(plain(plural(1, "layer")), "1 layer");
  assert.equal(plain(plural(0, "layer")), "0 layers");
  assert.equal(plain(plural(2, "class", "classes")), "2 classes");
});

test("bytes uses binary units", () => {
  table(bytes, [[0, "0 B"], [980, "980 B"], [1024, "1.00 KiB"], [10_248, "10.0 KiB"], [9_000_000, "8.58 MiB"]]);
});

test("percent never rounds something to nothing, or a part to the whole", () => {
  table(percent, [
    [[0, 10], "0 %"], [[0, 0], "0 %"], [[10, 10], "100 %"], [[1, 1e6], "< 0.01 %"], [[6, 10_000], "0.06 %"],
    [[1, 100], "1.0 %"], [[1, 3], "33.3 %"], [[99_999, 100_000], "> 99.9 %"],
  ]);
});

test("duration reads like speech", () => {
  table(duration, [
    [0, "0 ms"], [0.85, "850 ms"], [1, "1.0 s"], [12.44, "12.4 s"], [59.96, "1 min 00 s"], [185, "3 min 05 s"],
    [3599.6, "1 h 00 min"], [7440, "2 h 04 min"], [NaN, "\u2013"],
  ]);
});

test("number shows four significant digits and powers of ten", () => {
  table(number, [
    [0, "0"], [0.5, "0.5"], [0.01234, "0.01234"], [0.912345, "0.9123"], [0.0001, "1e-4"], [3.2e-5, "3.2e-5"],
    [1234.5, "1235"], [100, "100"], [123456, "123456"], [2_500_000, "2.5e6"], [-0.25, "-0.25"], [NaN, "NaN"],
    [Infinity, "\u221e"],
  ]);
});
