// @ts-check
// A sweep of the learning rate: a click on the curve chooses the rate; arrow keys do too.

import { h, s, set, setText } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { HEIGHT, sweepScale, WIDTH } from "./sweep_scale.js";

/** @typedef {import("./steps.js").Sweep} Sweep */

/** @param {(rate: number) => void} choose */
export function createSweep(choose) {
  const hint = h("p", { class: "tls-soft" });
  const element = h("div", { class: "tls-sweep" });
  let drawn = /** @type {Sweep | null} */ (null);
  let move = /** @type {(rate: number | null) => void} */ (() => {});

  /** @param {Sweep} sweep */
  function draw(sweep) {
    const scale = sweepScale(sweep);
    const text = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ words, /** @type {string} */ anchor) => {
      const node = s("text", { x, y, "text-anchor": anchor });
      node.append(words);
      return node;
    };
    const vertical = (/** @type {string} */ name) => s("line", { class: name, y1: 8, y2: HEIGHT - 24 });
    const [chosen, suggested] = [vertical("tls-chosen"), vertical("tls-suggested")];
    const place = (/** @type {Element} */ line, /** @type {number} */ rate) => set(line, { x1: scale.x(rate), x2: scale.x(rate) });
    place(suggested, sweep.suggestion);
    const label = text(0, 20, "", "start");
    const grid = scale.decades.map((power) => s("line", { class: "tls-grid", x1: scale.x(10 ** power), x2: scale.x(10 ** power), y1: 8, y2: HEIGHT - 24 }));
    const names = scale.decades.map((power) => text(scale.x(10 ** power), HEIGHT - 8, number(10 ** power), "middle"));
    const ends = scale.ends.map((loss) => text(40, scale.y(loss) + 4, number(Number(loss.toPrecision(3))), "end"));
    const svg = set(s("svg", {}, ...grid, ...names, ...ends, s("path", { class: "tls-loss", d: scale.path }), suggested, chosen, label), {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "slider", tabindex: 0, "aria-label": t("Learning rate, on the curve of the loss"),
      "aria-valuemin": sweep.rates[0], "aria-valuemax": sweep.rates[sweep.rates.length - 1],
    });
    let rate = sweep.suggestion;
    const at = (/** @type {PointerEvent | MouseEvent} */ event) => {
      const box = svg.getBoundingClientRect();
      return scale.rate(((event.clientX - box.left) / box.width) * WIDTH);
    };
    const show = (/** @type {number} */ value) => {
      rate = value;
      place(chosen, value);
      const right = scale.x(value) > WIDTH - 90;
      set(label, { x: scale.x(value) + (right ? -6 : 6), "text-anchor": right ? "end" : "start" });
      label.textContent = number(value);
      set(svg, { "aria-valuenow": value, "aria-valuetext": number(value) });
    };
    svg.addEventListener("click", (event) => {
      show(at(/** @type {MouseEvent} */ (event)));
      choose(rate);
    });
    svg.addEventListener("keydown", (event) => {
      const steps = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 })[
        /** @type {KeyboardEvent} */ (event).key];
      if (steps === undefined) return;
      event.preventDefault();
      show(scale.step(rate, steps));
      choose(rate);
    });
    move = (value) => value !== null && value !== rate && show(value);
    show(sweep.suggestion);
    setText(hint, t("The loss by the rate, on a copy. Suggested: {0}. Click the curve to choose.", number(sweep.suggestion)));
    element.replaceChildren(hint, svg);
  }

  return {
    element,
    /** @param {Sweep | null} sweep @param {number | null} rate */
    update(sweep, rate) {
      element.hidden = sweep === null;
      if (sweep !== null && JSON.stringify(sweep) !== JSON.stringify(drawn)) draw(sweep);
      drawn = sweep;
      if (sweep !== null) move(rate);
    },
  };
}
