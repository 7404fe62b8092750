// The rows behind a report, and the mints behind a row.
import { go } from "./address.js";
import { button, h } from "./dom.js";
import { count, milliseconds, time, NOTHING } from "./format.js";
import { columnsOf } from "./table.js";

const PAGE = 50;
const OUTCOMES = ["issued", "refunded", "unconfirmed", "pending"];

/** A user by what tokens call them: where there are several issuers, ids in the ledger begin with theirs. */
function named({ user, issuer = null }) {
  const isPrefixed = user && issuer && user.startsWith(`${issuer}|`);
  return { user: isPrefixed ? user.slice(issuer.length + 1) : user, issuer: user ? issuer : null };
}

/** Which mints a row of a report counts; null where the ledger can't be asked for just those. */
function mintsOf(report, row, base) {
  if (row.user_id !== undefined) return { ...base, user: row.user_id, issuer: row.issuer };
  const names = ["start", "role", "outcome", "key_source"].filter((name) => row[name] !== undefined);
  const others = ["language", "session_type", "model", "code"].some((name) => row[name] !== undefined);
  if (others || names.length === 0) return null;
  const filter = { ...base };
  if (row.role !== undefined) filter.role = row.role;
  if (row.outcome !== undefined) filter.outcome = row.outcome;
  if (row.key_source !== undefined) filter.keySource = row.key_source;
  if (row.start !== undefined) Object.assign(filter, spanOf(report, row.start));
  return filter;
}

/** From a row's start to the next one's. */
export function spanOf(report, start) {
  const starts = [...new Set(report.rows.map((row) => row.start))];
  return { from: start, to: starts[starts.indexOf(start) + 1] ?? report.to };
}

/** The whole time of a report, with the filters that it was asked for with. */
export const wholeOf = (report, { role, user, issuer }) => ({ from: report.from, to: report.to, role, user, issuer });

const between = (from, to, zone) => `${time(from, zone, "minute")} to ${time(to, zone, "minute")}, ${zone}`;

/** Shows a report's rows. `request` is what it was asked for with, `report` what came. */
export function showReport(context, title, request, report) {
  const base = wholeOf(report, context.view);
  const show = (filter) => showMints(context, filter, { within: true });
  const columns = columnsOf(report);
  if (report.rows.some((row) => mintsOf(report, row, base))) {
    const open = (row) => button("Mints", () => show(mintsOf(report, row, base)), { "aria-label": `Mints: ${columns[0].text(row)}` });
    columns.splice(1, 0, { head: "ledger", node: open });
  }
  const controls = [
    button("Download CSV", () => context.saveCsv(request)),
    button("Mints of all this time", () => show(base)),
  ];
  const page = async (cursor) => {
    const { rows, next_cursor: next } = cursor ? await context.api.json(request.path, { ...request.parameters, cursor }) : report;
    return { rows, next };
  };
  const about = [between(report.from, report.to, report.tz), report.note].filter(Boolean).join(". ");
  return context.drawer.show({ title, about, columns, controls, page, empty: "Nothing was counted in this time." });
}

/** Shows mints: `from`, `to`, `role`, `user`, `issuer`, `outcome`, `keySource`. */
export function showMints(context, filter, options) {
  const zone = context.view.zone;
  const again = (change) => showMints(context, { ...filter, ...change }, { within: true });
  const about = [between(filter.from, filter.to, zone), filter.role && `role ${filter.role}`, filter.user && `user ${filter.user}`,
    filter.keySource && `paid by ${payer(filter.keySource)}`];
  const { user, issuer = null } = filter;
  const toPage = user && user !== context.view.user && button("Filter the page by this user", () => go({ user, issuer }));
  const page = async (cursor) => {
    const { mints, next_cursor: next } = await context.api.json("/v1/admin/mints",
      { from: filter.from, to: filter.to, role: filter.role, outcome: filter.outcome, key_source: filter.keySource, ...named(filter), limit: PAGE, cursor });
    return { rows: mints, next };
  };
  return context.drawer.show({
    title: "Mints", about: about.filter(Boolean).join(" · "), columns: mintColumns(zone, again),
    controls: [outcomes(filter.outcome, (outcome) => again({ outcome })), toPage], page,
    empty: "No mints of this kind were made in this time. Refusals are not among them: nothing was spent for those.",
  }, options);
}

function outcomes(chosen, onchange) {
  const options = ["", ...OUTCOMES].map((value) =>
    h("option", { value, selected: value === (chosen ?? ""), text: value || "all outcomes" }));
  return h("label", { class: "field" }, "Outcome ", h("select", { onchange: (event) => onchange(event.target.value || null) }, options));
}

const payer = (source) => (source === "user" ? "the user’s key" : "the operator’s key");

export const outcomeTag = (outcome) => h("span", { class: `tag ${outcome}`, text: outcome });

function mintColumns(zone, again) {
  const user = ({ user_id, issuer }) => (user_id === null ? "erased"
    : button(user_id, () => again({ user: user_id, issuer }), { class: "link", "aria-label": `Mints of ${user_id}` }));
  return [
    { head: "time", form: "time", text: (mint) => time(mint.created_at, zone, "moment") },
    { head: "user", node: user },
    { head: "role", text: (mint) => mint.role },
    { head: "language", text: (mint) => mint.language },
    { head: "model", text: (mint) => mint.model },
    { head: "kind", text: (mint) => mint.session_type },
    { head: "paid by", text: (mint) => payer(mint.key_source) },
    { head: "outcome", node: (mint) => outcomeTag(mint.outcome) },
    { head: "provider’s time", text: (mint) => milliseconds(mint.latency_ms), form: "number" },
    { head: "error", text: (mint) => mint.error ?? NOTHING },
  ];
}

/** Gives the browser a report as a file. */
export async function saveCsv(api, { path, parameters, pages = false }) {
  const text = await api.csv(path, pages ? { ...parameters, limit: 1000 } : parameters);
  const name = `${path.split("/").pop()}-${parameters.from}-${parameters.to}.csv`.replaceAll(":", "");
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
