// What is looked at stands in the page's address: range and filters. The operator's token never does.
import { RANGES } from "./window.js";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

const isDate = (text) => DATE.test(text ?? "") && !Number.isNaN(Date.parse(text));

function isZone(name) {
  try {
    return Boolean(name && new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

/** What the address says; what can't be read is as if it weren't there. An issuer may be known to be none: then it is empty. */
export function read(search = location.search) {
  const given = new URLSearchParams(search);
  const zone = isZone(given.get("tz")) ? given.get("tz") : own;
  const dates = { from: given.get("from"), to: given.get("to") };
  const hasDates = isDate(dates.from) && isDate(dates.to) && dates.from <= dates.to;
  const asked = given.get("range");
  const range = Object.hasOwn(RANGES, asked ?? "") && (asked !== "custom" || hasDates) ? asked : "7d";
  const filters = { role: given.get("role") || null, user: given.get("user") || null, issuer: given.get("issuer") };
  return { range, zone, ...(range === "custom" ? dates : { from: "", to: "" }), ...filters };
}

/** The address of a view. What goes without saying is left out. */
export function written(view) {
  const pairs = Object.entries({ range: view.range === "7d" ? "" : view.range, from: view.from, to: view.to,
    tz: view.zone === own ? "" : view.zone, role: view.role, user: view.user });
  const said = pairs.filter(([, value]) => value);
  if (view.user && view.issuer !== null) said.push(["issuer", view.issuer]);
  const query = new URLSearchParams(said).toString();
  return query ? `?${query}` : location.pathname;
}

/** Goes to another view, so that the browser's way back leads to this one. */
export function go(change) {
  const view = { ...read(), ...change };
  if (view.range !== "custom") Object.assign(view, { from: "", to: "" });
  if (written(view) === written(read())) return;
  history.pushState(null, "", written(view));
  dispatchEvent(new Event("popstate"));
}

/** Zones to choose from, the reader's own first. */
export function zones(current) {
  const all = Intl.supportedValuesOf ? Intl.supportedValuesOf("timeZone") : [];
  return [...new Set([own, "UTC", current, ...all])];
}
