// @ts-check
// Small pieces that the steps are made of.

import { copyText, h, set, setText, uniqueId } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { t } from "../shared/texts.js";
import { jobName } from "./steps.js";

/** @typedef {import("./steps.js").Desk} Desk */
/**
 * What the parts need of the Studio.
 * @typedef {{ tell: (message: { do: string, [key: string]: any }) => void, say: (text: string) => void,
 *   go: (step: import("./steps.js").Step) => void }} Studio
 */

/** @param {string} text @param {Record<string, any>} attributes @param {...Node} before */
export function button(text, attributes, ...before) {
  const { class: more = "", ...rest } = attributes;
  return h("button", { type: "button", class: `tl-button ${more}`.trim(), ...rest }, ...before, text);
}

/**
 * A heading with what belongs to it.
 * @param {string} title
 * @param {...(Node | string | null)} body
 */
export function group(title, ...body) {
  const id = uniqueId("tls");
  return h("section", { class: "tls-group", "aria-labelledby": id }, h("h4", { id }, title), ...body);
}

/**
 * A button for work that is done in a cell. While it is armed, pressing it again takes it back.
 * @param {Studio} studio
 * @param {string} job
 * @param {string} title
 * @param {() => any} [value]
 */
export function jobButton(studio, job, title, value = () => null) {
  const label = h("span", {}, title);
  const element = button("", { class: "tls-job" }, label);
  let armed = false;
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") === "true") return;
    studio.tell(armed ? { do: "disarm", job } : { do: "ask", job, value: value() });
    studio.say(armed ? t("{0}: taken back", jobName(job)) : t("{0}: chosen", jobName(job)));
  });
  return {
    element,
    /** @param {Desk} desk @param {{ possible?: boolean, primary?: boolean, title?: string }} [options] */
    update(desk, { possible = true, primary = false, title: shown = title } = {}) {
      armed = desk.work.armed.includes(job) && desk.work.now !== job;
      const working = desk.work.now === job;
      setText(label, working ? t("Working …") : shown);
      element.classList.toggle("tl-button--primary", primary && !armed && possible && !working);
      set(element, { "aria-pressed": armed ? "true" : null, "aria-disabled": possible && !working ? null : "true" });
      set(element, { title: armed ? t("Press again to take it back") : null });
    },
  };
}

/**
 * Code, and a button that copies it.
 * @param {string} title
 */
export function codeBox(title) {
  const code = h("code", {});
  const copy = button(t("Copy"), { class: "tl-button--quiet tls-copy" }, icon("copy"));
  const element = h("div", { class: "tls-code" }, h("div", { class: "tls-code-head" }, h("span", {}, title), copy),
    h("pre", { tabindex: 0, role: "region", "aria-label": title }, code));
  const reset = () => copy.replaceChildren(icon("copy"), t("Copy"));
  copy.addEventListener("click", async () => {
    const copied = await copyText(code.textContent ?? "", code);
    copy.replaceChildren(icon(copied ? "check" : "copy"), copied ? t("Copied") : t("Press Ctrl+C"));
    copy.addEventListener("blur", reset, { once: true });
    copy.addEventListener("pointerleave", reset, { once: true });
  });
  return {
    element,
    update(/** @type {string} */ text) {
      setText(code, text);
      element.hidden = text === "";
    },
  };
}

/**
 * A table of texts.
 * @param {string} name
 * @param {string[]} header
 * @param {string[][]} rows
 */
export function grid(name, header, rows) {
  const head = h("tr", {}, ...header.map((text) => h("th", { scope: "col" }, text)));
  const lines = rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((one) => h("td", {}, one))));
  return h("div", { class: "tls-wide", tabindex: 0, role: "region", "aria-label": name },
    h("table", { class: "tls-table" }, h("thead", {}, head), h("tbody", {}, ...lines)));
}

/**
 * Draws something anew only when what it shows has changed.
 * @param {(value: any) => void} draw
 */
export function whenChanged(draw) {
  let before = "";
  return (/** @type {any} */ value) => {
    const now = JSON.stringify(value) ?? "";
    if (now === before) return;
    before = now;
    draw(value);
  };
}
