// What the library says when there is to be no conversation, and that it cost nothing.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { JWT_SECRET } from "../service.js";
import { open, stage } from "./stage.js";

const it = stage();

const minted = async () => (await it.service.provider("GET", "requests")).minted;

/** The rows of the ledger that are this user's. */
const rows = async (sub) => (await it.service.api(`/v1/admin/mints?user=${sub}`)).mints;

/** Neither connections nor microphones are left in the page. */
const nothingLeft = async (page) => assert.deepEqual(await page.evaluate(() => [window.witness.open(), window.witness.listening()]), [0, 0]);

/** A JWT as it was an hour before it expired, two hours later. */
function expired(jwt) {
  const [header, payload] = jwt.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  for (const time of ["iat", "exp"]) claims[time] -= 7200;
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${signed}.${createHmac("sha256", JWT_SECRET).update(signed).digest("base64url")}`;
}

test("when the hour is spent, it says for how long, as the service does", async () => {
  const { page, start, end } = await open(it);
  const jwt = it.service.jwt("ana", "once");
  assert.equal((await start(jwt)).state, "live");
  await page.evaluate(() => window.session.close());
  const refusing = page.waitForResponse((answer) => answer.status() === 429);
  const { state, failure } = await start(jwt);
  const seconds = Number((await refusing).headers()["retry-after"]);
  assert.ok(seconds > 3000 && seconds <= 3600, `${seconds}`);
  assert.deepEqual([state, failure.name, failure.reason, failure.code, failure.retryAfter], ["ended", "SessionError", "rate_limited", "rate_limit_exceeded", seconds]);
  assert.match(failure.message, /\b(59|60) minutes/);
  assert.match((await start(jwt, { locale: "es" })).failure.message, /\b(59|60) minutos/);
  await nothingLeft(page);
  assert.equal((await rows("ana")).length, 1);
  await end();
});

test("an expired JWT opens nothing and spends nothing", async () => {
  const { page, start, end } = await open(it);
  const [before, jwt] = [await minted(), it.service.jwt("bo", "reader")];
  const { state, failure } = await start(expired(jwt));
  assert.deepEqual([state, failure.reason, failure.code], ["ended", "unauthorized", "unauthorized"]);
  assert.match(failure.detail, /expired/);
  await nothingLeft(page);
  assert.deepEqual([await minted(), await rows("bo")], [before, []]);
  assert.equal((await start(jwt)).state, "live", "the same user, with a token of today");
  await page.evaluate(() => window.session.close());
  await end();
});

test("a microphone that is refused costs no token", async () => {
  const { page, start, end } = await open(it, { microphone: false });
  const before = await minted();
  const { state, failure } = await start(it.service.jwt("cleo", "reader"));
  assert.deepEqual([state, failure.reason], ["ended", "microphone_denied"]);
  assert.deepEqual(await page.evaluate(() => window.witness.posted), []);
  await nothingLeft(page);
  assert.deepEqual([await minted(), await rows("cleo")], [before, []]);
  await end();
});

test("a service that is not there is the network's fault", async () => {
  const { page, start, end } = await open(it);
  await page.route(/client_secrets$/, (route) => route.abort("connectionrefused"));
  const { state, failure } = await start(it.service.jwt("dan", "reader"));
  assert.deepEqual([state, failure.reason], ["ended", "network"]);
  await nothingLeft(page);
  await end();
});

test("what the policy does not allow is refused by name, and spends nothing", async () => {
  const { page, start, end } = await open(it);
  const { state, failure } = await start(it.service.jwt("eva", "reader"), { session: { audio: { output: { voice: "ash" } } } });
  assert.deepEqual([state, failure.reason, failure.code], ["ended", "policy", "not_allowed"]);
  assert.match(failure.detail, /Voice `ash` is not allowed/);
  await nothingLeft(page);
  assert.deepEqual(await rows("eva"), []);
  await end();
});

test("a provider that takes the token and not the call is named as such, in its own words", async () => {
  const { page, start, end } = await open(it);
  await page.route(/realtime\/calls$/, async (route) => {
    await it.service.provider("PUT", "fault", { fault: { kind: "insufficient_quota" } });
    await route.continue();
  });
  const { state, failure } = await start(it.service.jwt("finn", "reader"));
  await it.service.provider("DELETE", "fault");
  assert.deepEqual([state, failure.reason, failure.code], ["ended", "provider", "insufficient_quota"]);
  await nothingLeft(page);
  assert.equal((await rows("finn")).length, 1, "a token that was handed out is spent, once");
  await end();
});
