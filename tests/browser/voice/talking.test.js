// From a token to a voice, with the library.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ROUND } from "./speech.js";
import { eventually, open, stage } from "./stage.js";

const it = stage();

describe("the library", { concurrency: 3 }, () => {
  test("a token, a call with the policy's words, an answer that is heard, and a hang-up by the other side", async () => {
    const { page, start, until, ask, ended, said, send, end } = await open(it);
    const [minting, calling] = [page.waitForResponse(/client_secrets$/), page.waitForResponse(/realtime\/calls$/)];
    assert.deepEqual(await start(it.service.jwt("ana", "reader", 3600, "Ana"), { language: "es-MX" }), { state: "live", failure: null });
    const [minted, call] = [await (await minting).json(), await calling];
    assert.deepEqual([minted.role, minted.language, call.status()], ["reader", "es", 201]);

    await until("session.created", () => window.witness.events("session.created").length > 0);
    const { session } = await page.evaluate(() => window.witness.events("session.created")[0]);
    assert.equal(session.instructions, "Lee en español con Ana.");
    assert.equal(session.audio.output.voice, minted.session.audio.output.voice);

    await ask("Once upon a time");
    const { response } = await page.evaluate(() => window.witness.events("response.done")[0]);
    assert.equal(response.status, "completed");
    assert.ok(response.usage.output_tokens > 0 && response.usage.total_tokens > response.usage.output_tokens, JSON.stringify(response.usage));
    const [{ transcript }, spoken] = await page.evaluate(() => [
      window.witness.events("response.output_audio_transcript.done")[0],
      window.witness.events("response.output_audio_transcript.delta").map(({ delta }) => delta).join(""),
    ]);
    assert.match(transcript, /Once upon a time/);
    assert.equal(spoken, transcript);
    const before = await page.evaluate(() => window.witness.sound());
    assert.ok(before.bytes > 0, "the other side has sent nothing");
    const louder = (before) => window.witness.sound().then((now) => now.bytes > before.bytes && now.energy > 0 && now.played > before.played && now);
    await send({ type: "response.create" });
    await until("sound that grows and plays", louder, before);
    await until("a level to show", () => window.session.levels().output > 0);
    await until("a second response, of a longer conversation", (before) => window.witness.events("response.done")[1]?.response.usage.input_tokens > before, response.usage.input_tokens);

    const hangUp = (authorization) => fetch(`${new URL(call.headers().location, it.service.upstream)}/hangup`, { method: "POST", headers: { authorization } });
    assert.equal((await hangUp("Bearer ek_of-somebody-else")).ok, false);
    assert.equal((await hangUp(`Bearer ${minted.value}`)).status, 200);
    const { reason, message } = await ended();
    assert.equal(reason, "ended_by_operator");
    assert.ok(message.length > 10, message);
    assert.deepEqual((await said()).states, ["requesting", "connecting", "live", "ended"]);
    assert.equal(await page.evaluate(() => window.witness.listening()), 0, "the microphone is still on");
    assert.ok(!JSON.stringify(await said()).includes(minted.value), "the library tells the token");
    assert.deepEqual(await events(page), await page.evaluate(() => window.witness.heard.map(({ event_id }) => event_id)));
    await end();
  });

  test("who hangs up leaves no call and no microphone behind, and it may begin again", async () => {
    const { page, start, until, ended, end } = await open(it);
    const call = page.waitForResponse(/realtime\/calls$/);
    await start(it.service.jwt("bo", "reader"));
    const id = (await call).headers().location.split("/").at(-1);
    assert.ok((await calls()).includes(id));
    await page.evaluate(() => (window.session.close(), window.session.close()));
    assert.equal((await ended()).reason, "closed_by_user");
    assert.deepEqual(await page.evaluate(() => [window.witness.open(), window.witness.listening()]), [0, 0]);
    await eventually("the provider has no such call", async () => !(await calls()).includes(id));
    await start(it.service.jwt("bo", "reader"));
    await until("a second call", () => window.session.state === "live" && window.witness.open() === 1 && window.witness.listening() === 1);
    await page.evaluate(() => window.session.close());
    await end();
  });

  test("speech is heard and answered; who is muted is not heard", async () => {
    const { page, start, until, pass, end } = await open(it);
    await start(it.service.jwt("cleo", "speaker"));
    await until("speech, and an answer to it", () => ["input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "response.done"]
      .every((type) => window.witness.events(type).length > 0));
    await until("a level to show", () => window.session.levels().input > 0);

    await page.evaluate(() => window.session.mute());
    assert.equal(await page.evaluate(() => window.session.muted), true);
    // What was on its way is heard out; from then on, more of the microphone goes by than there is silence in it.
    const begun = () => page.evaluate(() => window.witness.events("input_audio_buffer.speech_started").length);
    await pass(1);
    const before = await begun();
    await pass(ROUND + 1);
    assert.equal(await begun(), before, "muted, and heard all the same");

    await page.evaluate(() => window.session.mute(false));
    await until("speech again", (before) => window.witness.events("input_audio_buffer.speech_started").length > before, before);
    await page.evaluate(() => window.session.close());
    await end();
  });
});

test("another microphone takes over in the middle of a call", async () => {
  const { page, start, until, pass, end } = await open(it);
  await start(it.service.jwt("dora", "speaker"));
  const labels = await page.evaluate(async () => {
    const { microphones } = await import("@ephemint/client");
    const [before] = window.witness.microphones;
    const other = (await microphones()).find(({ deviceId }) => ![before.getSettings().deviceId, "default"].includes(deviceId));
    await window.session.setMicrophone(other.deviceId);
    return { wanted: other.label, got: window.witness.microphones.at(-1).label };
  });
  assert.equal(labels.got, labels.wanted);
  assert.deepEqual(await page.evaluate(() => [window.witness.microphones.length, window.witness.listening()]), [2, 1], "the one before is still on");
  await pass(1);
  const before = await page.evaluate(() => window.witness.events("input_audio_buffer.speech_started").length);
  await until("speech, by the other one", (before) => window.witness.events("input_audio_buffer.speech_started").length > before, before);
  await page.evaluate(() => window.session.close());
  assert.equal(await page.evaluate(() => window.witness.listening()), 0);
  await end();
});

/** The ids of the events that the library told of, in order. */
const events = (page) => page.evaluate(() => window.said.events.map(({ event_id }) => event_id));

/** The ids of the calls that the provider has. */
const calls = async () => (await it.service.provider("GET", "calls")).calls.map(({ id }) => id);
