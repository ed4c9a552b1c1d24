// @ts-check
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { t } from "./texts.js";
import { zh } from "./texts.zh.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => /^(?!node_modules).*(?<!\.test)\.js$/.test(name) && !/texts/.test(name));
const said = new Set(files.flatMap((name) =>
  [...readFileSync(join(root, name), "utf8").matchAll(/\bt\(\s*("(?:[^"\\]|\\.)*")/g)].map((match) => JSON.parse(match[1]))));

test("every text has its translation, with the same values in it", () => {
  assert.ok(said.size > 90);
  const values = (/** @type {string} */ text) => (text.match(/\{\d\}/g) ?? []).sort();
  for (const text of said) {
    assert.ok(zh[text], `no Chinese for ${JSON.stringify(text)} in texts.zh.js`);
    assert.deepEqual(values(zh[text]), values(text), text);
  }
});

test("the language of the page decides, English where there is no other", () => {
  const page = /** @type {any} */ (globalThis);
  assert.equal(t("{0} epochs", 3), "3 epochs");
  page.document = { documentElement: { lang: "zh-CN" } };
  assert.equal(t("{0} epochs", 3), "3 轮");
  assert.equal(t("not in the table"), "not in the table");
  page.document = { documentElement: { lang: "de" } };
  assert.equal(t("Stop"), "Stop");
  delete page.document;
});
