import assert from "node:assert/strict";
import { test } from "node:test";
import { around } from "./browser.js";
import { keeping, openMe } from "./me-page.js";

const MINE = "sk-mine-0123456789-first";
const NEXT = "sk-mine-0123456789-other";
const OLD = "2026-01-05T10:00:00.000Z";

const it = around(async (service) => {
  for (const key of [MINE, NEXT]) await service.provider("PUT", "accounts", { name: key.slice(-5), key, standing: "good" });
}, keeping);

const card = (page, provider = "openai") => page.locator(`#key-${provider}`);
const act = (page, name) => card(page).getByRole("button", { name: new RegExp(`^${name}`) }).click();

async function enter(page, key, provider = "openai") {
  await card(page, provider).locator("[data-act]").click();
  const field = page.locator(`#field-${provider}`);
  assert.deepEqual([await field.getAttribute("type"), await field.getAttribute("autocomplete")], ["password", "off"]);
  await field.fill(key);
  await page.keyboard.press("Enter");
}

const mint = async (user) => {
  assert.equal(await it.service.mint(user), 200);
  const { requests } = await it.service.provider("GET", "requests");
  return requests.at(-1).account;
};

test("a key is entered, used, validated, replaced and removed, and never shown", async () => {
  const user = it.service.jwt("ana", "teacher");
  const { page, end } = await openMe(it, { jwt: user });
  const sent = [];
  page.on("request", (request) => sent.push([request.method(), new URL(request.url()).pathname, request.postData() ?? ""]));
  const names = await page.locator(".key h3").allTextContents();
  assert.equal(names[0], "OpenAI");
  assert.equal(await mint(user), "default");

  await enter(page, "sk-nobody-knows-0123456789");
  await page.waitForSelector("#field-openai-wrong:has-text('does not take this key')");
  assert.equal(await page.getAttribute("#field-openai", "aria-invalid"), "true");
  await page.fill("#field-openai", "short");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#field-openai-wrong:has-text('20 to 512')");
  await page.fill("#field-openai", MINE);
  await page.keyboard.press("Enter");
  await card(page).locator(".tag.good").waitFor();
  assert.equal(await page.locator("#field-openai").count(), 0);
  assert.match(await card(page).textContent(), /sk-…irst/);
  assert.equal(await mint(user), "first", "the user’s key pays");

  await act(page, "Replace");
  await page.fill("#field-openai", NEXT);
  await page.keyboard.press("Enter");
  await card(page).locator("code:text('sk-…ther')").waitFor();
  assert.equal(await mint(user), "other");

  await it.service.provider("PUT", "accounts", { name: "other", key: NEXT, standing: "no_quota" });
  await act(page, "Validate");
  await card(page).locator(".tag.bad:text('no credit')").waitFor();
  assert.match(await card(page).textContent(), /Add credit at the provider/);

  assert.ok(!(await page.content()).includes("0123456789"), "no key is in the page");
  const secret = sent.filter(([, path, body]) => `${path} ${body}`.includes("0123456789"));
  assert.ok(secret.length >= 3 && secret.every(([method, path]) => method === "PUT" && path === "/v1/me/keys/openai"));

  await act(page, "Remove");
  await page.click("#ask-no");
  assert.equal(await card(page).locator(".tag").textContent(), "no credit");
  await act(page, "Remove");
  await page.keyboard.press("Escape");
  await act(page, "Remove");
  await page.click("#ask-yes");
  await card(page).locator(".tag:text('no key')").waitFor();
  assert.equal(await page.textContent("#status"), "The key of OpenAI is removed.");
  assert.equal(await mint(user), "default");
  await end();
});

test("what stands about a key says what to do", async () => {
  const key = (provider, state, more) => ({ provider, state, masked: "sk-…abcd", is_old: false, created_at: OLD, updated_at: OLD, last_used_at: null, last_validated_at: null, ...more });
  const context = await openMe(it);
  const { page } = context;
  const list = { providers: ["openai", "gemini"], keys: [key("openai", "unreadable"), key("gemini", "valid", { is_old: true, last_used_at: OLD }), key("retired", "refused")] };
  await page.route("**/v1/me/keys", (route) => route.fulfill({ contentType: "application/json", body: JSON.stringify(list) }));
  await page.fill("#jwt", it.service.jwt("ana", "student"));
  await page.click("#enter");
  await card(page).waitFor();
  assert.match(await card(page).textContent(), /Enter it again/);
  assert.equal(await card(page).getByRole("button", { name: /Validate/ }).count(), 0);
  assert.match(await card(page, "gemini").textContent(), /old.*Make a new one/s);
  assert.deepEqual(await card(page, "retired").getByRole("button").allTextContents(), ["Remove"]);
  await context.end();
});

test("a provider that can’t be reached keeps nothing, and says so", async () => {
  const { page, end } = await openMe(it, { jwt: it.service.jwt("dan", "student") });
  await it.service.provider("PUT", "fault", { fault: { kind: "server_error" } });
  await enter(page, MINE);
  await page.waitForSelector("#field-openai-wrong:not([hidden])");
  await card(page).getByRole("button", { name: "Save without asking the provider" }).click();
  await page.waitForSelector("#field-openai-wrong:has-text('leave `validate` out')");
  await it.service.provider("DELETE", "fault");
  await page.keyboard.press("Enter");
  await card(page).locator(".tag.good").waitFor();
  await end();
});

test("a provider that nobody can ask is said to be one", async () => {
  const { page, end } = await openMe(it, { jwt: it.service.jwt("eva", "student") });
  await enter(page, "exa-0123456789-abcdefghij", "exa");
  await card(page, "exa").locator(".tag:text('not validated')").waitFor();
  await card(page, "exa").getByRole("button", { name: /^Validate/ }).click();
  await card(page, "exa").locator(".trouble:has-text('no way to ask')").waitFor();
  await end();
});

test("a list that can’t be had is asked for again; a service without sealing keys says so", async () => {
  const { page, end } = await openMe(it);
  await page.route("**/v1/me/keys", (route) => route.abort());
  await page.fill("#jwt", it.service.jwt("ana", "student"));
  await page.click("#enter");
  await page.waitForSelector("#keys .trouble:has-text('does not answer')");
  await page.unroute("**/v1/me/keys");
  await page.route("**/v1/me/keys", (route) => route.fulfill({ contentType: "application/json", body: '{"keys":[],"providers":[]}' }));
  await page.click("#keys .trouble button");
  await page.waitForSelector("#keys .empty:has-text('keeps no keys')");
  await end();
});
