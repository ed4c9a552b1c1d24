// @ts-check
// The monitor on the page: built once, then only what changed is written.
import { h, s, set, setText, uniqueId } from "../shared/dom.js";
import { duration } from "../shared/format.js";
import { Chart } from "./chart.js";
import { metricNames, sparkline, unpack, VALIDATION } from "./curves.js";
import { card, chartWords, epochRange, hasEnded, isRunning, progress, stateWord, timeline, timeParts, title, valueWords } from "./status.js";

/** @typedef {import("./status.js").Status} Status */
/** @typedef {import("./curves.js").Curve} Curve */

const SILENT_AFTER = 30;

export class MonitorView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.status = /** @type {Status | null} */ (null);
    this.curves = /** @type {Map<string, Curve>} */ (new Map());
    this.received = performance.now();
    this.chosen = /** @type {string | null} */ (null);
    this.cards = /** @type {Map<string, ReturnType<typeof makeCard>>} */ (new Map());

    this.title = h("h3", { class: "tlm-title" });
    this.word = h("span", {});
    this.state = h("span", { class: "tlm-state" }, h("i", { class: "tlm-dot", "aria-hidden": "true" }), this.word);
    this.clock = h("span", { class: "tlm-clock" });
    this.announce = h("p", { class: "tl-hidden", role: "status" });
    this.sentence = h("p", { class: "tlm-sentence" });
    this.phases = h("ol", { class: "tlm-phases", "aria-label": "Phases" });
    this.bars = [makeBar("Epochs"), makeBar("Batches")];
    this.progress = h("div", { class: "tlm-progress" }, ...this.bars.flatMap((bar) => [bar.label, bar.track, bar.fact]));
    this.grid = h("div", { class: "tlm-cards" });
    this.rate = makeRateCard();
    this.time = makeTimeCard();
    this.loss = makeChart("loss", true);
    this.metric = makeChart("", false);
    this.messages = h("ul", { class: "tlm-messages", "aria-label": "Messages" });
    root.append(
      h("header", { class: "tlm-head" }, this.title, this.state, this.clock), this.announce, this.sentence, this.phases,
      this.progress, this.grid, h("div", { class: "tlm-charts" }, this.loss.figure, this.metric.figure), this.messages,
    );
    this.timer = setInterval(() => this.#tick(), 1000);
  }

  destroy() {
    clearInterval(this.timer);
    this.loss.chart.destroy();
    this.metric.chart.destroy();
  }

  restyle() {
    this.loss.chart.restyle();
    this.metric.chart.restyle();
  }

  /** @param {Status} status @param {any} packed */
  update(status, packed) {
    this.status = status;
    this.curves = unpack(packed);
    this.received = performance.now();
    const word = stateWord(status);
    set(this.root, { "data-state": status.state, "data-activity": status.activity });
    setText(this.title, status.name || "Training");
    setText(this.word, word);
    setText(this.announce, status.sentence || `${status.name}: ${word}`);
    setText(this.sentence, status.sentence);
    this.sentence.hidden = !status.sentence;
    this.progress.hidden = hasEnded(status) || status.state === "waiting";
    this.#updatePhases(status);
    this.#updateCards(status);
    this.#updateCharts(status);
    this.#updateMessages(status);
    this.#tick();
  }

  /** What goes on by itself between two messages. */
  #tick() {
    const status = this.status;
    if (!status) return;
    const waited = isRunning(status) ? (performance.now() - this.received) / 1000 : 0;
    const silent = waited > SILENT_AFTER ? `no news for ${duration(waited)}` : "";
    setText(this.clock, [duration(status.elapsed + waited), silent].filter(Boolean).join(" \u00b7 "));
    this.clock.hidden = status.state === "waiting" || hasEnded(status);
    progress(status, waited).forEach((line, i) => this.bars[i].update(line));
  }

  /** @param {Status} status */
  #updatePhases(status) {
    const parts = timeline(status);
    while (this.phases.childElementCount > parts.length) this.phases.lastElementChild?.remove();
    parts.forEach((part, i) => {
      const item = /** @type {HTMLElement} */ (this.phases.children[i] ?? this.phases.appendChild(makePhase()));
      const [track, name, epochs, learns] = /** @type {HTMLElement[]} */ ([...item.querySelectorAll("[data-part]")]);
      set(item, { "data-place": part.place, style: { "--length": part.length, "--fill": part.fill, "--trainable": part.trainable ?? 0 } });
      item.toggleAttribute("aria-current", part.place === "current");
      track.hidden = false;
      setText(name, parts.length > 1 ? `${i + 1}. ${part.name}` : part.name);
      setText(epochs, part.epochs);
      setText(learns, part.learns);
      item.classList.toggle("tlm-phase--known", part.trainable !== null);
    });
  }

  /** @param {Status} status */
  #updateCards(status) {
    const names = metricNames([...Object.keys(status.values).map((name) => `:${name}`)]);
    for (const [name, made] of this.cards) {
      if (!names.includes(name)) {
        made.element.remove();
        this.cards.delete(name);
      }
    }
    const choices = names.filter((name) => name !== "loss");
    if (!this.chosen || !choices.includes(this.chosen)) this.chosen = choices[0] ?? null;
    for (const name of names) {
      if (!this.cards.has(name)) {
        const choose = () => {
          this.chosen = name;
          if (this.status) {
            this.#updateCards(this.status);
            this.#updateCharts(this.status);
          }
        };
        this.cards.set(name, makeCard(name === "loss" || choices.length < 2 ? null : choose));
      }
      this.cards.get(name)?.update(card(status, name), choices.length > 1 && name === this.chosen);
    }
    this.rate.update(status.learning_rate, this.curves.get("batch:learning_rate"));
    this.time.update(status);
    const wanted = [...names.map((name) => /** @type {any} */ (this.cards.get(name)).element), this.rate.element, this.time.element];
    wanted.forEach((element, i) => {
      if (this.grid.children[i] !== element) this.grid.insertBefore(element, this.grid.children[i] ?? null);
    });
  }

  /** @param {Status} status */
  #updateCharts(status) {
    const boundaries = status.phases.length > 1 ? status.phases.map((phase) => ({ at: phase.start, name: phase.name })) : [];
    const range = epochRange(status);
    const draw = (/** @type {ReturnType<typeof makeChart>} */ target, /** @type {string | null} */ name) => {
      target.figure.hidden = name === null;
      if (name === null) return;
      setText(target.heading, title(name));
      target.body.setAttribute("aria-label", chartWords(status, name));
      target.chart.update({
        batch: this.curves.get(`batch:${name}`),
        training: this.curves.get(`epoch:${name}`),
        validation: this.curves.get(`epoch:${VALIDATION}${name}`),
        range,
        boundaries,
        best: this.#bestAt(status),
      });
    };
    draw(this.loss, "loss");
    draw(this.metric, this.chosen);
  }

  /** Where the best epoch is on the axis: at its end, or where the run was cut off. @param {Status} status */
  #bestAt(status) {
    return status.best_epoch === null ? null : Math.min(status.best_epoch + 1, hasEnded(status) ? status.x : Infinity);
  }

  /** @param {Status} status */
  #updateMessages(status) {
    this.messages.hidden = status.messages.length === 0;
    const items = status.messages.map(({ text, level }) => h("li", { "data-level": level }, text));
    if (this.messages.textContent !== status.messages.map((message) => message.text).join("")) this.messages.replaceChildren(...items);
  }
}

