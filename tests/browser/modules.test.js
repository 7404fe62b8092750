// What the page's modules work out, asked of them in the page.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { around, open } from "./browser.js";

let opened;
const it = around(async () => {
  opened = await open(it);
});
after(() => opened?.end());

/** Runs a function of a module in the page. */
const inPage = (module, name, ...given) => opened.page.evaluate(async ([from, what, values]) => (await import(`/dashboard/${from}`))[what](...values), [module, name, given]);

test("events are read however they come apart", async () => {
  const text = ": here\n\nevent: mint\ndata: {\"a\": 1}\n\n:\r\n\r\nevent: refusal\r\ndata: one\r\ndata: two\r\n\r\ndata:bare\n\nevent: cut off\ndata: nev";
  const read = (size) => opened.page.evaluate(async ([all, length]) => {
    const { reader } = await import("/dashboard/events.js");
    const found = [];
    const feed = reader((event) => found.push([event.event, event.data]));
    for (let at = 0; at < all.length; at += length) feed(all.slice(at, at + length));
    return found;
  }, [text, size]);
  for (const size of [1, 2, 3, 7, 1000]) {
    assert.deepEqual(await read(size), [["mint", '{"a": 1}'], ["refusal", "one\ntwo"], ["message", "bare"]], `in pieces of ${size}`);
  }
});

test("the same time last week is the same by the clocks", async () => {
  const lastWeek = (zone, now) => inPage("window.js", "lastWeek", zone, Date.parse(now));
  assert.deepEqual(await lastWeek("UTC", "2026-11-20T15:07:00Z"), { from: "2026-11-13", to: "2026-11-13T15:15:00Z", tz: "UTC" });
  // The clocks went back on the 25th of October: noon was at 10 in UTC, and is at 11.
  assert.deepEqual(await lastWeek("Europe/Madrid", "2026-10-28T11:00:00Z"), { from: "2026-10-21", to: "2026-10-21T10:15:00Z", tz: "Europe/Madrid" });
  assert.deepEqual(await lastWeek("Asia/Kathmandu", "2026-11-20T00:00:00Z"), { from: "2026-11-13", to: "2026-11-13T00:15:00Z", tz: "Asia/Kathmandu" });
  // At midnight the week before has its first quarter of an hour, and is not empty.
  assert.deepEqual(await lastWeek("UTC", "2026-11-20T00:00:00Z"), { from: "2026-11-13", to: "2026-11-13T00:15:00Z", tz: "UTC" });
});

test("windows are what the reports take", async () => {
  const asked = (view, now = "2026-11-20T23:30:10Z") => inPage("window.js", "asked", { zone: "Europe/Madrid", from: "", to: "", ...view }, Date.parse(now));
  const tz = "Europe/Madrid";
  assert.deepEqual(await asked({ range: "today" }), { from: "2026-11-21", to: "2026-11-22", tz });
  assert.deepEqual(await asked({ range: "7d" }), { from: "2026-11-15", to: "2026-11-22", tz });
  assert.deepEqual(await asked({ range: "30d" }), { from: "2026-10-23", to: "2026-11-22", tz });
  assert.deepEqual(await asked({ range: "24h" }), { from: "2026-11-19T23:30:00Z", to: "2026-11-20T23:45:00Z", tz });
  assert.deepEqual(await asked({ range: "custom", from: "2026-02-28", to: "2026-02-28" }), { from: "2026-02-28", to: "2026-03-01", tz });
});

test("money is added up exactly and written in its currency", async () => {
  assert.equal(await inPage("format.js", "sum", Array(10).fill("0.100000")), 1);
  assert.equal(await inPage("format.js", "sum", [null, "0.000001"]), 0.000001);
  assert.equal(await inPage("format.js", "sum", [null]), null);
  assert.equal(await inPage("format.js", "money", "1234.500000", "EUR"), "€1,234.50");
  assert.equal(await inPage("format.js", "money", "0.012500", "EUR"), "€0.0125");
  assert.equal(await inPage("format.js", "money", "2.000000", "credits"), "2.00 credits");
  assert.equal(await inPage("format.js", "money", null, "EUR"), "–");
});

test("what can't be compared is not", async () => {
  assert.equal(await inPage("format.js", "change", 3, null), null);
  assert.equal((await inPage("format.js", "change", 3, 0)).text, "new");
  assert.deepEqual(await inPage("format.js", "change", 3, 4), { sign: "▼", text: "25%", words: "25% less than" });
});
