// Sessions of a provider that lets none last for more than a few seconds.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { open, stage } from "./stage.js";

/** The provider's longest session, in seconds. */
const LIFE = 8;

const it = stage("--session-life", String(LIFE));

const calls = async () => (await it.service.provider("GET", "calls")).calls;

describe("a conversation that is longer than a session", { concurrency: 2 }, () => {
  test("goes on: twice renewed before the end, with one microphone and one token", async () => {
    const { page, start, until, ask, said, end } = await open(it);
    assert.equal((await start(it.service.jwt("ana", "reader"), { renewAfter: LIFE / 2 })).state, "live");
    await ask("one");
    for (const sessions of [2, 3]) {
      await until(`session ${sessions}`, (sessions) => window.witness.events("session.created").length === sessions && window.session.state === "live", sessions);
      await until("the one before to close", () => window.witness.open() === 1);
      await ask(`session ${sessions}`);
    }
    assert.deepEqual(await page.evaluate(() => [window.witness.microphones.length, window.witness.listening()]), [1, 1]);
    assert.deepEqual((await said()).states.filter((state) => state === "reconnecting"), [], "it was gone in between");
    assert.deepEqual(await page.evaluate(() => window.witness.events("error")), []);
    assert.equal((await said()).minted.length, 1);
    await page.evaluate(() => window.session.close());
    await end();
  });

  test("goes on where the provider ended the session first", async () => {
    const { page, start, until, ask, end } = await open(it);
    assert.equal((await start(it.service.jwt("bo", "reader"))).state, "live");
    await until("the session to expire", () => window.witness.events("error").some(({ error }) => error.code === "session_expired"));
    await until("another", () => window.witness.events("session.created").length > 1 && window.session.state === "live");
    await ask("Are you there?");
    assert.deepEqual(await page.evaluate(() => [window.witness.microphones.length, window.witness.listening(), window.witness.open()]), [1, 1, 1]);
    await page.evaluate(() => window.session.close());
    await end();
  });
});
