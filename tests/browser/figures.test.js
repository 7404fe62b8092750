import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { around, open, seeAll, settled, signIn, written, ZONE } from "./browser.js";
import { ADMIN_TOKEN } from "./service.js";

/** The id of somebody who means no good. */
const EVIL = '<img src=x onerror="alert(1)">';
const MINTS = 60;

const it = around(async (service) => {
  const [ana, ben, evil] = [service.jwt("ana", "teacher"), service.jwt("ben", "student"), service.jwt(EVIL, "student")];
  const statuses = await Promise.all(Array.from({ length: MINTS }, () => service.mint(ana, { language: "es" })));
  assert.ok(statuses.every((status) => status === 200), String(statuses));
  for (const expected of [200, 200, 200, 429, 429, 429]) assert.equal(await service.mint(ben), expected);
  assert.equal(await service.mint(evil, { language: "en" }), 200);
  await service.fail(2);
  for (const expected of [502, 502]) assert.equal(await service.mint(evil, { language: "en" }), expected);
  await outcomesWritten(service);
});

async function outcomesWritten(service) {
  for (let tries = 0; tries < 100; tries += 1) {
    const { rows: [{ pending, refused }] } = await service.api("/v1/admin/usage/summary");
    if (pending === 0 && refused === 3) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail("the outcomes were not written");
}

const dateToday = () => new Intl.DateTimeFormat("en-CA", { timeZone: ZONE }).format(new Date());
const report = (name, more = "") => it.service.api(`/v1/admin/usage/${name}?tz=${ZONE}${more}`);
const cells = (page, selector) => page.locator(selector).evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));

test("what is drawn is what the API says", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  await seeAll(page);
  const { rows: [now] } = await report("summary", `&from=${dateToday()}`);
  const tiles = await page.locator("#today .tile b").allTextContents();
  assert.deepEqual(tiles, [now.mints, now.tokens, now.refused, "3%", now.active_users, "US$19.20"].map((value) => (typeof value === "number" ? written(value) : value)));
  assert.equal(now.mints, MINTS + 6);
  assert.deepEqual(await cells(page, "#roles tbody tr"), [["teacher", "", "60"], ["student", "33.3% failed", "6"]]);
  assert.deepEqual(await cells(page, "#languages tbody tr"), [["es", "", "60"], ["en", "33.3% failed", "6"]]);
  assert.deepEqual(await cells(page, "#models tbody tr"), [["gpt-realtime-2.1-mini", "3% failed", "66"]]);
  assert.deepEqual(await cells(page, "#errors tbody tr"), [["rate_limit_exceeded", "refused", "3"], ["provider_error", "failed", "2"]]);
  const users = await report("users");
  assert.deepEqual(await cells(page, "#users tbody tr"), users.rows.map((row) => [row.user_id, row.mints > row.tokens ? `of ${row.mints} mints` : "", written(row.tokens)]));
  const latency = await report("latency");
  assert.ok((await page.textContent("#latency tbody")).includes(`${written(latency.rows[0].p95_up_to_ms)} ms`));
  assert.match(await page.getAttribute("#over-time .chart", "aria-label"), /: 66 mints and 3 refusals\./);
  assert.match(await page.textContent("#budget .budget"), /US\$19\.20 of US\$16\.00, 120%over budget/);
  assert.match(await page.getAttribute("#costs .chart", "aria-label"), /US\$19\.20 in all, as an estimate/);
  await end();
});

test("bars and lines are there, in the colours of both themes", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  const inColourOf = (name) => page.evaluate((swatch) => {
    const [red, green, blue] = getComputedStyle(document.querySelector(`#over-time .swatch.${swatch}`)).color.match(/\d+/g).map(Number);
    const canvas = document.querySelector("#over-time canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let n = 0; n < data.length; n += 4) {
      // Bars are filled half through; their edges fall between pixels at some times of the day.
      if (data[n + 3] > 60 && Math.abs(data[n] - red) + Math.abs(data[n + 1] - green) + Math.abs(data[n + 2] - blue) < 12) found += 1;
    }
    return found;
  }, name);
  const light = [await inColourOf("mints"), await inColourOf("refusals")];
  await page.click("#theme");
  await page.click("#theme");
  assert.equal(await page.textContent("#theme"), "Theme: dark");
  await page.waitForTimeout(50);
  const dark = [await inColourOf("mints"), await inColourOf("refusals")];
  assert.ok([...light, ...dark].every((pixels) => pixels > 300), `${light} ${dark}`);
  await end();
});

test("each chart opens the rows behind it, and those the mints, page by page", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  await page.click("#roles button[aria-label='Rows: By role']");
  await page.waitForSelector("#drawer tbody tr");
  assert.deepEqual((await cells(page, "#drawer tbody tr")).map((row) => row.slice(0, 4)), [["student", "Mints", "6", "4"], ["teacher", "Mints", "60", "60"]]);
  await page.click("#drawer button[aria-label='Mints: teacher']");
  await page.waitForSelector("#drawer-title:text('Mints')");
  await page.waitForFunction(() => document.querySelectorAll("#drawer tbody tr").length === 50);
  await page.click("#drawer button:text('More rows')");
  await page.waitForFunction((all) => document.querySelectorAll("#drawer tbody tr").length === all, MINTS);
  const { mints } = await it.service.api("/v1/admin/mints?role=teacher&limit=100");
  const shown = await cells(page, "#drawer tbody tr");
  assert.deepEqual(shown.map(([, ...rest]) => rest.slice(0, 7)), mints.map((mint) => [mint.user_id, mint.role, mint.language, mint.model, mint.session_type, "the operator’s key", mint.outcome]));
  await page.selectOption("#drawer select", "refunded");
  await page.waitForSelector("#drawer .empty:text('No mints of this kind')");
  await page.click("#drawer button:text-is('Back')");
  await page.waitForFunction(() => document.querySelectorAll("#drawer tbody tr").length === 50);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#drawer").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Rows: By role", "the focus is where it was");
  await end();
});

