// @ts-check
// One chart of the monitor: per-batch values faint, epochs bold, validation beside training, phases and the best epoch.
import uPlot from "uplot";
import { h } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { align, nearest, valueRange } from "./curves.js";

/** @typedef {import("./curves.js").Curve} Curve */
/** @typedef {{ key: string, label: string, colour: string, bold: boolean }} Line */
/**
 * @typedef {{ batch?: Curve, training?: Curve, validation?: Curve, range: [number, number],
 *   boundaries: { at: number, name: string }[], best: number | null }} ChartData
 */

/** @type {Line[]} */
const LINES = [
  { key: "batch", label: "each batch", colour: "--tl-series-1", bold: false },
  { key: "training", label: "training", colour: "--tl-series-1", bold: true },
  { key: "validation", label: "validation", colour: "--tl-series-2", bold: true },
];
const FEW_POINTS = 40;

export class Chart {
  /**
   * @param {HTMLElement} body where it is drawn
   * @param {HTMLElement} legend where its lines are switched
   * @param {boolean} log
   */
  constructor(body, legend, log) {
    this.body = body;
    this.log = log;
    this.shown = new Map(LINES.map((line) => [line.key, true]));
    this.data = /** @type {ChartData} */ ({ range: [0, 1], boundaries: [], best: null });
    this.plot = /** @type {uPlot | null} */ (null);
    this.tip = h("div", { class: "tlm-tip", "aria-hidden": "true" });
    this.probe = h("span", { class: "tlm-probe", "aria-hidden": "true" });
    body.append(this.probe);
    this.switches = new Map(LINES.map((line) => [line.key, this.#switch(line)]));
    legend.append(...this.switches.values());
    this.sizes = new ResizeObserver(() => this.#resize());
    this.sizes.observe(body);
  }

  /** @param {Line} line */
  #switch(line) {
    const swatch = h("i", { class: line.bold ? "tlm-swatch" : "tlm-swatch tlm-swatch--faint", style: { "--c": `var(${line.colour})` } });
    const on = {
      click: () => {
        this.shown.set(line.key, !this.shown.get(line.key));
        this.#refresh();
      },
    };
    return h("button", { type: "button", class: "tlm-switch", "aria-pressed": "true", on }, swatch, line.label);
  }

  /** @param {boolean} log */
  setLog(log) {
    this.log = log;
    this.#destroyPlot();
    this.#refresh();
  }

  /** @param {ChartData} data */
  update(data) {
    this.data = data;
    this.#refresh();
  }

  /** Draws again with the colours and fonts that hold now. */
  restyle() {
    this.#destroyPlot();
    this.#refresh();
  }

  destroy() {
    this.sizes.disconnect();
    this.#destroyPlot();
  }

  #destroyPlot() {
    this.plot?.destroy();
    this.plot = null;
  }

  #columns() {
    const { batch, training, validation } = this.data;
    const columns = align([batch, training, validation]);
    if (this.log) {
      for (const column of columns.slice(1)) {
        column.forEach((value, i) => {
          if (value !== null && value <= 0) column[i] = null;
        });
      }
    }
    return columns;
  }

  #refresh() {
    for (const line of LINES) {
      const button = /** @type {HTMLElement} */ (this.switches.get(line.key));
      button.hidden = !(/** @type {Record<string, any>} */ (this.data)[line.key]?.x.length);
      button.setAttribute("aria-pressed", String(this.shown.get(line.key)));
    }
    const columns = this.#columns();
    this.body.dataset.points = String(columns[0].length);
    if (!this.body.clientWidth) return;
    if (!this.plot) {
      this.plot = new uPlot(this.#options(), columns, this.body);
      this.plot.over.append(this.tip);
    }
    const plot = this.plot;
    plot.batch(() => {
      LINES.forEach((line, i) => {
        const show = this.shown.get(line.key) ?? true;
        if (plot.series[i + 1].show !== show) plot.setSeries(i + 1, { show });
      });
      plot.setData(columns, true);
    });
  }

  #size() {
    return { width: this.body.clientWidth, height: this.body.clientWidth < 420 ? 190 : 230 };
  }

  #resize() {
    if (!this.body.clientWidth) return;
    if (!this.plot) this.#refresh();
    else if (this.plot.width !== this.body.clientWidth) this.plot.setSize(this.#size());
  }

