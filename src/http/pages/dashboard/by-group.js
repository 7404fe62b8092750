// Panels that share something out: by role, language, model, kind of error, user.
import { fill, h } from "./dom.js";
import { bars } from "./bars.js";
import { count, share } from "./format.js";
import { reportPanel } from "./panel.js";
import { showMints, wholeOf } from "./ledger.js";

const NOTHING_MINTED = "Nothing was minted in this range. Take a longer one, or mint a token.";

const usage = (report) => `/v1/admin/usage/${report}`;
const isEmpty = (report) => report.rows.length === 0;
const failed = (rate) => (rate ? `${share(rate)} failed` : "");
const mintRow = (name, row) => ({ name, value: row.mints, text: count(row.mints), aside: failed(row.error_rate) });

export const roles = reportPanel({
  id: "roles", title: "By role", isEmpty, empty: NOTHING_MINTED,
  // All roles, also where one is chosen: it is here that one chooses.
  request: ({ window, view }) => ({ path: usage("roles"), parameters: { ...window, user: view.user } }),
  draw(body, report, context) {
    context.knowRoles(report.rows.map((row) => row.role));
    const row = (each) => ({
      ...mintRow(each.role, each), isChosen: each.role === context.view.role, openLabel: `${each.role}: its mints`,
      open: () => showMints(context, { ...wholeOf(report, context.view), role: each.role }),
    });
    const rows = report.rows.map(row).sort((a, b) => b.value - a.value);
    fill(body, bars("Mints by role", ["Role", "Failed", "Mints"], rows));
  },
});

/** Mints by some column of rows that are told apart by it, added up over the time. */
function addedUp(rows, column) {
  const sums = new Map();
  for (const row of rows) {
    const sum = sums.get(row[column]) ?? { mints: 0, tokens: 0, failed: 0, pending: 0 };
    sum.mints += row.mints;
    sum.tokens += row.tokens;
    sum.failed += row.refunded + row.unconfirmed;
    sum.pending += row.pending;
    sums.set(row[column], sum);
  }
  const all = [...sums].map(([name, { mints, tokens, failed: bad, pending }]) => [name, { mints, tokens, error_rate: mints > pending ? bad / (mints - pending) : null }]);
  return all.sort(([, a], [, b]) => b.mints - a.mints);
}

export const languages = reportPanel({
  id: "languages", title: "By language", isEmpty, empty: NOTHING_MINTED,
  request: ({ window, filters }) => ({ path: usage("daily"), parameters: { ...window, ...filters, group_by: "language" } }),
  draw(body, report) {
    const rows = addedUp(report.rows, "language").map(([name, sum]) => mintRow(name, sum));
    fill(body, bars("Mints by language", ["Language", "Failed", "Mints"], rows));
  },
});

const PAYERS = { operator: "the operator’s key", user: "users’ own keys" };

export const payers = reportPanel({
  id: "payers", title: "Whose key paid", isEmpty, empty: NOTHING_MINTED,
  request: ({ window, filters }) => ({ path: usage("daily"), parameters: { ...window, ...filters, group_by: "key_source" } }),
  note: () => "Tokens by whose key they were made with. The operator’s mints show who has brought no key of their own.",
  draw(body, report, context) {
    const row = ([source, { tokens, mints }]) => ({
      name: PAYERS[source] ?? source, value: tokens, text: count(tokens), aside: mints > tokens ? `of ${count(mints)} mints` : "",
      open: () => showMints(context, { ...wholeOf(report, context.view), keySource: source }),
    });
    fill(body, bars("Tokens by whose key paid", ["Key", "Mints", "Tokens"], addedUp(report.rows, "key_source").map(row)));
  },
});

export const models = reportPanel({
  id: "models", title: "Models", isEmpty, empty: NOTHING_MINTED,
  request: ({ window, filters }) => ({ path: usage("models"), parameters: { ...window, ...filters } }),
  draw(body, report) {
    const rows = report.rows.map((row) => mintRow(row.model, row)).sort((a, b) => b.value - a.value);
    fill(body, bars("Mints by model", ["Model", "Failed", "Mints"], rows));
  },
});

const KINDS = { refusal: "refused", mint: "failed" };

export const errors = reportPanel({
  id: "errors", title: "What went wrong", isEmpty, empty: "Nothing was refused in this range, and no mint failed.",
  request: ({ window, filters }) => ({ path: usage("errors"), parameters: { ...window, ...filters } }),
  draw(body, report) {
    const rows = report.rows.map(({ kind, code, count: n }) => ({ name: code, value: n, text: count(n), aside: KINDS[kind] ?? kind }));
    fill(body, bars("Refusals and failed mints by code", ["Code", "Kind", "Count"], rows));
  },
});

export const users = reportPanel({
  id: "users", title: "Top users", isEmpty, empty: NOTHING_MINTED, note: () => null,
  // All users, also where one is chosen: it is here that one chooses.
  request: ({ window, view }) => ({ path: usage("users"), parameters: { ...window, role: view.role, limit: 8 }, pages: true }),
  draw(body, report, context) {
    const row = (each) => ({
      name: each.user_id, value: each.tokens, text: count(each.tokens), aside: each.mints > each.tokens ? `of ${count(each.mints)} mints` : "",
      isChosen: each.user_id === context.view.user, openLabel: `${each.user_id}: their mints`,
      open: () => showMints(context, { ...wholeOf(report, context.view), user: each.user_id, issuer: each.issuer }),
    });
    fill(body, bars("Tokens by user, the most first", ["User", "Mints", "Tokens"], report.rows.map(row)));
  },
});

export const latency = reportPanel({
  id: "latency", title: "The provider’s time", empty: "The provider has not answered in this range.", isEmpty,
  // Nobody knows it of one user.
  request: ({ window, view }) => ({ path: usage("latency"), parameters: { ...window, role: view.role } }),
  note: (_, { view }) => `Half of all answers took no longer than p50, 95 of 100 no longer than p95.${view.user ? " Of all users." : ""}`,
  draw(body, report) {
    const numbers = report.rows.flatMap((row) => [row.p50_up_to_ms, row.p95_up_to_ms]).filter((value) => value !== null);
    const longest = Math.max(...numbers, 1);
    const row = ({ model, p50_up_to_ms: p50, p95_up_to_ms: p95 }) => {
      const graph = h("span", { class: "spread", "aria-hidden": "true" });
      graph.style.setProperty("--p50", ((p50 ?? longest) / longest).toFixed(4));
      graph.style.setProperty("--p95", ((p95 ?? longest) / longest).toFixed(4));
      return h("tr", {}, h("th", { scope: "row", text: model }), h("td", { class: "graph" }, graph),
        h("td", { class: "number", text: upTo(p50) }), h("td", { class: "number", text: upTo(p95) }));
    };
    const heads = ["Model", "", "p50 up to", "p95 up to"].map((text, n) =>
      (text ? h("th", { scope: "col", class: n > 1 ? "number" : null, text }) : h("td")));
    body.replaceChildren(h("table", { class: "spreads" }, h("caption", { class: "sr", text: "How long the provider took, by model" }),
      h("thead", {}, h("tr", {}, heads)), h("tbody", {}, report.rows.map(row))));
  },
});

const upTo = (value) => (value === null ? "over 30 s" : `${count(value)} ms`);
