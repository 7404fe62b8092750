// Rows as tables, with a caption and heads that screen readers can follow.
import { h } from "./dom.js";
import { count, milliseconds, money, share, time, NOTHING } from "./format.js";

/** How the columns of reports are written, where they are more than words. */
const WRITTEN = {
  error_rate: share,
  tokens_per_user: count,
  estimated_cost: (value, row) => money(value, row.currency),
  mean_ms: milliseconds,
};

/** A column's head: `p95_up_to_ms` is “p95 up to ms”. */
const headOf = (name) => name.replaceAll("_", " ");

/** Columns of a report, each with the text of its cells. */
export function columnsOf(report) {
  return report.columns.map((name) => {
    const special = WRITTEN[name] ?? (name.endsWith("_ms") ? milliseconds : null);
    const text = (row) => {
      const value = row[name];
      if (special) return special(value, row);
      if (name === "start") return time(value, report.tz, "minute");
      return typeof value === "number" ? count(value) : (value ?? NOTHING);
    };
    const isNumber = special !== null || report.rows.some((row) => typeof row[name] === "number");
    return { head: headOf(name), text, form: name === "start" ? "time" : isNumber ? "number" : null };
  });
}

/** A table that can be added to. `columns`: `head`, `text(row)` or `node(row)`, `form`: number, time, or long for sentences. */
export function tableOf(caption, columns, rows) {
  const body = h("tbody");
  const add = (more) => body.append(...more.map((row) => h("tr", {}, columns.map((column) => cell(column, row)))));
  add(rows);
  const heads = columns.map(({ head, form }) => h("th", { scope: "col", class: form, text: head }));
  const table = h("table", {}, h("caption", { class: "sr", text: caption }), h("thead", {}, h("tr", {}, heads)), body);
  return { add, element: h("div", { class: "tablewrap", role: "region", "aria-label": caption, tabindex: "0" }, table) };
}

function cell({ text, node, form }, row) {
  const inside = node ? node(row) : text(row);
  return h("td", { class: form }, inside);
}
