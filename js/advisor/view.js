// @ts-check
// The advice as DOM. Every text becomes a text node.

import { h, s, set, setText, uniqueId } from "../shared/dom.js";
import { duration } from "../shared/format.js";
import {
  LABEL_ZONES, SHIFT_ZONES, labelWords, moveWay, place, pointsOf, profileWords, zoneOf, zoneParts,
} from "./charts.js";

/**
 * @typedef {import("./charts.js").Advice} Advice @typedef {import("./charts.js").Evidence} Evidence
 * @typedef {import("./charts.js").State} State @typedef {import("./charts.js").Zone} Zone
 */

const WIDTH = 250;

/**
 * @param {string} title
 * @param {string} words what it says, for those who do not see it
 * @param {string} under the line below
 * @param {SVGElement} picture
 */
function figure(title, words, under, picture) {
  set(picture, { role: "img", "aria-label": words });
  return h("figure", { class: "tla-figure" }, h("figcaption", {}, title), picture, h("p", { class: "tla-soft" }, under));
}

/** @param {Evidence} evidence */
function profile(evidence) {
  const { profile: blocks, chance, random } = evidence;
  const [left, right, row] = [86, 36, 19];
  const wide = WIDTH - left - right;
  const height = blocks.length * row + 4;
  const rows = blocks.flatMap(({ block, probe }, i) => [
    label(left - 7, i * row + 13, block.length > 13 ? `${block.slice(0, 12)}…` : block, "end"),
    s("rect", { x: left, y: i * row + 3, width: wide, height: 13, rx: 2, class: "tla-ground" }),
    s("rect", { x: left, y: i * row + 3, width: wide * place(probe, 0, 1), height: 13, rx: 2, class: "tla-bar" }),
    label(WIDTH - right + 6, i * row + 13, probe.toFixed(2)),
  ]);
  const line = (/** @type {number} */ value, /** @type {string} */ kind) =>
    s("line", { x1: left + wide * place(value, 0, 1), x2: left + wide * place(value, 0, 1), y1: 0, y2: height, class: kind });
  const lines = [line(chance, "tla-chance"), ...(random === null ? [] : [line(random, "tla-random")])];
  const svg = s("svg", { viewBox: `0 0 ${WIDTH} ${height}` }, ...rows, ...lines);
  const said = [`dashed: not looking, ${chance.toFixed(2)}`, random === null ? "" : `dotted: random features, ${random.toFixed(2)}`];
  return figure("How deep features help", profileWords(evidence), said.filter(Boolean).join("; "), svg);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {string} [anchor]
 */
const label = (x, y, text, anchor = "start") => s("text", { x, y, "text-anchor": anchor }, document.createTextNode(text));

/**
 * A scale with named zones, a bar from one value to another and a mark on it.
 * @param {Zone[]} zones
 * @param {number} low
 * @param {{ from: number, to: number, at: number, log?: boolean, ticks: number[] }} values
 */
function strip(zones, low, { from, to, at, log = false, ticks }) {
  const high = zones[zones.length - 1].until;
  const x = (/** @type {number} */ value) => 8 + (WIDTH - 16) * place(value, low, high, log);
  const parts = zoneParts(zones, low, log).flatMap(({ name, from: begin, width }, i) => [
    s("rect", { x: 8 + (WIDTH - 16) * begin, y: 22, width: (WIDTH - 16) * width - 1.5, height: 16, rx: 2, class: `tla-zone tla-zone-${i}` }),
    label(8 + (WIDTH - 16) * (begin + width / 2), 15, name, "middle"),
  ]);
  const marks = ticks.map((tick) => label(x(tick), 56, String(tick), "middle"));
  return s("svg", { viewBox: `0 0 ${WIDTH} 62` }, ...parts, ...marks,
    s("line", { x1: x(from), x2: x(to), y1: 30, y2: 30, class: "tla-range" }),
    s("circle", { cx: x(at), cy: 30, r: 5.5, class: "tla-mark" }));
}

/** @param {Evidence} evidence */
function labels(evidence) {
  const counts = evidence.counts.length ? evidence.counts : [evidence.labels];
  const values = { from: Math.min(...counts), to: Math.max(...counts), at: evidence.median, log: true, ticks: [1, 10, 100, 1000] };
  const title = evidence.counts.length ? "Labels a class" : "Labels";
  const words = `${labelWords(evidence)}: ${zoneOf(evidence.median, LABEL_ZONES)}`;
  return figure(title, words, labelWords(evidence), strip(LABEL_ZONES, 1, values));
}

/** @param {Evidence} evidence */
function distance(evidence) {
  const shifts = evidence.profile.flatMap(({ shift }) => shift ?? []);
  if (evidence.shift === null || !shifts.length) return null;
  const values = { from: Math.min(...shifts), to: Math.max(...shifts), at: evidence.shift, ticks: [0, 0.5, 1, 1.5] };
  const words = `inputs are ${zoneOf(evidence.shift, SHIFT_ZONES)}: shift ${evidence.shift.toFixed(2)}`;
  return figure("How strange the inputs are", words, `shift ${evidence.shift.toFixed(2)}; the line spans the blocks`,
    strip(SHIFT_ZONES, 0, values));
}

/**
 * The strategies to choose from.
 * @param {Advice} advice
 * @param {(name: string) => void} select
 */
function ways(advice, select) {
  const longest = Math.max(...advice.ways.map(({ seconds }) => seconds), 1e-12);
  /** @type {HTMLElement[]} */
  const rows = advice.ways.map((way, i) => h("div", {
    role: "radio", class: "tla-way", "aria-checked": "false", tabindex: "-1", "data-name": way.name, title: way.does,
    on: {
      click: () => select(way.name),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        const next = moveWay(event.key, i, rows.length);
        if (event.key === " " || event.key === "Enter") select(way.name);
        else if (next !== null) {
          rows[next].focus();
          select(advice.ways[next].name);
        } else return;
        event.preventDefault();
      },
    },
  },
  h("span", { class: "tla-name" }, way.name, way.name === advice.suggested && h("span", { class: "tla-badge" }, "suggested")),
  h("span", { class: "tla-number" }, pointsOf(way, advice.suggested)),
  h("span", { class: "tla-time", style: { "--share": `${(100 * way.seconds) / longest}%` } }, h("i", {}), duration(way.seconds))));
  const head = h("div", { class: "tla-head", "aria-hidden": "true" }, h("span", {}, "strategy"),
    h("span", { class: "tla-number" }, "points"), h("span", {}, "computing"));
  return { element: h("div", { class: "tla-ways" }, head, h("div", { role: "radiogroup", "aria-label": "strategies" }, ...rows)), rows };
}

