import assert from "node:assert/strict";
import { test } from "node:test";
import { around, watch } from "./browser.js";
import { demo } from "./demo.js";

const it = around(null, demo);

test("the demo shows whose key pays, and signs its people in at /me", async () => {
  const { browser, service: { base } } = it;
  const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce" });
  const page = await context.newPage();
  const wrong = watch(page, base);
  await page.goto(base);
  await page.waitForSelector("#own:has-text('Ana pays, with a key of their own: sk-…-ana')");
  await page.click("#mint");
  await page.waitForSelector("#far dd:has-text('Ana\\'s own key')");
  await page.waitForSelector("[data-payer]:has-text('Ana’s own')");

  await page.check("input[value=profe-luis]", { force: true });
  await page.waitForSelector("#own:has-text('Luis has no key here, so yours pays')");
  const [me] = await Promise.all([context.waitForEvent("page"), page.click("#own button:has-text('Keys and settings of Luis')")]);
  wrong.push(...watch(me, base));
  await me.waitForSelector("#who:has-text('as profe-luis')");
  const { users } = await (await fetch(`${base}/demo/config`)).json();
  await me.click("#key-openai [data-act]");
  await me.fill("#field-openai", users.find(({ id }) => id === "profe-luis").key);
  await me.click("#key-openai .go");
  await me.waitForSelector("#key-openai .tag.good");
  await me.close();
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await page.waitForSelector("#own:has-text('Luis pays')");
  await page.click("#mint");
  await page.waitForSelector("[data-payer]:has-text('Luis’s own')");
  await context.close();
  assert.deepEqual(wrong, []);
});
