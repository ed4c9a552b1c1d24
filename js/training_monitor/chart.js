// @ts-check
// One chart of the monitor: per-batch values faint, epochs bold, validation beside training, phases and the best epoch.
import uPlot from "uplot";
import { h, setText } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { align, nearest, smoothed, valueRange } from "./curves.js";

/** @typedef {import("./curves.js").Curve} Curve */
/** @typedef {{ key: string, label: string, colour: string, bold: boolean }} Line */
/**
 * @typedef {{ batch?: Curve, training?: Curve, validation?: Curve, range: [number, number],
 *   boundaries: { at: number, name: string }[], best: number | null, batchLabel: string }} ChartData
 */

/** @type {Line[]} */
const LINES = [
  { key: "batch", label: "batches", colour: "--tl-series-1", bold: false },
  { key: "training", label: "training", colour: "--tl-series-1", bold: true },
  { key: "validation", label: "validation", colour: "--tl-series-2", bold: true },
];
const FEW_POINTS = 40;
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000];

export class Chart {
  /**
   * @param {HTMLElement} body where it is drawn
   * @param {HTMLElement} legend where its lines are switched
   */
  constructor(body, legend) {
    this.body = body;
    this.log = false;
    this.smooth = false;
    this.lines = LINES.map((line) => ({ ...line }));
    this.shown = new Map(this.lines.map((line) => [line.key, true]));
    this.data = /** @type {ChartData} */ ({ range: [0, 1], boundaries: [], best: null, batchLabel: "" });
    this.plot = /** @type {uPlot | null} */ (null);
    this.stale = true;
    this.tip = h("div", { class: "tlm-tip", "aria-hidden": "true" });
    this.probe = h("span", { class: "tlm-probe", "aria-hidden": "true" });
    body.append(this.probe);
    this.switches = new Map(this.lines.map((line) => [line.key, this.#switch(line)]));
    legend.append(...this.switches.values());
    this.sizes = new ResizeObserver(() => this.#resize());
    this.sizes.observe(body);
  }

  /** @param {Line} line */
  #switch(line) {
    const on = {
      click: () => {
        this.shown.set(line.key, !this.shown.get(line.key));
        this.#refresh();
      },
    };
    const label = h("span", {}, line.label);
    return h("button", { type: "button", class: "tlm-switch", "aria-pressed": "true", on }, swatch(line), label);
  }

  /** @param {boolean} smooth whether the values of the batches are averaged over their neighbours */
  setSmooth(smooth) {
    this.smooth = smooth;
    this.#refresh();
  }

  /** @param {boolean} log */
  setLog(log) {
    this.log = log;
    this.stale = true;
    this.#refresh();
  }

  /** @param {ChartData} data */
  update(data) {
    this.data = data;
    this.lines[0].label = data.batchLabel;
    setText(/** @type {HTMLElement} */ (this.switches.get("batch")?.lastElementChild), data.batchLabel);
    this.#refresh();
  }

  /** Draws again with the colours and fonts that hold in the next frame. */
  restyle() {
    this.stale = true;
    requestAnimationFrame(() => this.settle());
  }

  /** Makes up for a drawing that was not possible: while a theme changes, a page may have no layout. */
  settle() {
    if (this.stale) this.#refresh();
  }

  destroy() {
    this.sizes.disconnect();
    this.plot?.destroy();
  }

  #columns() {
    const { batch, training, validation } = this.data;
    const columns = align([this.smooth ? smoothed(batch) : batch, training, validation]);
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
    for (const line of this.lines) {
      const button = /** @type {HTMLElement} */ (this.switches.get(line.key));
      button.hidden = !(/** @type {Record<string, any>} */ (this.data)[line.key]?.x.length);
      button.setAttribute("aria-pressed", String(this.shown.get(line.key)));
    }
    const columns = this.#columns();
    this.body.dataset.points = String(columns[0].length);
    if (!this.body.clientWidth) return;
    if (this.stale || !this.plot) {
      this.plot?.destroy();
      this.plot = new uPlot(this.#options(), columns, this.body);
      this.plot.over.append(this.tip);
      this.stale = false;
    }
    const plot = this.plot;
    plot.batch(() => {
      this.lines.forEach((line, i) => {
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
    if (this.stale || !this.plot) this.#refresh();
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
        { ...axis, size: 26, gap: 4, space: 46, incrs: WHOLE_STEPS, grid: { show: false } },
        {
          ...axis,
          gap: 6,
          space: 34,
          size: (_, values) => 14 + Math.max(20, ...(values ?? []).map((text) => 6.4 * (text?.length ?? 0))),
          filter: (_, splits) => splits.map((value) => (this.log && !isRound(value) ? null : value)),
          values: (_, splits) => splits.map((value) => (value === null ? "" : number(value))),
        },
      ],
      series: [{}, ...this.lines.map((line) => this.#series(line))],
      hooks: {
        drawAxes: [(plot) => this.#drawPhases(plot)],
        draw: [(plot) => this.#drawBest(plot)],
        setCursor: [(plot) => this.#showTip(plot)],
      },
    };
  }

  /** @param {Line} line @returns {uPlot.Series} */
  #series(line) {
    const colour = this.#colour(line.colour);
    const few = (/** @type {uPlot} */ plot, /** @type {number} */ index) =>
      line.bold && Array.from(plot.data[index]).filter((value) => value != null).length <= FEW_POINTS;
    return {
      stroke: line.bold ? colour : withAlpha(colour, 0.5),
      width: line.bold ? 2.25 : 1,
      spanGaps: true,
      show: this.shown.get(line.key),
      points: { show: few, size: 6, width: 0, fill: colour, stroke: colour },
    };
  }

  /** Where phases begin. @param {uPlot} plot */
  #drawPhases(plot) {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    const family = getComputedStyle(this.probe).fontFamily;
    ctx.save();
    ctx.font = `${11 * ratio}px ${family}`;
    ctx.textAlign = "left";
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
    ctx.restore();
  }

  /** A ring around the best epoch, on the validation curve where there is one. @param {uPlot} plot */
  #drawBest(plot) {
    const { best, validation, training } = this.data;
    const curve = validation?.x.length ? validation : training;
    const shown = this.shown.get(curve === validation ? "validation" : "training");
    const index = best === null || !curve || !shown ? -1 : curve.x.findIndex((x) => Math.abs(x - best) < 1e-4);
    if (!curve || index < 0 || (this.log && curve.y[index] <= 0)) return;
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    const [x, y] = [plot.valToPos(curve.x[index], "x", true), plot.valToPos(curve.y[index], "y", true)];
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = this.#colour("--tl-good");
    ctx.lineWidth = 2 * ratio;
    ctx.beginPath();
    ctx.arc(x, y, 6.5 * ratio, 0, 2 * Math.PI);
    ctx.stroke();
    ctx.font = `600 ${11 * ratio}px ${getComputedStyle(this.probe).fontFamily}`;
    const half = ctx.measureText("best").width / 2;
    ctx.textAlign = "center";
    const above = y - 14 * ratio > bbox.top + 8 * ratio;
    const middle = Math.min(Math.max(x, bbox.left + half), bbox.left + bbox.width - half);
    ctx.fillText("best", middle, above ? y - 12 * ratio : y + 20 * ratio);
    ctx.restore();
  }

  /** @param {uPlot} plot */
  #showTip(plot) {
    const { idx, left } = plot.cursor;
    this.tip.hidden = idx == null || left == null || left < 0;
    if (idx == null || left == null || left < 0) return;
    const rows = this.lines.flatMap((line, i) => this.#tipRow(plot, line, i + 1, idx));
    this.tip.replaceChildren(h("div", { class: "tlm-tip-head" }, `epoch ${number(plot.data[0][idx])}`), ...rows);
    const wide = this.tip.offsetWidth + 14;
    this.tip.style.left = `${left + wide < plot.over.clientWidth ? left + 14 : Math.max(0, left - wide)}px`;
  }

  /** @param {uPlot} plot @param {Line} line @param {number} series @param {number} index */
  #tipRow(plot, line, series, index) {
    const at = plot.series[series].show ? nearest(plot.data[series], index) : -1;
    if (at < 0) return [];
    const value = number(/** @type {number} */ (plot.data[series][at]));
    return [h("div", { class: "tlm-tip-row" }, swatch(line), h("span", {}, line.label), h("b", {}, value))];
  }
}

/** @param {Line} line */
const swatch = (line) =>
  h("i", { class: line.bold ? "tlm-swatch" : "tlm-swatch tlm-swatch--faint", style: { "--c": `var(${line.colour})` } });

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
