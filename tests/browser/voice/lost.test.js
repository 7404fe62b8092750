// The other side goes without a word, or the time is over.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { open, stage } from "./stage.js";

const it = stage();

/** The rows of the ledger that are this user's. */
const rows = async (sub) => (await it.service.api(`/v1/admin/mints?user=${sub}`)).mints.length;

/** Begins a call; its id at the provider. */
async function called({ page, start }, jwt) {
  const call = page.waitForResponse(/realtime\/calls$/);
  assert.equal((await start(jwt)).state, "live");
  return (await call).headers().location.split("/").at(-1);
}

/** What a call is after the provider went: lost, and then there again. */
const BACK = ["requesting", "connecting", "live", "reconnecting", "live"];

describe("a call that is lost", { concurrency: 4 }, () => {
  test("is made again with the token that is still good, though the user's clock be wrong", async () => {
    const app = await open(it);
    await app.page.evaluate(() => {
      const { now } = Date;
      Date.now = () => now() + 3_600_000;
    });
    const id = await called(app, it.service.jwt("ana", "reader"));
    await it.service.provider("DELETE", `calls/${id}`);
    await app.state("reconnecting");
    await app.state("live");
    assert.deepEqual((await app.said()).states, BACK);
    assert.deepEqual([await rows("ana"), (await app.said()).minted.length], [1, 1], "a second token for one call");
    await app.ask("Are you there?");
    assert.deepEqual(await app.page.evaluate(() => [window.witness.open(), window.witness.microphones.length]), [1, 1]);
    await app.page.evaluate(() => window.session.close());
    await app.end();
  });

  test("is made again with a new token where the old one has expired", async () => {
    const app = await open(it);
    const id = await called(app, it.service.jwt("bo", "brief"));
    await app.until("the token to expire", () => Date.now() / 1000 > window.said.minted[0].expires_at + 1);
    assert.equal((await app.said()).states.at(-1), "live", "a session outlives its token");
    await it.service.provider("DELETE", `calls/${id}`);
    await app.state("reconnecting");
    await app.state("live");
    assert.deepEqual((await app.said()).states, BACK);
    assert.deepEqual([await rows("bo"), (await app.said()).minted.length], [2, 2]);
    const calls = await app.page.evaluate(() => window.witness.posted.filter((url) => url.endsWith("/realtime/calls")).length);
    assert.equal(calls, 2, "the expired token was tried");
    await app.ask("Are you there?");
    await app.page.evaluate(() => window.session.close());
    await app.end();
  });

  test("ends where nobody answers any more", async () => {
    const app = await open(it);
    const id = await called(app, it.service.jwt("cleo", "reader"));
    await app.page.route(/realtime\/calls$/, (route) => route.abort("connectionrefused"));
    await it.service.provider("DELETE", `calls/${id}`);
    assert.equal((await app.ended()).reason, "network");
    assert.deepEqual(await app.page.evaluate(() => [window.witness.open(), window.witness.listening()]), [0, 0]);
    await app.end();
  });

  test("ends by itself when the policy's time is over", async () => {
    const app = await open(it);
    await called(app, it.service.jwt("dan", "hurried"));
    const began = Date.now();
    assert.equal((await app.said()).minted[0].max_call_seconds, 10);
    assert.equal((await app.ended()).reason, "deadline");
    const lasted = (Date.now() - began) / 1000;
    assert.ok(lasted > 5 && lasted < 25, `${lasted} seconds`);
    assert.deepEqual(await app.page.evaluate(() => [window.witness.open(), window.witness.listening()]), [0, 0]);
    await app.end();
  });
});
