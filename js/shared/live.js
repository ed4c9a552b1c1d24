// @ts-check
// A live view hides the static picture of the same widget while it is on the page (see tl_toolkit.widgets.base).

import { h } from "./dom.js";

/**
 * @param {HTMLElement} root the live view
 * @param {string} id of the widget's static picture
 * @returns {() => void} shows the picture again
 */
export function hideStatic(root, id) {
  const style = h("style", {}, `[data-tl-static="${CSS.escape(id)}"] { display: none; }`);
  root.setAttribute("data-tl-live", id);
  document.head.append(style);
  return () => style.remove();
}

/**
 * Keeps plain keys from the notebook, whose shortcuts would delete cells; combinations such as Ctrl+S still reach it.
 * @param {HTMLElement} root
 */
export function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
}
