// Stand-ins for routes that the service does not have yet; where it has them, it answers itself.
const at = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

const ALERTS = {
  alerts: [{
    id: "019aa0c6-e4b0-7d3c-9c3b-6f0f6f6f7a10", rule: "daily-cost", kind: "cost", subject: null, window_start: at(120), window_end: at(60), raised_at: at(59),
    value: 12.5, threshold: 10, summary: "Today’s cost is over 80 % of the budget.", delivery: "delivered", delivered_at: at(58),
  }],
  next_cursor: null,
};

const BUDGET = {
  currency: "USD", estimate: true,
  spans: [
    { per: "day", from: at(600), to: at(-600), amount: "150.000000", spent: "96.300000", unpriced_tokens: 3 },
    { per: "month", from: at(9000), to: at(-9000), amount: "20.000000", spent: "21.400000", unpriced_tokens: 0 },
  ],
};

export async function doubles(page, base, events) {
  const stream = `: here\n\n${events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("")}`;
  const answers = {
    alerts: ["application/json", JSON.stringify(ALERTS)], budget: ["application/json", JSON.stringify(BUDGET)], events: ["text/event-stream", stream],
  };
  for (const [name, [contentType, body]] of Object.entries(answers)) {
    const { status } = await fetch(`${base}/v1/admin/${name}`);
    if (status === 404) await page.route(`**/v1/admin/${name}*`, (route) => route.fulfill({ contentType, body }));
  }
}
