// Alerts that were raised, and the audit trail.
import { count, time, NOTHING } from "./format.js";
import { tableOf } from "./table.js";

const SHOWN = 6;
const PAGE = 50;

/** A panel with the newest rows of a list that has pages, and the rest in the drawer. */
function log({ id, title, path, member, columns, empty }) {
  const pages = (context) => async (cursor) => {
    const answer = await context.api.json(path, { limit: PAGE, cursor });
    return { rows: answer[member], next: answer.next_cursor };
  };
  return {
    id, title, empty,
    load: ({ api }) => api.json(path, { limit: SHOWN }),
    isEmpty: (answer) => answer[member].length === 0,
    tools: [["All", `All: ${title}`, (_, context) =>
      context.drawer.show({ title, columns: columns(context, true), page: pages(context), empty })]],
    draw(body, answer, context) {
      body.replaceChildren(tableOf(title, columns(context, false), answer[member]).element);
    },
  };
}

const DELIVERY = { none: "not sent", pending: "on its way", delivered: "delivered", given_up: "given up" };

export const alerts = log({
  id: "alerts", title: "Alerts", path: "/v1/admin/alerts", member: "alerts",
  empty: "No alert was raised. What raises one stands under [[alerts]] in the policy file.",
  columns: ({ view }, isWhole) => [
    { head: "raised", form: "time", text: (alert) => time(alert.raised_at, view.zone, isWhole ? "moment" : "minute") },
    { head: "rule", text: (alert) => alert.rule },
    { head: "what", form: "long", text: (alert) => alert.summary },
    ...(isWhole ? [
      { head: "about", text: (alert) => alert.subject ?? "everybody" },
      { head: "value", text: (alert) => figure(alert.value), form: "number" },
      { head: "threshold", text: (alert) => figure(alert.threshold), form: "number" },
      { head: "of", form: "long", text: (alert) => `${time(alert.window_start, view.zone, "minute")} to ${time(alert.window_end, view.zone, "minute")}` },
    ] : []),
    { head: "webhook", text: (alert) => DELIVERY[alert.delivery] ?? alert.delivery },
  ],
});

/** A number, or an amount as text. */
const figure = (value) => (typeof value === "number" ? count(value) : (value ?? NOTHING));

const ACTS = { put_user: "decided about", erase_user: "erased", reload_policy: "took a new policy", request: "asked for" };
const ACTORS = { admin_token: "admin token", service: "the service", stranger: "somebody unknown" };

const somebody = (one) => one?.user_id ?? (one ? `erased user ${one.pseudonym.slice(0, 8)}` : NOTHING);

const detail = (entry) => Object.entries(entry.detail ?? {})
  .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ");

export const audit = log({
  id: "audit", title: "Audit trail", path: "/v1/admin/audit", member: "audit",
  empty: "Nobody has done anything yet that is kept here: decisions about users, erasures, new policies, and requests that were refused.",
  columns: ({ view }, isWhole) => [
    { head: "time", form: "time", text: (entry) => time(entry.at, view.zone, isWhole ? "moment" : "minute") },
    { head: "who", text: (entry) => (entry.actor === "user" ? somebody(entry.actor_user) : ACTORS[entry.actor] ?? entry.actor) },
    { head: "did what", text: (entry) => ACTS[entry.action] ?? entry.action },
    { head: "to whom", text: (entry) => somebody(entry.target) },
    { head: "in detail", form: "long", text: (entry) => detail(entry) || NOTHING },
    { head: "from", text: (entry) => entry.address ?? NOTHING },
    { head: "result", text: (entry) => `${entry.result}${entry.count > 1 ? ` ×${count(entry.count)}` : ""}` },
    ...(isWhole ? [{ head: "request", text: (entry) => entry.request_id ?? NOTHING }] : []),
  ],
});
