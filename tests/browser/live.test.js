import assert from "node:assert/strict";
import { test } from "node:test";
import { around, open } from "./browser.js";
import { ADMIN_TOKEN } from "./service.js";

const it = around();

test("mints and refusals appear as they happen, and the figures follow without a reload", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  await page.waitForSelector("#live[data-state=live]");
  const zoe = it.service.jwt("zoe", "student");
  for (const expected of [200, 200, 200, 429]) assert.equal(await it.service.mint(zoe), expected);
  await page.waitForSelector("#feed li:has-text('zoe'):has-text('issued')");
  await page.waitForSelector("#feed li:has-text('zoe'):has-text('rate_limit_exceeded')");
  await page.waitForSelector("#today .tile:first-child b:text-is('3')", { timeout: 20_000 });
  await end();
});

test("paused, nothing moves", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  await page.click("#pause");
  assert.equal(await page.textContent("#live"), "Paused");
  const requests = [];
  page.on("request", (request) => request.url().includes("/usage/") && requests.push(request.url()));
  assert.equal(await it.service.mint(it.service.jwt("yan", "student")), 200);
  await page.waitForTimeout(1500);
  assert.deepEqual(requests, []);
  assert.equal(await page.locator("#feed li:has-text('yan')").count(), 0);
  await page.click("#pause");
  await page.waitForSelector("#feed li:has-text('yan')", { timeout: 20_000 });
  await end();
});

test("a page asks for what is in sight, in few requests", async () => {
  const { page, end } = await open(it, { width: 1024 });
  await page.setViewportSize({ width: 1024, height: 768 });
  let requests = 0;
  page.on("request", (request) => {
    if (request.url().includes("/v1/")) requests += 1;
  });
  await page.fill("#token", ADMIN_TOKEN);
  await page.click("#enter");
  await page.waitForSelector("#today .tile");
  await page.waitForTimeout(500);
  assert.ok(requests <= 12, `${requests} requests`);
  await end();
});
