// @ts-check
// The report as DOM. Every text becomes a text node; pictures are `data:` addresses that Python has made.

import { h, set, uniqueId } from "../shared/dom.js";
import { barPlaces, cellLabel, cellSamples, moveCell, samplesOf, shade, sure } from "./cells.js";

/** @typedef {import("./cells.js").Report} Report @typedef {import("./cells.js").Sample} Sample */

/**
 * @param {string} title
 * @param {...(Node | null)} body
 */
function section(title, ...body) {
  const id = uniqueId("tlr");
  return h("section", { "aria-labelledby": id, class: "tlr-section" }, h("h4", { id }, title), ...body);
}

/**
 * @param {string[]} header
 * @param {string[][]} rows
 * @param {string} name
 */
function grid(header, rows, name) {
  const head = h("tr", {}, ...header.map((text) => h("th", { scope: "col" }, text)));
  const lines = rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((v) => h("td", {}, v))));
  return h("div", { class: "tlr-wide", tabindex: "0", role: "region", "aria-label": name },
    h("table", { class: "tlr-table", "aria-label": name }, h("thead", {}, head), h("tbody", {}, ...lines)));
}

/** @param {Sample[]} samples */
function gallery(samples) {
  if (samples.length && samples[0].image === null) {
    const rows = samples.map((s) => [String(s.index), s.text, s.true, s.told, sure(s.confidence)]);
    return grid(["sample", "what it is", "true", "predicted", "confidence"], rows, "samples");
  }
  const figure = (/** @type {Sample} */ s) => {
    const alt = `sample ${s.index}: true ${s.true}, predicted ${s.told}`;
    const caption = h("figcaption", {}, h("b", {}, s.told), ` ${sure(s.confidence)}`, h("span", {}, `is ${s.true}`));
    return h("li", {}, h("figure", {}, h("img", { src: s.image, alt, title: alt }), caption));
  };
  return h("ul", { class: "tlr-gallery" }, ...samples.map(figure));
}

/** @param {NonNullable<Report["comparison"]>} comparison */
function verdict(comparison) {
  const places = barPlaces(comparison.rows);
  const bars = comparison.rows.map((row, i) => h("tr", {},
    h("th", { scope: "row" }, row.name),
    h("td", { class: "tlr-bar", style: { "--value": `${places[i].value}%`, "--low": `${places[i].low}%`, "--high": `${places[i].high}%` } }, h("i"), h("s")),
    ...[row.score, row.gain, String(row.seeds), row.time].map((text) => h("td", {}, text))));
  const head = ["", "", "score", "gain of fine-tuning", "seeds", "time of one"].map((text) => h("th", { scope: "col" }, text));
  return section("Did transfer help?",
    h("p", { class: "tlr-verdict", "data-verdict": comparison.verdict }, h("b", {}, comparison.verdict), ` ${comparison.words}`),
    h("div", { class: "tlr-wide", tabindex: "0", role: "region", "aria-label": "comparison" },
      h("table", { class: "tlr-table", "aria-label": "comparison with baselines" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...bars))),
    ...comparison.notes.map((note) => h("p", { class: "tlr-note" }, note)));
}

