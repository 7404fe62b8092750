// Time series, drawn by uPlot. What is drawn on a canvas nobody can read aloud: `label` says it in words, and the rows are a
// button away.
import { h } from "./dom.js";
import { count, time } from "./format.js";

const { uPlot } = globalThis;
const HEIGHT = 240;

/** Canvases know no custom properties: a colour is what the swatch of its series has. */
const colourOf = (swatch) => getComputedStyle(swatch).color;

const faint = (colour) => colour.replace(/^rgb\((.*)\)$/, "rgba($1, .55)");

function seriesOf({ isLine, swatch }) {
  const stroke = () => colourOf(swatch);
  if (isLine) return { stroke, width: 2, points: { size: 4, stroke, fill: stroke } };
  return { stroke, fill: () => faint(colourOf(swatch)), width: 1, paths: uPlot.paths.bars({ size: [0.72, 48], align: 1 }), points: { show: false } };
}

/** As many marks as there is room for, in the reader's words. */
const times = (zone, byDay) => (_, splits, __, ___, increment) => {
  const style = byDay || increment >= 86_400 ? "date" : "hour";
  return splits.map((at, n) => {
    const isNewDay = style === "hour" && time(at * 1000, zone, "date") !== (n > 0 ? time(splits[n - 1] * 1000, zone, "date") : "");
    return isNewDay ? `${time(at * 1000, zone, "hour")}\n${time(at * 1000, zone, "date")}` : time(at * 1000, zone, style);
  });
};

/**
 * A chart of `series` (`label`, `values`, `isLine`, `swatch`: an element in its colour) over `starts`, in seconds, up to `end`;
 * `begin` where that is before the first. `readout(index)` is told where the pointer is, or null; `pick(index)` what was
 * clicked.
 */
export class Chart {
  #plot;
  #watch;

  constructor(host, what) {
    this.host = host;
    this.what = what;
    this.#plot = new uPlot(this.#options(), this.#data(), host);
    this.#watch = new ResizeObserver(() => this.#plot.setSize({ width: host.clientWidth, height: HEIGHT }));
    this.#watch.observe(host);
    host.addEventListener("click", () => {
      const { idx } = this.#plot.cursor;
      if (idx !== null && idx !== undefined) this.what.pick?.(idx);
    });
  }

  /** New values for the same series. */
  update(what) {
    this.what = what;
    this.#plot.setData(this.#data());
  }

  /** Draws again, in the colours of now. */
  redraw() {
    this.#plot.redraw(false);
  }

  remove() {
    this.#watch.disconnect();
    this.#plot.destroy();
  }

  #data() {
    return [this.what.starts, ...this.what.series.map(({ values }) => values)];
  }

  #options() {
    const { zone, byDay, series } = this.what;
    const axis = { stroke: () => getComputedStyle(this.host).color, font: "12px system-ui, sans-serif", ticks: { show: false } };
    const grid = { stroke: () => getComputedStyle(this.host).borderTopColor, width: 1 };
    const longest = (values) => Math.max(1, ...(values ?? []).map((text) => text.length));
    return {
      width: this.host.clientWidth, height: HEIGHT, padding: [12, 22, 0, 0],
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone),
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
      hooks: { setCursor: [(plot) => this.what.readout?.(plot.cursor.idx ?? null)] },
      scales: {
        x: { range: () => [this.what.begin ?? this.what.starts[0], this.what.end] },
        y: { range: (_, __, most) => [0, Math.max(most * 1.08, this.what.least ?? 4)] },
      },
      axes: [
        { ...axis, grid: { show: false }, values: times(zone, byDay), space: 72, size: 40 },
        { ...axis, grid, values: (_, splits) => splits.map((value) => (this.what.format ?? count)(value)),
          size: (_, values) => 16 + longest(values) * 7, space: 44, incrs: this.what.incrs },
      ],
      series: [{}, ...series.map(seriesOf)],
    };
  }
}

/** The names and marks of series, in their colours. */
export function legend(series) {
  return h("ul", { class: "legend" }, series.map(({ label, swatch }) => h("li", {}, swatch, label)));
}

export const swatch = (name) => h("i", { class: `swatch ${name}`, "aria-hidden": "true" });

/** Draws into a panel, again and again; `memory` is the panel's. `key` says when it is no longer the same chart. */
export function draw(body, memory, key, label, what) {
  if (memory.key === key && memory.chart?.host.isConnected) {
    memory.host.setAttribute("aria-label", label);
    memory.chart.update({ ...what, series: what.series.map((each, n) => ({ ...each, swatch: memory.chart.what.series[n].swatch })) });
    return;
  }
  memory.chart?.remove();
  const host = h("div", { class: "chart", role: "img", "aria-label": label });
  const said = h("p", { class: "readout", "aria-hidden": "true" });
  body.replaceChildren(h("div", { class: "titled" }, legend(what.series), said), host);
  Object.assign(memory, { key, host, said, chart: new Chart(host, what) });
}
