import assert from "node:assert/strict";
import { after, test } from "node:test";
import { around, watch } from "./browser.js";
import { application, keeping, openMe, paste } from "./me-page.js";

const MORE = '[roles.tinkerer]\nhourly_tokens = 10\nuser_may_set = ["system_prompt"]\n';

let allowed;
let foreign;
const it = around(null, async () => {
  [allowed, foreign] = await Promise.all([application(), application()]);
  return keeping(MORE, { ALLOWED_ORIGINS: `https://elsewhere.example,${allowed.origin}` });
});
after(() => {
  allowed?.stop();
  foreign?.stop();
});

const isIn = (page) => page.waitForSelector("#signed-in:not([hidden])");

test("a pasted JWT signs in, and stays in memory only", async () => {
  const jwt = it.service.jwt("<img src=x onerror=alert(1)>", "student");
  const { page, end } = await openMe(it);
  for (const [text, said] of [["", null], ["not a token", "no token"], [`${jwt}x`, "not let in"]]) {
    await page.fill("#jwt", text);
    await page.click("#enter");
    if (said) await page.waitForSelector(`#sign-in-trouble:has-text("${said}")`);
    assert.equal(await page.isVisible("#signed-in"), false);
  }
  await paste(page, `Bearer ${jwt} `);
  assert.match(await page.textContent("#who"), /<img src=x onerror=alert\(1\)>, role student/);
  assert.equal(await page.inputValue("#jwt"), "");
  assert.equal(await page.evaluate(() => document.activeElement.id), "headline");
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie, location.href]), [0, 0, "", `${it.service.base}/me`]);
  await page.click("#sign-out");
  assert.equal(await page.isVisible("#signed-in"), false);
  assert.equal(await page.textContent("#keys-body"), "");
  await page.reload();
  assert.equal(await page.isVisible("#signed-in"), false);
  await end();
});

test("an allowed application signs its user in, whatever else it says", async () => {
  const jwt = it.service.jwt("ana", "tinkerer");
  const { page, heard, tell, end } = await allowed.open(it, [{ type: "ephemint:jwt", jwt }]);
  await isIn(page);
  assert.match(await page.textContent("#who"), /as ana, role tinkerer/);
  assert.deepEqual(await heard(), [[it.service.base, { type: "ephemint:ready" }]]);
  for (const odd of [null, "x", { type: "ephemint:jwt" }, { type: "ephemint:jwt", jwt: 7 }, { type: "other", jwt }, { type: "ephemint:jwt", jwt: "x".repeat(20_000) }]) await tell(odd);
  // Another user's takes their place, with all that was there.
  await page.fill("#setting-system_prompt", "Ana’s own words");
  await tell({ type: "ephemint:jwt", jwt: it.service.jwt("bea", "tinkerer") });
  await page.waitForSelector("#who:has-text('as bea')");
  await page.waitForSelector("#setting-system_prompt");
  assert.equal(await page.inputValue("#setting-system_prompt"), "");
  await end();
});

test("a foreign application hears nothing and is not heard", async () => {
  const jwt = it.service.jwt("ana", "tinkerer");
  const { page, heard, tell, end } = await foreign.open(it, [{ type: "ephemint:jwt", jwt }]);
  await page.waitForSelector("#waiting:not([hidden])");
  await tell({ type: "ephemint:jwt", jwt });
  // Messages come in order: had it been heard, something would have been asked by now.
  await page.evaluate(() => new Promise((done) => {
    addEventListener("message", done, { once: true });
    postMessage("from itself", location.origin);
  }));
  assert.equal(await page.isVisible("#signed-in"), false);
  assert.deepEqual(await heard(), []);
  await paste(page, jwt);
  assert.deepEqual(await heard(), []);
  await end();
});

test("an allowed page that did not open it is not heard", async () => {
  const context = await it.browser.newContext();
  const page = await context.newPage();
  const wrong = watch(page, it.service.base);
  await page.goto(`${it.service.base}/me`);
  await page.evaluate((jwt) => postMessage({ type: "ephemint:jwt", jwt }, location.origin), it.service.jwt("ana", "tinkerer"));
  await page.waitForSelector("#sign-in-form");
  assert.equal(await page.isVisible("#signed-in"), false);
  await context.close();
  assert.deepEqual(wrong, []);
});

test("when the JWT expires the application is asked for another one, and nothing written is lost", async () => {
  const short = it.service.jwt("ana", "tinkerer", 8);
  const { page, heard, tell, end } = await allowed.open(it, [{ type: "ephemint:jwt", jwt: short }]);
  await isIn(page);
  await page.waitForSelector("#desk:not([hidden])");
  await page.fill("#setting-system_prompt", "Half a sentence");
  await page.click("#key-openai [data-act]");
  await page.fill("#field-openai", "sk-half-a-key-0123456789");
  await page.waitForSelector("#sign-in-trouble:has-text('expired')", { timeout: 60_000 });
  assert.equal(await page.isVisible("#signed-in"), false);
  assert.equal(await page.locator("#field-openai").count(), 0, "a key that was typed in is gone");
  assert.equal((await heard()).length, 2);
  await tell({ type: "ephemint:jwt", jwt: it.service.jwt("ana", "tinkerer") });
  await isIn(page);
  assert.equal(await page.inputValue("#setting-system_prompt"), "Half a sentence");
  await end();
});

test("a token that the service no longer takes leads back to signing in", async () => {
  const { page, end } = await openMe(it, { jwt: it.service.jwt("ana", "tinkerer") });
  await page.route("**/v1/me/settings", (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: '{"detail":"Expired.","code":"unauthorized"}' }));
  await page.fill("#setting-system_prompt", "Words");
  await page.click("#settings-form .go");
  await page.waitForSelector("#sign-in-trouble:has-text('expired')");
  await page.unroute("**/v1/me/settings");
  await paste(page, it.service.jwt("ana", "tinkerer"));
  assert.equal(await page.inputValue("#setting-system_prompt"), "Words");
  await end();
});

test("no page can frame it", async () => {
  const answer = await fetch(`${it.service.base}/me`);
  assert.match(answer.headers.get("content-security-policy"), /frame-ancestors 'none'/);
  assert.equal(answer.headers.get("x-frame-options"), "DENY");
});