/** @param {Report} report */
function matrix(report) {
  const confusion = /** @type {NonNullable<Report["confusion"]>} */ (report.confusion);
  const { names, counts, totals } = confusion;
  const behind = h("div", { class: "tlr-behind", role: "region", "aria-live": "polite", "aria-label": "samples behind the cell" });
  behind.hidden = true;
  /** @type {HTMLButtonElement[][]} */
  const buttons = names.map(() => []);
  const open = (/** @type {number} */ row, /** @type {number} */ column) => {
    const pressed = buttons[row][column].getAttribute("aria-pressed") === "true";
    buttons.flat().forEach((button) => set(button, { "aria-pressed": "false" }));
    behind.replaceChildren();
    behind.hidden = pressed;
    if (pressed) return;
    set(buttons[row][column], { "aria-pressed": "true" });
    const shown = cellSamples(report, row, column);
    const more = shown.length < counts[row][column] ? `, ${shown.length} of them here` : "";
    behind.append(h("h5", {}, cellLabel(names[row], names[column], counts[row][column]) + more), gallery(shown));
  };
  const go = (/** @type {KeyboardEvent} */ event, /** @type {number} */ row, /** @type {number} */ column) => {
    const place = moveCell(event.key, row, column, names.length);
    if (!place) return;
    event.preventDefault();
    buttons.flat().forEach((button) => set(button, { tabindex: "-1" }));
    const next = buttons[place[0]][place[1]];
    set(next, { tabindex: "0" }).focus();
  };
  const rows = names.map((name, row) => h("tr", {}, h("th", { scope: "row" }, name), ...names.map((told, column) => {
    const count = counts[row][column];
    const label = cellLabel(name, told, count);
    const button = h("button", {
      type: "button", title: label, "aria-label": label, "aria-pressed": "false", "aria-disabled": count === 0,
      tabindex: row === 0 && column === 0 ? "0" : "-1",
      on: { click: () => count > 0 && open(row, column), keydown: (/** @type {KeyboardEvent} */ event) => go(event, row, column) },
    }, count || "");
    buttons[row].push(button);
    const style = { "--shade": `${Math.round(100 * shade(count, totals[row]))}%` };
    return h("td", { style, "data-right": row === column }, button);
  })));
  const head = h("tr", {}, h("th", {}, "true \\ predicted"), ...names.map((name) => h("th", { scope: "col" }, name)));
  const left = confusion.left_out ? h("p", {}, `${confusion.left_out} classes with fewer mistakes are left out.`) : null;
  return section("Confusion",
    h("p", { class: "tlr-soft" }, "Click a number to see the samples behind it."),
    h("div", { class: "tlr-wide" }, h("table", { class: "tlr-matrix", "aria-label": "confusion matrix" }, h("thead", {}, head), h("tbody", {}, ...rows))),
    left, behind);
}

/**
 * Draws a report into an element.
 * @param {HTMLElement} root
 * @param {Report} report
 */
export function drawReport(root, report) {
  const mistakes = samplesOf(report.samples, report.mistakes);
  const regression = report.task === "regression";
  const pictures = (/** @type {string[]} */ sources, /** @type {string} */ name) =>
    h("div", { class: "tlr-curves" }, ...sources.map((src, i) => h("img", { src, alt: `${name} ${i + 1}`, class: "tlr-curve" })));
  const [recipe, ...facts] = [...report.frozen].reverse();
  const parts = [
    h("h3", { class: "tlr-title" }, report.title),
    h("p", { class: "tlr-headline" }, report.headline),
    report.comparison && verdict(report.comparison),
    section("Figures", ...report.notes.map((note) => h("p", { class: "tlr-note" }, note)),
      grid(["", "value", "95 % interval"], report.metrics, "figures")),
    report.confusion && matrix(report),
    mistakes.length ? section(regression ? "Largest errors" : "Most confident mistakes", gallery(mistakes)) : null,
    section(regression ? "By output" : "By class", grid(report.classes.header, report.classes.rows, "figures by class")),
    report.curves.length ? section("Learning curves", pictures(report.curves, "learning curve")) : null,
    recipe ? section("What was frozen", ...facts.reverse().map((fact) => h("p", {}, fact)), h("pre", {}, recipe)) : null,
    report.made.length ? section("How it was made", h("div", { class: "tlr-made" }, grid(["", ""], report.made, "how it was made"))) : null,
    report.runs && section("Comparison of runs", pictures(report.runs.curves, "curves of all runs"),
      grid(report.runs.header, report.runs.rows, "runs")),
  ];
  root.replaceChildren(...parts.filter((part) => part !== null));
}
