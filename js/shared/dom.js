// @ts-check
// Building DOM without HTML strings: every text that comes from a model or a user becomes a text node.

/** @typedef {Record<string, any>} Attributes */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Sets attributes; `on` is a table of listeners, `style` a table of properties (custom ones too), `false`, `null` and
 * `undefined` remove an attribute, `true` sets an empty one.
 * @template {Element} T
 * @param {T} node
 * @param {Attributes} attributes
 * @returns {T}
 */
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [type, listener] of Object.entries(value)) node.addEventListener(type, /** @type {any} */ (listener));
    } else if (name === "style") {
      for (const [property, text] of Object.entries(value)) {
        /** @type {any} */ (node).style.setProperty(property, String(text));
      }
    } else if (value === false || value === null || value === undefined) {
      node.removeAttribute(name);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  return node;
}

/**
 * Makes an HTML element; children are nodes or texts, never markup.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const node = set(document.createElement(tag), attributes);
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) {
      node.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
  }
  return node;
}

/**
 * Makes an SVG element.
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function s(tag, attributes = {}, ...children) {
  const node = set(/** @type {SVGElement} */ (document.createElementNS(SVG, tag)), attributes);
  node.append(...children);
  return node;
}

/**
 * Writes a text only when it differs, so that an unchanged row costs no layout.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

let count = 0;

/**
 * An id that no other element of the page has, for `aria-*` references.
 * @param {string} prefix
 */
export function uniqueId(prefix) {
  count += 1;
  return `${prefix}-${Date.now().toString(36)}-${count}`;
}

/**
 * Copies a text; where the page may not, selects what shows it and asks the browser.
 * @param {string} text
 * @param {HTMLElement} shown
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copyText(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return document.execCommand("copy");
  }
}
