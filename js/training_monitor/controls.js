// @ts-check
// The row of buttons: what they look like and say. What they mean is in requests.js.
import { t } from "../shared/texts.js";
import { h, s, set, setText } from "../shared/dom.js";
import { controls, parseRate, rateText } from "./requests.js";

/** @typedef {import("./status.js").Status} Status */
/** @typedef {import("./requests.js").Asked} Asked */
/** @typedef {(type: string, value: any, asked: Asked) => void} Ask */

const SHAPES = {
  stop: "M4 4h8v8H4z",
  pause: "M4 3.5h3v9H4zM9 3.5h3v9H9z",
  resume: "M5 3.2l7.6 4.8L5 12.8z",
};

/** @param {keyof typeof SHAPES} name */
const shape = (name) =>
  s("svg", { class: "tlm-shape", viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: SHAPES[name] }));

/** @param {string} look @param {() => void} click @param {...(Node | string)} children */
const button = (look, click, ...children) =>
  h("button", { type: "button", class: `tl-button ${look}`, on: { click } }, ...children);

/** @param {HTMLElement} element @param {{ label?: string, disabled?: boolean, shown?: boolean, title?: string }} shown */
function dress(element, { disabled = false, shown = true, title }) {
  // A disabled button would lose the focus, and with it a keyboard's place; so it only says that it is.
  set(element, { "aria-disabled": disabled ? "true" : null, title });
  element.hidden = !shown;
}

export class Controls {
  /** @param {Ask} ask */
  constructor(ask) {
    this.ask = ask;
    const on = (/** @type {() => HTMLElement} */ element, /** @type {() => void} */ act) => () => {
      if (element().getAttribute("aria-disabled") !== "true") act();
    };
    this.stopWord = h("span", {}, t("Stop"));
    this.stop = button("tlm-stop", on(() => this.stop, () => ask("stop", null, { stop: true })), shape("stop"), this.stopWord);
    this.pauseWord = h("span", {}, t("Pause"));
    this.pauseShape = h("span", { class: "tlm-shape-box" });
    const toggle = () => {
      const pause = this.pauseWord.textContent === t("Pause");
      ask(pause ? "pause" : "resume", null, { pause });
    };
    this.pause = button("", on(() => this.pause, toggle), this.pauseShape, this.pauseWord);
    this.field = h("input", {
      type: "text", class: "tl-field tlm-rate-field", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
      "aria-label": t("Learning rate"),
      on: {
        change: () => this.#typed(),
        keydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Enter") this.field.blur();
          if (event.key === "Escape") this.#reset();
        },
        input: () => set(this.field, { "aria-invalid": parseRate(this.field.value) === null ? "true" : null }),
      },
    });
    const scale = (/** @type {number} */ factor) => () => {
      if (this.value !== null) this.#rate(this.value * factor);
    };
    this.lower = button("tl-button--icon", on(() => this.lower, scale(0.5)), "\u00f72");
    this.raise = button("tl-button--icon", on(() => this.raise, scale(2)), "\u00d72");
    set(this.lower, { "aria-label": t("Lower learning rate"), title: t("Halve the learning rate") });
    set(this.raise, { "aria-label": t("Raise learning rate"), title: t("Double the learning rate") });
    this.rate = h("span", { class: "tlm-rate", role: "group", "aria-label": t("Learning rate") },
      h("span", { class: "tlm-rate-label", "aria-hidden": "true" }, t("Learning rate")), this.lower, this.field, this.raise);
    const after = () => {
      const wanted = this.after.getAttribute("aria-pressed") !== "true";
      ask("stop_after_phase", wanted, { after: wanted });
    };
    this.after = button("tlm-after", on(() => this.after, after), t("Stop after this phase"));
    this.next = button("", on(() => this.next, () => ask("next_phase", null, { next: true })), t("Unfreeze next block now"));
    this.row = h("div", { class: "tlm-controls", role: "group", "aria-label": t("Controls") },
      this.stop, this.pause, this.rate, this.after, this.next);
    this.hint = h("p", { class: "tlm-hint" });
    this.note = h("p", { class: "tlm-note", role: "status" });
    this.value = /** @type {number | null} */ (null);
  }

  #typed() {
    const value = parseRate(this.field.value);
    if (value === null || value === this.value) this.#reset();
    else this.#rate(value);
  }

  #reset() {
    set(this.field, { "aria-invalid": null });
    this.field.value = rateText(this.value);
  }

  /** @param {number} value */
  #rate(value) {
    const rate = Number(value.toPrecision(4));
    this.value = rate;
    this.#reset();
    this.ask("learning_rate", rate, { rate });
  }

  /**
   * @param {Status} status
   * @param {Asked} asked
   * @param {string} note
   */
  update(status, asked, note) {
    const shown = controls(status, asked);
    this.row.hidden = !shown.shown;
    setText(this.note, shown.note || note);
    this.note.hidden = !this.note.textContent;
    setText(this.hint, shown.hint);
    this.hint.hidden = !shown.shown || !shown.hint;
    if (!shown.shown) return;
    setText(this.stopWord, shown.stop.label);
    dress(this.stop, shown.stop);
    if (this.pauseWord.textContent !== shown.pause.label || !this.pauseShape.firstChild) {
      setText(this.pauseWord, shown.pause.label);
      this.pauseShape.replaceChildren(shape(shown.pause.label === t("Pause") ? "pause" : "resume"));
    }
    dress(this.pause, shown.pause);
    this.rate.hidden = !shown.rate.shown;
    this.value = shown.rate.value;
    [this.lower, this.raise].forEach((one) => set(one, { "aria-disabled": shown.rate.disabled ? "true" : null }));
    this.field.readOnly = shown.rate.disabled;
    if (this.field.getRootNode() instanceof Document && document.activeElement !== this.field) this.#reset();
    dress(this.after, shown.after);
    set(this.after, { "aria-pressed": String(shown.after.pressed), title: "Ends the run when this phase is over; press again to take that back" });
    dress(this.next, shown.next);
    setText(this.next, shown.next.label);
  }
}
