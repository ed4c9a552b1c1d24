// @ts-check
// Icons as strokes on a grid of 16.

import { s } from "./dom.js";

const PATHS = {
  chevron: ["M6 3.5 10.5 8 6 12.5"],
  search: ["M7 11.25a4.25 4.25 0 1 0 0-8.5 4.25 4.25 0 0 0 0 8.5Z", "M10.25 10.25 13.5 13.5"],
  clear: ["M4.5 4.5l7 7", "M11.5 4.5l-7 7"],
  undo: ["M3.25 6.25h6.5a3.5 3.5 0 0 1 0 7H7", "M6 3.25l-3 3 3 3"],
  redo: ["M12.75 6.25h-6.5a3.5 3.5 0 0 0 0 7H9", "M10 3.25l3 3-3 3"],
  copy: ["M6.5 5.5h6v8h-6z", "M10 3.25v-.75H3.5v8h.75"],
  check: ["M3.25 8.5l3.25 3.25 6.25-7"],
  down: ["M8 2.75v10", "M4 8.75l4 4 4-4"],
  options: ["M2.5 5h5.5", "M12 5h1.5", "M12 5a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z", "M2.5 11H4", "M8 11h5.5", "M8 11a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z"],
  unfold: ["M4.75 6 8 2.75 11.25 6", "M4.75 10 8 13.25 11.25 10"],
  fold: ["M4.75 2.75 8 6l3.25-3.25", "M4.75 13.25 8 10l3.25 3.25"],
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const paths = PATHS[name].map((d) => s("path", { d }));
  return s("svg", { class: "tl-icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, ...paths);
}
