// From a token to a voice, with the library.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ROUND } from "./speech.js";
import { eventually, open, stage } from "./stage.js";

const it = stage();

/** Begins a call, and gives what the service and the provider answered. */
async function called({ page, start }, jwt, options) {
  const [minting, calling] = [page.waitForResponse(/client_secrets$/), page.waitForResponse(/realtime\/calls$/)];
  assert.deepEqual(await start(jwt, options), { state: "live", failure: null });
  const [minted, call] = [await (await minting).json(), await calling];
  assert.equal(call.status(), 201);
  return { minted, location: call.headers().location };
}

describe("the library", { concurrency: 4 }, () => {
  test("goes from a token to a call with the policy's words, and to an answer that is heard", async () => {
    const app = await open(it);
    const { page, until, ask, said, send, end } = app;
    const { minted } = await called(app, it.service.jwt("ana", "reader", 3600, "Ana"), { language: "es-MX" });
    assert.deepEqual([minted.role, minted.language], ["reader", "es"]);

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
    const louder = (before) => window.witness.sound().then((now) => now.bytes > before.bytes && now.energy > before.energy && now.played > before.played);
    await send({ type: "response.create" });
    await until("sound that grows and plays", louder, before);
    await until("a level to show", () => window.session.levels().output > 0);
    await until("a second response, of a longer conversation", (before) => window.witness.events("response.done")[1]?.response.usage.input_tokens > before, response.usage.input_tokens);

    assert.ok(!JSON.stringify(await said()).includes(minted.value), "the library tells the token");
    const [told, heard] = await page.evaluate(() => [window.said.events, window.witness.heard].map((events) => events.map(({ event_id }) => event_id)));
    assert.deepEqual(told, heard, "an event was lost on the way through the library, or came twice");
    await page.evaluate(() => window.session.close());
    await end();
  });

  test("ends when the other side hangs up, and says so", async () => {
    const app = await open(it);
    const { minted, location } = await called(app, it.service.jwt("finn", "reader"));
    const hangUp = (authorization) => fetch(`${new URL(location, it.service.upstream)}/hangup`, { method: "POST", headers: { authorization } });
    assert.equal((await hangUp("Bearer ek_of-somebody-else")).ok, false);
    assert.equal(await app.page.evaluate(() => window.session.state), "live");
    assert.equal((await hangUp(`Bearer ${minted.value}`)).status, 200);
    const { reason, message } = await app.ended();
    assert.deepEqual([reason, /other side/.test(message)], ["ended_by_operator", true], message);
    assert.deepEqual((await app.said()).states, ["requesting", "connecting", "live", "ended"]);
    assert.deepEqual(await app.page.evaluate(() => [window.witness.open(), window.witness.listening()]), [0, 0], "something is still on");
    await app.end();
  });

  test("leaves no call and no microphone behind when it is closed, and may begin again", async () => {
    const app = await open(it);
    const { page, start, until, ended, end } = app;
    const { location } = await called(app, it.service.jwt("bo", "reader"));
    const id = location.split("/").at(-1);
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

  test("ends with its page, however that goes", async () => {
    for (const leave of [(page) => page.reload(), (page) => page.close()]) {
      const app = await open(it);
      const { location } = await called(app, it.service.jwt("gil", "reader"));
      await leave(app.page);
      const id = location.split("/").at(-1);
      await eventually("the provider has no such call", async () => !(await calls()).includes(id));
      await app.end();
    }
  });

  test("has speech heard and answered, and nothing while it is muted", async () => {
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

/** The ids of the calls that the provider has. */
const calls = async () => (await it.service.provider("GET", "calls")).calls.map(({ id }) => id);