/** @param {string} label */
function makeBar(label) {
  const fill = h("i", {});
  const parts = {
    label: h("span", { class: "tlm-bar-label" }),
    track: h("div", { class: "tlm-bar", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 }, fill),
    fact: h("span", { class: "tlm-bar-fact" }),
    /** @param {{ label: string, share: number | null, fact: string }} line */
    update(line) {
      setText(parts.label, line.label);
      setText(parts.fact, line.fact);
      parts.track.classList.toggle("tlm-bar--unknown", line.share === null);
      set(parts.track, { "aria-valuenow": line.share === null ? null : Math.round(100 * line.share), "aria-valuetext": line.label });
      fill.style.transform = `scaleX(${line.share ?? 1})`;
    },
  };
  return parts;
}

function makePhase() {
  return h("li", { class: "tlm-phase" },
    h("div", { class: "tlm-phase-track", "data-part": "track", "aria-hidden": "true" }, h("i", {})),
    h("div", { class: "tlm-phase-head" }, h("b", { "data-part": "name" }), h("span", { "data-part": "epochs" })),
    h("div", { class: "tlm-phase-learns" }, h("i", { class: "tlm-mix", "aria-hidden": "true" }), h("span", { "data-part": "learns" })));
}

/** @param {(() => void) | null} choose */
function makeCard(choose) {
  const heading = h("span", { class: "tlm-card-title" });
  const rows = ["training", "validation"].map((name, i) => {
    const value = h("b", {});
    const swatch = h("i", { class: "tlm-swatch", style: { "--c": `var(--tl-series-${i + 1})` } });
    return { value, row: h("span", { class: "tlm-card-row" }, swatch, value, h("span", {}, name)) };
  });
  const best = h("span", { class: "tlm-card-best" });
  const element = choose
    ? h("button", { type: "button", class: "tlm-card tlm-card--choice", on: { click: choose } }, heading, ...rows.map((one) => one.row), best)
    : h("div", { class: "tlm-card" }, heading, ...rows.map((one) => one.row), best);
  return {
    element,
    /** @param {ReturnType<typeof card>} shown @param {boolean} chosen */
    update(shown, chosen) {
      setText(heading, shown.title);
      [shown.training, shown.validation].forEach((value, i) => {
        setText(rows[i].value, valueWords(value));
        rows[i].row.hidden = i === 1 && value === undefined;
      });
      setText(best, shown.best || "\u00a0");
      if (choose) set(element, { "aria-pressed": String(chosen), title: `Show ${shown.title} in the chart` });
    },
  };
}

