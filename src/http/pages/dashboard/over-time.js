// Mints and refusals over time.
import { draw, swatch } from "./chart.js";
import { count, counted, time } from "./format.js";
import { showMints, spanOf, wholeOf } from "./ledger.js";
import { reportPanel } from "./panel.js";
import { reportOverTime } from "./window.js";

const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7];

const seconds = (at) => Date.parse(at) / 1000;

const total = (rows, name) => rows.reduce((sum, row) => sum + (row[name] ?? 0), 0);

export const overTime = reportPanel({
  id: "over-time", title: "Mints and refusals over time",
  request: ({ window, filters }) => ({ path: `/v1/admin/usage/${reportOverTime(window)}`, parameters: { ...window, ...filters } }),
  note: ({ rows }) => (rows.some((row) => row.refused === null) ? "Refusals are counted for everybody only." : null),
  isEmpty: ({ rows }) => total(rows, "mints") === 0 && total(rows, "refused") === 0,
  empty: "Nothing was minted in this range yet. Take a longer one above; or have your page ask for a token, and watch it appear here.",
  draw(body, report, context, memory) {
    const { rows, tz, to } = report;
    const byDay = report.report === "daily";
    // What is yet to come is not nothing.
    const known = (name) => rows.map((row) => (Date.parse(row.start) > Date.now() ? null : row[name]));
    const readout = (n) => {
      if (!memory.said) return;
      const row = n === null ? null : rows[n];
      memory.said.textContent = row ? said(row, tz, byDay) : "";
    };
    draw(body, memory, `${report.report} ${tz}`, summary(report), {
      zone: tz, byDay, starts: rows.map((row) => seconds(row.start)), end: seconds(to), incrs: WHOLE, readout,
      series: [
        { label: "mints", values: known("mints"), swatch: swatch("mints") },
        { label: "refusals", values: known("refused"), isLine: true, swatch: swatch("refusals") },
      ],
      pick: (n) => showMints(context, { ...wholeOf(report, context.view), ...spanOf(report, rows[n].start) }),
    });
  },
});

const said = (row, tz, byDay) =>
  `${time(row.start, tz, byDay ? "day" : "minute")} · ${counted(row.mints, "mint")}${row.refused === null ? "" : ` · ${counted(row.refused, "refusal")}`}`;

function summary({ rows, tz, report }) {
  const most = rows.reduce((best, row) => (row.mints > best.mints ? row : best));
  const refused = rows.some((row) => row.refused === null) ? "" : ` and ${counted(total(rows, "refused"), "refusal")}`;
  const unit = report === "daily" ? "day" : "hour";
  return `A chart by the ${unit}: ${counted(total(rows, "mints"), "mint")}${refused}. The most, ${count(most.mints)}, on ${time(most.start, tz, unit === "day" ? "day" : "minute")}. Rows has them all.`;
}
