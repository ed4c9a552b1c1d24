// @ts-check
// Dragging over boxes: from the box that was pressed to the row under the pointer, with scrolling at the edges.

/** How near to an edge the tree begins to scroll, and how far it scrolls a frame, in pixels. */
const EDGE = 14;
const FASTEST = 24;

/**
 * @param {HTMLElement} element what scrolls
 * @param {object} options
 * @param {(event: PointerEvent) => boolean} options.starts whether a press begins a drag
 * @param {(y: number) => number} options.rowAt the row at a height of the page
 * @param {(row: number) => void} options.reach the pointer is over another row
 * @param {(done: boolean) => void} options.end the drag is over: done, or given up
 */
export function watchDrag(element, { starts, rowAt, reach, end }) {
  let pressed = -1;
  let reached = -1;
  let dragging = false;
  let y = 0;
  let frame = 0;

  function follow() {
    const { top, bottom } = element.getBoundingClientRect();
    const row = rowAt(Math.min(Math.max(y, top), bottom - 1));
    if (!dragging && row === pressed) return;
    if (row !== reached) reach(row);
    reached = row;
    dragging = true;
  }

  function scroll() {
    frame = 0;
    if (!dragging) return;
    const { top, bottom } = element.getBoundingClientRect();
    const beyond = Math.min(0, y - top - 2 * EDGE) + Math.max(0, y - bottom + EDGE);
    const before = element.scrollTop;
    element.scrollTop += Math.max(-FASTEST, Math.min(FASTEST, Math.round(beyond / 2)));
    if (element.scrollTop === before) return;
    follow();
    frame = requestAnimationFrame(scroll);
  }

  /** @param {boolean} done */
  function stop(done) {
    if (pressed < 0) return;
    const was = dragging;
    pressed = reached = -1;
    dragging = false;
    if (was) end(done);
  }

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch" || !starts(event)) return;
    pressed = reached = rowAt(event.clientY);
  });
  element.addEventListener("pointermove", (event) => {
    if (pressed < 0) return;
    if (event.buttons === 0) return stop(false);
    y = event.clientY;
    const was = dragging;
    follow();
    // From here on the pointer may leave the tree; a click at its end would otherwise tick the row below it.
    if (dragging && !was) element.setPointerCapture(event.pointerId);
    if (!frame) frame = requestAnimationFrame(scroll);
  });
  element.addEventListener("pointerup", () => stop(true));
  element.addEventListener("pointercancel", () => stop(false));
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop(false);
  });

  return {
    get dragging() {
      return dragging;
    },
  };
}
