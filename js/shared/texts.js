// @ts-check
// What the widgets say, in the language of the notebook. English is written where it is said, `t("Stop")`; every other
// language is a table here, by the English text. `texts.test.js` sees to it that no text lacks its translation.

import { zh } from "./texts.zh.js";

const TABLES = /** @type {Record<string, Record<string, string>>} */ ({ zh });

/** The language of the page: JupyterLab, Colab and VS Code name it on the root element. */
export function language() {
  const named = typeof document === "undefined" ? "" : document.documentElement.lang;
  return named.slice(0, 2).toLowerCase();
}

/**
 * A text in the language of the page; `{0}`, `{1}`, … stand for the values.
 * @param {string} text
 * @param {...(string | number)} values
 */
export function t(text, ...values) {
  const said = TABLES[language()]?.[text] ?? text;
  return said.replace(/\{(\d)\}/g, (_, place) => String(values[Number(place)]));
}
