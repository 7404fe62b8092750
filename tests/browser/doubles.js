// Stand-ins for routes that are not there yet.
const at = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const alert = (n, rule, summary, more) => ({ id: `0000000${n}-0000-7000-8000-000000000000`, rule, kind: "cost", subject: null, window_start: at(n * 60 + 60),
  window_end: at(n * 60), raised_at: at(n * 60 - 1), value: 12.5, threshold: 10, summary, delivery: "delivered", delivered_at: at(n), ...more });
export const ALERTS = { next_cursor: null, alerts: [
  alert(1, "daily-cost", "Today’s cost is over 80 % of the day’s budget."),
  alert(2, "refusals", "412 refusals in an hour, more than 300.", { delivery: "pending" }),
  alert(3, "unusual-user", "One user made 31 mints in a day, 5 times their usual.", { subject: "ana", delivery: "given_up" }),
] };
export const BUDGET = { currency: "USD", estimate: true, spans: [
  { per: "day", from: at(600), to: at(-600), amount: "150.000000", spent: "96.300000", unpriced_tokens: 31 },
  { per: "month", from: at(9000), to: at(-9000), amount: "2000.000000", spent: "2140.750000", unpriced_tokens: 402 },
] };
export async function doubles(page, { empty = false, events = [] } = {}) {
  const json = (value) => ({ contentType: "application/json", body: JSON.stringify(value) });
  await page.route("**/v1/admin/alerts*", (route) => route.fulfill(json(empty ? { alerts: [], next_cursor: null } : ALERTS)));
  await page.route("**/v1/admin/budget*", (route) => route.fulfill(json(empty ? { ...BUDGET, currency: null, spans: BUDGET.spans.map((s) => ({ ...s, amount: null, spent: "0.000000", unpriced_tokens: 0 })) } : BUDGET)));
  await page.route("**/v1/admin/events", (route) => route.fulfill({ contentType: "text/event-stream", body: `: here\n\n${events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("")}` }));
}
