// Today at a glance, against the same day last week until the same time.
import { h } from "./dom.js";
import { change, count, money, share, sum, time } from "./format.js";
import { reportTools } from "./panel.js";
import { lastWeek, today as dayOf } from "./window.js";

const SUMMARY = "/v1/admin/usage/summary";
const COSTS = "/v1/admin/usage/costs";

const FIGURES = [
  ["Mints", "mints", count],
  ["Tokens", "tokens", count, "issued or unconfirmed"],
  ["Refusals", "refused", count],
  ["Error rate", "error_rate", share, "of mints that ended"],
  ["Active users", "active_users", count],
  ["Cost", "cost", null, "an estimate"],
];

function costOf({ rows }) {
  // Without a token there is nothing to pay; without a price nobody knows.
  return rows.length === 0 ? 0 : sum(rows.map((row) => row.estimated_cost));
}

/** The first row is today, so that it is what Rows shows. */
const request = ({ view, filters }) => ({ path: SUMMARY, parameters: { ...dayOf(view.zone, Date.now()), ...filters } });

export const today = {
  id: "today", title: "Today",
  tools: reportTools("Today", request).map(([label, name, act]) => [label, name, ({ report }, context) => act(report, context)]),
  async load(context) {
    const { api, filters, view } = context;
    const now = { ...dayOf(view.zone, Date.now()), ...filters };
    const then = { ...lastWeek(view.zone, Date.now()), ...filters };
    const [report, before, costs, costsBefore] = await Promise.all(
      [[SUMMARY, now], [SUMMARY, then], [COSTS, now], [COSTS, then]].map(([path, parameters]) => api.json(path, parameters)));
    return {
      report, weekday: time(before.from, view.zone, "weekday"), currency: costs.rows[0]?.currency ?? costsBefore.rows[0]?.currency,
      now: { ...report.rows[0], cost: costOf(costs) }, before: { ...before.rows[0], cost: costOf(costsBefore) },
    };
  },
  note: ({ weekday, now }) => `Against last ${weekday} until this time.${now.refused === null ? " Refusals are counted for everybody only." : ""}`,
  draw(body, { now, before, weekday, currency }) {
    const tile = ([label, name, write, hint]) => {
      const format = write ?? ((value) => (value === 0 && !currency ? "0" : money(value, currency)));
      return h("div", { class: "tile" }, h("dt", {}, label, hint && h("small", { text: hint })),
        h("dd", {}, h("b", { text: format(now[name]) }), delta(now[name], before[name], format, weekday)));
    };
    body.replaceChildren(h("dl", { class: "tiles" }, FIGURES.map(tile)));
  },
};

function delta(now, before, format, weekday) {
  const found = change(now, before);
  if (!found) return h("span", { class: "delta", text: "nothing to compare" });
  return h("span", { class: "delta" },
    h("span", { "aria-hidden": "true", text: `${found.sign} ${found.text} · ${format(before)}` }),
    h("span", { class: "sr", text: `${found.words} last ${weekday}, ${format(before)}` }));
}