  /** A colour of the palette as the canvas understands it. @param {string} variable */
  #colour(variable) {
    this.probe.style.color = `var(${variable})`;
    return getComputedStyle(this.probe).color;
  }

  /** @returns {uPlot.Options} */
  #options() {
    const font = `11px ${getComputedStyle(this.probe).fontFamily}`;
    const [soft, grid] = [this.#colour("--tl-text-soft"), this.#colour("--tl-line")];
    const axis = { stroke: soft, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    return {
      ...this.#size(),
      padding: [14, 10, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 8 },
        dataIdx: (plot, series, index) => (series === 0 ? index : nearest(plot.data[series], index)),
      },
      scales: {
        x: { time: false, range: () => this.data.range },
        y: { distr: this.log ? 3 : 1, range: (_, low, high) => valueRange(low, high, this.log) },
      },
      axes: [
        { ...axis, size: 26, gap: 4, space: 46, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000], grid: { show: false } },
        {
          ...axis,
          gap: 6,
          space: 34,
          size: (_, values) => 14 + Math.max(20, ...(values ?? []).map((text) => 6.4 * (text?.length ?? 0))),
          values: (_, splits) => splits.map((value) => (value === null || (this.log && !isRound(value)) ? "" : number(value))),
        },
      ],
      series: [{}, ...LINES.map((line) => this.#series(line))],
      hooks: { drawAxes: [(plot) => this.#drawMarks(plot)], setCursor: [(plot) => this.#showTip(plot)] },
    };
  }

  /** @param {Line} line @returns {uPlot.Series} */
  #series(line) {
    const colour = this.#colour(line.colour);
    const few = (/** @type {uPlot} */ plot, /** @type {number} */ index) =>
      line.bold && Array.from(plot.data[index]).filter((value) => value != null).length <= FEW_POINTS;
    return {
      stroke: line.bold ? colour : withAlpha(colour, 0.38),
      width: line.bold ? 2.25 : 1,
      spanGaps: true,
      show: this.shown.get(line.key),
      points: { show: few, size: 6, width: 0, fill: colour, stroke: colour },
    };
  }

  /** Where phases begin, and the best epoch. @param {uPlot} plot */
  #drawMarks(plot) {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    const family = getComputedStyle(this.probe).fontFamily;
    ctx.save();
    ctx.font = `${11 * ratio}px ${family}`;
    ctx.lineWidth = ratio;
    ctx.strokeStyle = this.#colour("--tl-line-strong");
    ctx.fillStyle = this.#colour("--tl-text-soft");
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    let free = -Infinity;
    for (const { at, name } of this.data.boundaries) {
      if (at < this.data.range[0] || at >= this.data.range[1]) continue;
      const x = Math.round(plot.valToPos(at, "x", true));
      if (at > this.data.range[0]) line(ctx, x, bbox.top - 12 * ratio, bbox.top + bbox.height);
      const wide = ctx.measureText(name).width;
      if (x + 4 * ratio >= free && x + wide < bbox.left + bbox.width) {
        ctx.fillText(name, x + 4 * ratio, bbox.top - 3 * ratio);
        free = x + wide + 10 * ratio;
      }
    }
    if (this.data.best !== null && this.data.best <= this.data.range[1]) {
      ctx.setLineDash([]);
      ctx.strokeStyle = ctx.fillStyle = this.#colour("--tl-good");
      const x = Math.round(plot.valToPos(this.data.best, "x", true));
      line(ctx, x, bbox.top, bbox.top + bbox.height);
      const right = x + 40 * ratio < bbox.left + bbox.width;
      ctx.textAlign = right ? "left" : "right";
      ctx.fillText("best", x + (right ? 4 : -4) * ratio, bbox.top + bbox.height - 6 * ratio);
    }
    ctx.restore();
  }

  /** @param {uPlot} plot */
  #showTip(plot) {
    const { idx, left } = plot.cursor;
    const rows = idx == null || left == null || left < 0 ? [] : LINES.flatMap((line, i) => this.#tipRow(plot, line, i + 1, idx));
    this.tip.hidden = rows.length === 0;
    if (rows.length === 0) return;
    const x = /** @type {number} */ (plot.data[0][/** @type {number} */ (idx)]);
    this.tip.replaceChildren(h("div", { class: "tlm-tip-head" }, `epoch ${number(Math.max(0, x))}`), ...rows);
    const wide = this.tip.offsetWidth + 14;
    const at = /** @type {number} */ (left);
    this.tip.style.left = `${at + wide < plot.over.clientWidth ? at + 14 : Math.max(0, at - wide)}px`;
  }

  /** @param {uPlot} plot @param {Line} line @param {number} series @param {number} index */
  #tipRow(plot, line, series, index) {
    const at = plot.series[series].show ? nearest(plot.data[series], index) : -1;
    if (at < 0) return [];
    const swatch = h("i", { class: line.bold ? "tlm-swatch" : "tlm-swatch tlm-swatch--faint", style: { "--c": `var(${line.colour})` } });
    return [h("div", { class: "tlm-tip-row" }, swatch, h("span", {}, line.label), h("b", {}, number(/** @type {number} */ (plot.data[series][at]))))];
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} from @param {number} to */
function line(ctx, x, from, to) {
  ctx.beginPath();
  ctx.moveTo(x, from);
  ctx.lineTo(x, to);
  ctx.stroke();
}

/** On a logarithmic axis only 1, 2 and 5 times a power of ten are written. @param {number} value */
function isRound(value) {
  const mantissa = Number(value.toExponential(3).split("e")[0]);
  return mantissa === 1 || mantissa === 2 || mantissa === 5;
}

/** @param {string} colour as computed by the browser @param {number} alpha */
function withAlpha(colour, alpha) {
  return `color-mix(in srgb, ${colour} ${Math.round(alpha * 100)}%, transparent)`;
}
