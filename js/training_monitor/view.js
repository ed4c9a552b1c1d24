// @ts-check
// The monitor on the page: built once, then only what changed is written.
import { t } from "../shared/texts.js";
import { h, s, set, setText, uniqueId } from "../shared/dom.js";
import { duration } from "../shared/format.js";
import { Chart } from "./chart.js";
import { Controls } from "./controls.js";
import { metricNames, sparkline, unpack, VALIDATION } from "./curves.js";
import { controls, Requests } from "./requests.js";
import {
  card, chartWords, clock, epochRange, facts, hasEnded, isRunning, movedBlocks, progress, rateGroups, stateWord, timeline, timeParts,
  title, valueWords,
} from "./status.js";

/** @typedef {import("./status.js").Status} Status */
/** @typedef {import("./curves.js").Curve} Curve */

const GRADIENT = "gradient_norm";

export class MonitorView {
  /**
   * @param {HTMLElement} root
   * @param {(message: { type: string, [key: string]: any }) => void} send takes messages to Python
   */
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.requests = new Requests();
    this.controls = new Controls((type, value, asked) => this.#ask(type, value, asked));
    this.answered = "";
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
    this.items = /** @type {ReturnType<typeof makePhase>[]} */ ([]);
    this.phases = h("ol", { class: "tlm-phases", "aria-label": t("Phases") });
    this.progress = makeProgress();
    this.grid = h("div", { class: "tlm-cards" });
    this.rate = makeRateCard();
    this.time = makeTimeCard();
    this.loss = makeChart("loss");
    this.metric = makeChart("");
    this.moved = makeMoved();
    this.charts = h("div", { class: "tlm-charts" }, this.loss.figure, this.metric.figure, this.moved.figure);
    this.facts = h("ul", { class: "tlm-facts", "aria-label": t("Facts") });
    this.earlier = h("ul", { class: "tlm-facts", "aria-label": t("Earlier runs in this cell") });
    this.symptoms = h("ul", { class: "tlm-symptoms", "aria-label": t("Warnings"), role: "log" });
    this.messages = h("ul", { class: "tlm-messages", "aria-label": t("Messages") });
    root.append(
      h("header", { class: "tlm-head" }, this.title, this.state, this.sentence, this.clock), this.announce, this.phases,
      this.progress.element, this.controls.row, this.controls.hint, this.controls.note, this.symptoms, this.grid, this.charts, this.facts,
      this.messages, this.earlier,
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
    this.#answer(status);
    this.requests.settle(status);
    set(this.root, { "data-state": status.state, "data-activity": status.activity });
    setText(this.title, status.name || t("Training"));
    this.#updateState(status);
    setText(this.sentence, status.sentence);
    this.sentence.hidden = !status.sentence;
    this.progress.element.hidden = hasEnded(status) || status.state === "waiting";
    this.progress.update(progress(status));
    this.#updatePhases(status);
    this.#updateCards(status);
    this.#updateCharts(status);
    this.#updateMessages(status);
    this.#tick();
  }

  /** Tells the run that this page hears it; only then are buttons of use. @param {Status} status */
  #answer(status) {
    const token = status.controls?.token ?? "";
    if (token && token !== this.answered) this.send({ type: "here", token });
    this.answered = token;
  }

  /** @param {string} type @param {any} value @param {import("./requests.js").Asked} asked */
  #ask(type, value, asked) {
    if (!this.status) return;
    this.send({ type, value });
    this.requests.ask(asked, this.status, performance.now() / 1000);
    this.#updateState(this.status);
    this.#tick();
  }

  /** @param {Status} status */
  #updateState(status) {
    const word = controls(status, this.requests.asked).word || stateWord(status);
    setText(this.word, word);
    setText(this.announce, status.sentence || `${status.name}: ${word}`);
    this.controls.update(status, this.requests.asked, this.requests.note(performance.now() / 1000));
  }

  /** What goes on by itself between two messages. */
  #tick() {
    const status = this.status;
    if (!status) return;
    this.loss.chart.settle();
    this.metric.chart.settle();
    this.controls.update(status, this.requests.asked, this.requests.note(performance.now() / 1000));
    const waited = isRunning(status) ? (performance.now() - this.received) / 1000 : 0;
    setText(this.clock, clock(status, waited));
    this.clock.hidden = status.state === "waiting" || hasEnded(status);
  }

  /** @param {Status} status */
  #updatePhases(status) {
    const parts = timeline(status);
    while (this.phases.childElementCount > parts.length) this.phases.lastElementChild?.remove();
    parts.forEach((part, i) => {
      if (!this.items[i]) this.items[i] = makePhase();
      this.items[i].update(part, parts.length > 1 ? `${i + 1}. ${part.name}` : part.name);
      if (this.phases.children[i] !== this.items[i].element) this.phases.append(this.items[i].element);
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
    this.rate.update(status.learning_rate, this.curves.get("batch:learning_rate"), rateGroups(status));
    this.time.update(status);
    const shown = [...names.map((name) => this.cards.get(name)), this.rate, this.time];
    shown.forEach((one, i) => {
      const place = this.grid.children[i] ?? null;
      if (one && place !== one.element) this.grid.insertBefore(one.element, place);
    });
  }

  /** @param {Status} status */
  #updateCharts(status) {
    const empty = this.curves.size === 0 || Object.keys(status.values).length === 0;
    this.charts.hidden = this.grid.hidden = empty;
    const several = status.phases.length > 1;
    const boundaries = several ? status.phases.map((phase) => ({ at: phase.start, name: phase.name })) : [];
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
        best: name === GRADIENT ? null : this.#bestAt(status),
        batchLabel: name === "loss" || name === GRADIENT ? "each batch" : "epoch so far",
      });
    };
    draw(this.loss, "loss");
    draw(this.metric, this.chosen);
    this.moved.update(movedBlocks(status));
  }

  /** Where the best epoch is on the axis: at its end, or where the run was cut off. @param {Status} status */
  #bestAt(status) {
    return status.best_epoch === null ? null : Math.min(status.best_epoch + 1, hasEnded(status) ? status.x : Infinity);
  }

  /** @param {Status} status */
  #updateMessages(status) {
    const warnings = status.symptoms ?? [];
    this.symptoms.hidden = warnings.length === 0;
    if (this.symptoms.textContent !== warnings.map(({ text, advice }) => `${text} ${advice}`).join("")) {
      const item = (/** @type {{ kind: string, text: string, advice: string }} */ { kind, text, advice }) =>
        h("li", { "data-kind": kind }, h("b", {}, text), " ", advice);
      this.symptoms.replaceChildren(...warnings.map(item));
    }
    setItems(this.messages, status.messages);
    setItems(this.facts, facts(status).map((text) => ({ text })));
    setItems(this.earlier, (status.earlier ?? []).map((text) => ({ text })));
  }
}

