import assert from "node:assert/strict";
import { test } from "node:test";
import { around, findings, open, seeAll } from "./browser.js";
import { ADMIN_TOKEN } from "./service.js";

const it = around(async (service) => {
  const ana = service.jwt("a-user-with-quite-a-long-id-that-does-not-break-0123456789abcdef0123456789abcdef", "student");
  for (const expected of [200, 200, 200, 429]) assert.equal(await service.mint(ana), expected);
});

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing serious, ${theme}`, async () => {
    const { page, end } = await open(it, { theme });
    assert.deepEqual(await findings(page), [], "signing in");
    await page.fill("#token", ADMIN_TOKEN);
    await page.click("#enter");
    await page.waitForSelector("#today .tile");
    await seeAll(page);
    assert.deepEqual(await findings(page), [], "the page");
    await page.click("#over-time button:text-is('Rows')");
    await page.waitForSelector("#drawer tbody tr");
    assert.deepEqual(await findings(page), [], "rows in the drawer");
    await page.click("#drawer button:text('Mints of all this time')");
    await page.waitForSelector("#drawer td .tag");
    assert.deepEqual(await findings(page), [], "mints in the drawer");
    await end();
  });
}

test("on a phone nothing is cut off or hidden to the side", async () => {
  const { page, end } = await open(it, { width: 390, token: ADMIN_TOKEN });
  await seeAll(page);
  const wider = () => page.evaluate(() => [...document.querySelectorAll("body *")]
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1 && !node.closest(".tablewrap, .sr, .chart"))
    .map((node) => `${node.tagName} ${node.className} ${node.id}`));
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.deepEqual(await wider(), []);
  await page.click("#over-time button:text-is('Rows')");
  await page.waitForSelector("#drawer tbody tr");
  assert.deepEqual(await wider(), []);
  await end();
});

test("the keyboard is enough", async () => {
  const { page, end } = await open(it);
  await page.focus("body");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.focus("#token");
  await page.keyboard.type(ADMIN_TOKEN);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#over-time .tools button:enabled");
  assert.equal(await page.evaluate(() => document.activeElement.id), "headline");
  await page.focus("#over-time .tools button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#drawer tbody tr");
  for (let n = 0; n < 12; n += 1) {
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest("dialog"))), "the focus stays in the drawer");
  }
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Rows: Mints and refusals over time");
  await end();
});
