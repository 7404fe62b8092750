import assert from "node:assert/strict";
import { test } from "node:test";
import { around, open, settled, signIn } from "./browser.js";
import { ADMIN_TOKEN, start } from "./service.js";

const it = around();

/** Nothing of the token is anywhere but in memory. */
async function assertKeptNowhere(page) {
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie, location.href, document.getElementById("token").value]);
  assert.deepEqual(kept, [0, 0, "", `${it.service.base}/dashboard`, ""]);
  assert.ok(!(await page.content()).includes(ADMIN_TOKEN));
}

test("the admin token lets in, is kept nowhere, and signing out leaves nothing", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  await assertKeptNowhere(page);
  assert.equal(await page.locator("#sign-in").isVisible(), false);
  await page.click("#sign-out");
  assert.equal(await page.textContent("#sign-in-trouble"), "Signed out.");
  assert.equal(await page.locator("#panels > *").count(), 0);
  await end();
});

test("so does the JWT of an operator, with Bearer before it or not", async () => {
  const { page, end } = await open(it);
  await signIn(page, `Bearer ${it.service.jwt("the-boss", "boss")}`);
  assert.ok(await page.locator("#today .tile").count());
  await end();
});

test("nobody else is let in, and is told why", async () => {
  const { page, end } = await open(it);
  const denied = async (token, said) => {
    await page.fill("#token", token);
    await page.click("#enter");
    await page.waitForFunction((text) => document.getElementById("sign-in-trouble").textContent.includes(text), said);
    assert.equal(await page.locator("#signed-in").isVisible(), false);
  };
  await denied("not-the-token-0123456789abcdef0123456789", "Not let in.");
  await denied(it.service.jwt("ana", "student"), "operator");
  await denied("ñ", "That is no token");
  await end();
});

test("where there are no operators, the page says so", async () => {
  const closed = await start({ ADMIN_TOKEN: null, ADMIN_ROLES: null });
  const { page, end } = await open({ ...it, service: closed });
  assert.match(await page.textContent("#sign-in-how"), /no operators.*ADMIN_TOKEN/);
  assert.equal(await page.locator("#sign-in-form").isVisible(), false);
  await end();
  await closed.stop();
});

test("a session that ends leads back, with the reason", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  await page.route("**/v1/admin/usage/**", (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: '{"detail": "The token has expired."}' }));
  // Whatever asks next finds out; this makes sure that something does.
  await page.evaluate(() => document.querySelector("input[value='30d']").click());
  await page.waitForSelector("#sign-in:not([hidden])");
  assert.equal(await page.textContent("#sign-in-trouble"), "The token has expired.");
  await end();
});

test("a panel that fails says so, and can be tried again", async () => {
  const { page, end } = await open(it);
  let broken = true;
  await page.route("**/v1/admin/usage/roles*", (route) => (broken ? route.fulfill({ status: 503, contentType: "application/problem+json", body: '{"detail": "The store is away."}' }) : route.continue()));
  await page.route("**/v1/admin/usage/models*", (route) => (broken ? route.abort() : route.continue()));
  await signIn(page, ADMIN_TOKEN);
  assert.match(await page.textContent("#roles .trouble"), /The store is away/);
  await page.locator("#models").scrollIntoViewIfNeeded();
  await page.waitForSelector("#models .trouble:has-text('does not answer')");
  broken = false;
  await page.click("#roles .trouble button");
  await page.waitForSelector("#roles .body .empty");
  await settled(page);
  assert.equal(await page.locator("#roles .trouble").isVisible(), false);
  await end();
});

test("without anything minted, the page says what to do", async () => {
  const { page, end } = await open(it, { token: ADMIN_TOKEN });
  assert.match(await page.textContent("#over-time .empty"), /Nothing was minted in this range yet/);
  assert.equal(await page.textContent("#today .tile:first-child b"), "0");
  await end();
});