function makeRateCard() {
  const value = h("b", {});
  const path = s("path", { fill: "none", "vector-effect": "non-scaling-stroke" });
  const svg = s("svg", { class: "tlm-spark", viewBox: "-1 -2 102 26", preserveAspectRatio: "none", "aria-hidden": "true" }, path);
  const element = h("div", { class: "tlm-card" }, h("span", { class: "tlm-card-title" }, "Learning rate"), h("span", { class: "tlm-card-row" }, value), svg);
  return {
    element,
    /** @param {number | null} rate @param {Curve | undefined} curve */
    update(rate, curve) {
      element.hidden = rate === null;
      setText(value, valueWords(rate));
      path.setAttribute("d", sparkline(curve, 100, 22, true));
    },
  };
}

function makeTimeCard() {
  const value = h("b", {});
  const bar = h("span", { class: "tlm-time-bar", "aria-hidden": "true" });
  const words = h("span", { class: "tlm-card-best" });
  const element = h("div", { class: "tlm-card" }, h("span", { class: "tlm-card-title" }, "Time"), h("span", { class: "tlm-card-row" }, value), bar, words);
  return {
    element,
    /** @param {Status} status */
    update(status) {
      const parts = timeParts(status);
      element.hidden = parts.length === 0;
      setText(value, duration(status.elapsed));
      bar.replaceChildren(...parts.map((part) => h("i", { "data-part": part.key, style: { "flex-grow": part.seconds } })));
      setText(words, parts.map((part) => `${part.name} ${duration(part.seconds)}`).join(", "));
    },
  };
}

/** @param {string} name @param {boolean} withLog */
function makeChart(name, withLog) {
  const id = uniqueId("tlm-chart");
  const heading = h("h4", { id }, title(name));
  const legend = h("div", { class: "tlm-legend", role: "group", "aria-label": "Lines" });
  const body = h("div", { class: "tlm-plot", role: "img" });
  const figure = h("section", { class: "tlm-chart", "aria-labelledby": id }, h("div", { class: "tlm-chart-head" }, heading, legend), body);
  const chart = new Chart(body, legend, false);
  if (withLog) {
    const button = h("button", { type: "button", class: "tlm-switch tlm-switch--log", "aria-pressed": "false" }, "log scale");
    button.addEventListener("click", () => {
      chart.setLog(!chart.log);
      button.setAttribute("aria-pressed", String(chart.log));
    });
    legend.append(button);
  }
  return { figure, heading, body, chart };
}