/**
 * Draws advice into an element; returns what shows another state.
 * @param {HTMLElement} root
 * @param {Advice} advice
 * @param {(message: object) => void} send
 * @returns {(state: State) => void}
 */
export function drawAdvice(root, advice, send) {
  const id = uniqueId("tla");
  const choice = ways(advice, (name) => send({ type: "select", name }));
  const [does, recipe, code] = [h("p", {}), h("pre", { "aria-label": "recipe" }), h("pre", { class: "tla-code", "aria-label": "code" })];
  const status = h("span", { class: "tla-soft", role: "status" });
  const use = h("button", { type: "button", class: "tl-button tl-button--primary", on: { click: () => send({ type: "use" }) } }, "Use this plan");
  const trial = advice.trial.length
    ? h("p", { class: "tla-soft" }, `Short trials: ${advice.trial.map(([name, round, score]) => `${name} ${score} (round ${round})`).join(", ")}`)
    : null;
  const charts = [profile(advice.evidence), labels(advice.evidence), distance(advice.evidence)];
  const parts = [
    h("h3", { id }, "Suggested: ", h("span", { class: "tla-suggested" }, advice.suggested)),
    h("ul", { class: "tla-reasons" }, ...advice.reasons.map((reason) => h("li", {}, reason))),
    h("div", { class: "tla-charts" }, ...charts.filter((chart) => chart !== null)),
    trial,
    h("div", { class: "tla-choice" }, choice.element, h("div", { class: "tla-chosen" }, does, recipe, code,
      advice.picker ? h("div", { class: "tla-use" }, use, status) : null)),
  ];
  root.replaceChildren(...parts.filter((part) => part !== null));
  return (state) => {
    const way = advice.ways.find(({ name }) => name === state.selected) ?? advice.ways[0];
    choice.rows.forEach((row) => {
      const chosen = row.getAttribute("data-name") === way.name;
      set(row, { "aria-checked": String(chosen), tabindex: chosen ? "0" : "-1" });
    });
    setText(does, way.does);
    setText(recipe, way.recipe);
    setText(code, state.code);
    use.disabled = state.used;
    setText(status, state.used ? "The picker has this plan." : "The picker has another plan.");
  };
}