/**
 * Shows texts as a list, or nothing. @param {HTMLElement} list @param {{ text: string, level?: string }[]} items
 */
function setItems(list, items) {
  list.hidden = items.length === 0;
  if (list.textContent === items.map(({ text }) => text).join("")) return;
  list.replaceChildren(...items.map(({ text, level }) => h("li", { "data-level": level }, text)));
}

/** @param {string} label */
function makeBar(label) {
  const fill = h("i", {});
  const range = { "aria-valuemin": 0, "aria-valuemax": 100 };
  const element = h("div", { class: "tlm-bar", role: "progressbar", "aria-label": label, ...range }, fill);
  return {
    element,
    /** @param {number | null} share @param {string} words */
    update(share, words) {
      element.classList.toggle("tlm-bar--unknown", share === null);
      set(element, { "aria-valuenow": share === null ? null : Math.round(100 * share), "aria-valuetext": words });
      fill.style.transform = `scaleX(${share ?? 1})`;
    },
  };
}

function makeProgress() {
  const [epoch, batch, speed] = [h("b", {}), h("span", {}), h("span", {})];
  const bar = makeBar(t("Batches of this epoch"));
  const labels = h("div", { class: "tlm-progress-labels" }, epoch, batch, speed);
  return {
    element: h("div", { class: "tlm-progress" }, labels, bar.element),
    /** @param {ReturnType<typeof progress>} shown */
    update(shown) {
      setText(epoch, shown.epoch);
      setText(batch, shown.batch);
      setText(speed, shown.speed);
      bar.update(shown.share, shown.batch);
    },
  };
}

function makePhase() {
  const [name, epochs, learns] = [h("b", {}), h("span", {}), h("span", {})];
  const mix = h("i", { class: "tlm-mix", "aria-hidden": "true" });
  const bar = makeBar("");
  const head = h("div", { class: "tlm-phase-head" }, name, epochs);
  const trains = h("div", { class: "tlm-phase-learns" }, mix, learns);
  const element = h("li", { class: "tlm-phase" }, bar.element, head, trains);
  return {
    element,
    /** @param {ReturnType<typeof timeline>[number]} part @param {string} heading */
    update(part, heading) {
      const share = part.trainable ?? 0;
      const seen = share > 0 && share < 1 ? Math.min(0.9, Math.max(0.1, share)) : share; // a sliver at least
      const style = { "--length": part.length, "--trainable": seen };
      set(element, { "data-place": part.place, "aria-current": part.place === "current" ? "step" : null, style });
      set(bar.element, { "aria-label": heading });
      bar.update(part.fill, part.epochs);
      mix.hidden = part.trainable === null;
      setText(name, heading);
      setText(epochs, part.epochs);
      setText(learns, part.learns);
    },
  };
}