test("a click on a bar opens the mints of its time", async () => {
  const { page, end } = await open(it, { path: "/dashboard?range=today", token: ADMIN_TOKEN });
  const { rows } = await report("hourly", `&from=${dateToday()}`);
  const hour = rows.findIndex((row) => row.mints > 0);
  const over = await page.locator("#over-time .u-over").boundingBox();
  await page.mouse.move(over.x + (over.width * (hour + 0.3)) / rows.length, over.y + over.height / 2);
  assert.match(await page.textContent("#over-time .readout"), /mints/);
  await page.mouse.down();
  await page.mouse.up();
  await page.waitForSelector("#drawer tbody tr");
  assert.equal(await page.textContent("#drawer-title"), "Mints");
  await end();
});

test("CSV is the API's own", async () => {
  const { page, end } = await open(it, { path: "/dashboard?range=30d", token: ADMIN_TOKEN });
  for (const [panel, name] of [["over-time", "daily"], ["users", "users"], ["errors", "errors"]]) {
    await page.locator(`#${panel}`).scrollIntoViewIfNeeded();
    await page.locator(`#${panel}[aria-busy=false]`).waitFor();
    const [request, download] = await Promise.all([
      page.waitForRequest((one) => one.headers().accept === "text/csv"),
      page.waitForEvent("download"),
      page.click(`#${panel} button:text-is('CSV')`),
    ]);
    const { pathname, search } = new URL(request.url());
    assert.equal(pathname, `/v1/admin/usage/${name}`);
    assert.match(search, /tz=Europe%2FMadrid/);
    assert.equal(await readFile(await download.path(), "utf8"), await it.service.api(pathname + search, "text/csv"));
    assert.match(download.suggestedFilename(), new RegExp(`^${name}-.*\\.csv$`));
  }
  await end();
});

test("what users are called stays text", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  await page.waitForSelector("#feed .who");
  assert.ok((await page.locator("#feed .who").allTextContents()).includes(EVIL));
  const name = page.locator("#users tbody button", { hasText: "onerror" });
  assert.equal(await name.textContent(), EVIL);
  await name.click();
  await page.waitForSelector("#drawer tbody tr");
  assert.equal((await cells(page, "#drawer tbody tr"))[0][1], EVIL);
  await page.click("#drawer button:text('Filter the page by this user')");
  await page.waitForFunction((user) => new URLSearchParams(location.search).get("user") === user, EVIL);
  await settled(page);
  assert.equal(await page.textContent("#today .tile:first-child b"), "3");
  assert.equal(await page.locator("main img, dialog img").count(), 0);
  await end();
});

test("range and filters are in the address, and outlive a reload and the way back", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  const mints = () => page.textContent("#today .tile:first-child b");
  const moved = async (act, search) => {
    await act();
    await page.waitForFunction((expected) => location.search === expected, search);
    await settled(page);
  };
  await moved(() => page.check("input[value='30d']", { force: true }), "?range=30d");
  await moved(() => page.selectOption("#role", "student"), "?range=30d&role=student");
  assert.equal(await mints(), "6");
  assert.equal(await page.textContent("#today .tile:nth-child(3) b"), "–", "refusals are counted for everybody only");
  await page.reload();
  await page.waitForSelector("#sign-in-form:not([hidden])");
  await signIn(page, ADMIN_TOKEN);
  assert.equal(await page.inputValue("#role"), "student");
  assert.equal(await mints(), "6");
  await moved(() => page.goBack(), "?range=30d");
  assert.equal(await mints(), String(MINTS + 6));
  await page.fill("#user", EVIL);
  await moved(() => page.keyboard.press("Enter"), `?range=30d&user=${new URLSearchParams({ user: EVIL }).toString().slice(5)}`);
  assert.equal(await mints(), "3");
  await moved(() => page.click("#clear"), "?range=30d");
  await end();
});

test("an address that makes no sense shows the usual", async () => {
  const { page, end } = await open(it, { path: "/dashboard?range=custom&from=2026-13-45&to=x&tz=Nowhere/Else", token: ADMIN_TOKEN });
  assert.equal(await page.isChecked("input[value='7d']"), true);
  assert.equal(await page.inputValue("#zone"), ZONE);
  assert.equal(await page.locator(".failed").count(), 0);
  await end();
});

test("what is chosen by day is what is asked for", async () => {
  const { page, end } = await open(it, { path: "/dashboard?range=custom&from=2026-11-01&to=2026-11-07&tz=UTC" });
  const asked = page.waitForRequest((request) => request.url().includes("/usage/hourly"));
  await signIn(page, ADMIN_TOKEN);
  const { searchParams } = new URL((await asked).url());
  assert.deepEqual([searchParams.get("from"), searchParams.get("to"), searchParams.get("tz")], ["2026-11-01", "2026-11-08", "UTC"]);
  assert.equal(await page.inputValue("#to"), "2026-11-07");
  await end();
});
