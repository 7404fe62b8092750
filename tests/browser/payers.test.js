import assert from "node:assert/strict";
import { test } from "node:test";
import { around, open, seeAll } from "./browser.js";
import { ADMIN_TOKEN, start } from "./service.js";

const it = around(async (service) => {
  const [ana, ben] = [service.jwt("ana", "teacher"), service.jwt("ben", "teacher")];
  await service.bringKey(ana, "ana");
  for (const jwt of [ana, ana, ana, ben]) assert.equal(await service.mint(jwt), 200);
  for (let tries = 0; (await service.api("/v1/admin/mints?outcome=issued")).mints.length < 4; tries += 1) {
    assert.ok(tries < 100, "the outcomes were not written");
    await new Promise((done) => setTimeout(done, 50));
  }
}, () => start({ ENCRYPTION_KEYS: "browser:a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763" }));

const rows = (page, selector) => page.locator(`${selector} tbody tr`).evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));

test("it is seen whose key paid, and who mints with the operator's", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  await seeAll(page);
  assert.deepEqual(await rows(page, "#payers"), [["users’ own keys", "", "3"], ["the operator’s key", "", "1"]]);
  const opened = async (name) => {
    await page.click(`#payers button:text-is('${name}')`);
    await page.waitForSelector("#drawer tbody tr");
    const shown = (await rows(page, "#drawer")).map((row) => [row[1], row[6]]);
    await page.keyboard.press("Escape");
    return shown;
  };
  assert.deepEqual(await opened("the operator’s key"), [["ben", "the operator’s key"]]);
  assert.deepEqual(await opened("users’ own keys"), Array(3).fill(["ana", "the user’s key"]));
  await end();
});

test("the rows behind it lead to the mints of each key", async () => {
  const { page, end } = await open(it, { path: "/dashboard?range=today", token: ADMIN_TOKEN });
  await seeAll(page);
  await page.click("#payers button[aria-label='Rows: Whose key paid']");
  await page.locator("#drawer tbody tr", { hasText: "operator" }).getByRole("button").click();
  await page.waitForSelector("#drawer-title:text('Mints')");
  await page.waitForFunction(() => document.querySelector("#drawer tbody td:nth-child(2)")?.textContent === "ben");
  assert.equal((await rows(page, "#drawer")).length, 1);
  await end();
});