/** @param {(() => void) | null} choose */
function makeCard(choose) {
  const heading = h("span", { class: "tlm-card-title" });
  const rows = ["training", "validation"].map((name, i) => {
    const [value, word] = [h("b", {}), h("span", {}, name)];
    const swatch = h("i", { class: "tlm-swatch", style: { "--c": `var(--tl-series-${i + 1})` } });
    return { value, word, row: h("span", { class: "tlm-card-row" }, swatch, value, word) };
  });
  const best = h("span", { class: "tlm-card-best" });
  const content = [heading, ...rows.map((one) => one.row), best];
  const button = { type: "button", class: "tlm-card tlm-card--choice", on: { click: choose } };
  const element = choose ? h("button", button, ...content) : h("div", { class: "tlm-card" }, ...content);
  return {
    element,
    /** @param {ReturnType<typeof card>} shown @param {boolean} chosen */
    update(shown, chosen) {
      setText(heading, shown.title);
      [shown.training, shown.validation].forEach((value, i) => {
        setText(rows[i].value, valueWords(value));
        rows[i].row.hidden = i === 1 && value === undefined;
        rows[i].word.hidden = !shown.split;
      });
      setText(best, shown.best);
      if (choose) set(element, { "aria-pressed": String(chosen), title: `Show ${shown.title} in the chart` });
    },
  };
}

/** @param {string} heading @param {HTMLElement} value @param {...Node} more */
function plainCard(heading, value, ...more) {
  const [title, row] = [h("span", { class: "tlm-card-title" }, heading), h("span", { class: "tlm-card-row" }, value)];
  return h("div", { class: "tlm-card" }, title, row, ...more);
}

function makeRateCard() {
  const value = h("b", {});
  const path = s("path", { fill: "none", "vector-effect": "non-scaling-stroke" });
  const box = { viewBox: "-1 -2 102 26", preserveAspectRatio: "none" };
  const svg = s("svg", { class: "tlm-spark", ...box, "aria-hidden": "true" }, path);
  const groups = h("span", { class: "tlm-card-best" });
  const element = plainCard(t("Learning rate"), value, svg, groups);
  return {
    element,
    /** @param {number | null} rate @param {Curve | undefined} curve @param {string} words */
    update(rate, curve, words) {
      setText(groups, words);
      groups.hidden = !words;
      element.hidden = rate === null;
      setText(value, valueWords(rate));
      path.setAttribute("d", sparkline(curve, 100, 22, true));
    },
  };
}

function makeMoved() {
  const id = uniqueId("tlm-moved");
  const heading = h("h4", { id }, t("Distance from where each block began"));
  const [list, others] = [h("ol", { class: "tlm-moved" }), h("p", { class: "tlm-others" })];
  const figure = h("section", { class: "tlm-chart", "aria-labelledby": id }, h("div", { class: "tlm-chart-head" }, heading), list, others);
  return {
    figure,
    /** @param {import("./status.js").Moved} moved */
    update(moved) {
      figure.hidden = !moved.shown;
      setText(others, moved.others);
      while (list.childElementCount > moved.rows.length) list.lastElementChild?.remove();
      moved.rows.forEach(({ block, share, words }, i) => {
        const row = list.children[i] ?? list.appendChild(h("li", {}, h("span", {}), h("i", { "aria-hidden": "true" }), h("b", {})));
        const [name, bar, value] = /** @type {HTMLElement[]} */ ([...row.children]);
        setText(name, block);
        set(name, { title: block });
        set(bar, { style: { "--share": `${share}%` } });
        setText(value, words);
      });
    },
  };
}

function makeTimeCard() {
  const value = h("b", {});
  const bar = h("span", { class: "tlm-time-bar", "aria-hidden": "true" });
  const words = h("span", { class: "tlm-card-best" });
  const element = plainCard(t("Time"), value, bar, words);
  return {
    element,
    /** @param {Status} status */
    update(status) {
      const parts = timeParts(status);
      element.hidden = parts.length === 0;
      setText(value, duration(status.elapsed));
      const shares = parts.map((part) => h("i", { "data-part": part.key, style: { width: `${part.share}%` } }));
      bar.replaceChildren(...shares);
      setText(words, parts.map((part) => `${part.name} ${duration(part.seconds)}`).join(", "));
    },
  };
}

/**
 * Of the loss and the gradient each batch is known, of the metrics what Keras tells: the mean since the epoch began.
 * @param {string} name
 */
function makeChart(name) {
  const isLoss = name === "loss";
  const id = uniqueId("tlm-chart");
  const heading = h("h4", { id }, title(name));
  const legend = h("div", { class: "tlm-legend", role: "group", "aria-label": t("Lines") });
  const body = h("div", { class: "tlm-plot", role: "img" });
  const head = h("div", { class: "tlm-chart-head" }, heading, legend);
  const figure = h("section", { class: "tlm-chart", "aria-labelledby": id }, head, body);
  const chart = new Chart(body, legend);
  if (isLoss) {
    const look = { type: "button", class: "tlm-switch tlm-switch--log", "aria-pressed": "false" };
    const button = h("button", look, "log scale");
    button.addEventListener("click", () => {
      chart.setLog(!chart.log);
      button.setAttribute("aria-pressed", String(chart.log));
    });
    const smooth = h("button", { ...look }, "smooth");
    smooth.addEventListener("click", () => {
      chart.setSmooth(!chart.smooth);
      smooth.setAttribute("aria-pressed", String(chart.smooth));
    });
    legend.append(smooth, button);
  }
  return { figure, heading, body, chart };
}
