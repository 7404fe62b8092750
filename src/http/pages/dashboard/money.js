// What it may cost: against the budget, and day by day. Both are estimates until calls are metered.
import { draw, swatch } from "./chart.js";
import { h } from "./dom.js";
import { counted, money, share, sum, time } from "./format.js";
import { reportPanel } from "./panel.js";

const PERIODS = { day: "Today", month: "This month" };

export const budget = {
  id: "budget", title: "Cost against budget",
  load: ({ api, view }) => api.json("/v1/admin/budget", { tz: view.zone }),
  isEmpty: ({ currency }) => currency === null,
  empty: "There are no prices: write [prices] and [budget] into the policy file.",
  note: ({ spans, estimate }) => [
    estimate && "An estimate by the prices in the policy file, until calls are metered.",
    spans.every(({ amount }) => amount === null) && "No budget is set: write [budget] into the policy file.",
  ].filter(Boolean).join(" "),
  draw(body, { spans, currency }) {
    body.replaceChildren(...spans.map((span) => gauge(span, currency)));
  },
};

function gauge({ per, amount, spent, unpriced_tokens: unpriced }, currency) {
  const part = amount === null || Number(amount) === 0 ? null : Number(spent) / Number(amount);
  const words = amount === null ? "no budget" : `of ${money(amount, currency)}${part === null ? "" : `, ${share(part)}`}`;
  const bar = part !== null && h("div", { class: part > 1 ? "gauge over" : "gauge", "aria-hidden": "true" }, h("i"));
  if (bar) bar.style.setProperty("--part", Math.min(part, 1).toFixed(4));
  return h("div", { class: "budget" },
    h("h3", { text: PERIODS[per] ?? per }),
    h("p", {}, h("b", { text: money(spent, currency) }), h("span", { class: "soft", text: ` ${words}` }), part > 1 && h("span", { class: "tag refunded", text: "over budget" })),
    bar,
    unpriced > 0 && h("p", { class: "hint", text: `${counted(unpriced, "token")} without a price not counted.` }));
}

const isPriced = (row) => row.estimated_cost !== null;

/** Estimated cost by day, over all models. */
function byDay(rows) {
  const days = new Map();
  for (const row of rows) {
    if (isPriced(row)) days.set(row.start, [...(days.get(row.start) ?? []), row.estimated_cost]);
  }
  return [...days].map(([start, costs]) => ({ start, cost: sum(costs) }));
}

export const costs = reportPanel({
  id: "costs", title: "Cost by day",
  request: ({ window, filters }) => ({ path: "/v1/admin/usage/costs", parameters: { ...window, ...filters, group_by: "day" } }),
  isEmpty: ({ rows }) => !rows.some(isPriced),
  empty: "There is nothing to estimate in this range: no token was handed out, or its model has no price under [prices] in the policy file.",
  note({ rows }) {
    const unpriced = [...new Set(rows.filter((row) => !isPriced(row)).map(({ model }) => model))];
    return `An estimate.${unpriced.length ? ` Without a price, and not in it: ${unpriced.join(", ")}.` : ""}`;
  },
  draw(body, report, _, memory) {
    const days = byDay(report.rows);
    const { currency } = report.rows[0];
    const total = sum(days.map(({ cost }) => cost));
    const starts = days.map(({ start }) => Date.parse(start) / 1000);
    const label = `A chart by the day: ${money(total, currency)} in all, as an estimate. Rows has them all, by model.`;
    draw(body, memory, `${report.tz} ${currency}`, label, {
      zone: report.tz, byDay: true, starts, begin: Date.parse(report.from) / 1000, end: Date.parse(report.to) / 1000,
      least: 0.01, format: (value) => money(value, currency),
      series: [{ label: `estimate, ${money(total, currency)} in all`, values: days.map(({ cost }) => cost), swatch: swatch("money") }],
      readout(n) {
        const day = n === null ? null : days[n];
        if (memory.said) memory.said.textContent = day ? `${time(day.start, report.tz, "day")} · ${money(day.cost, currency)}` : "";
      },
    });
  },
});
