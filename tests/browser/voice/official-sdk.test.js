// The provider's own SDK, as it was published, with a token and an address from Ephemint.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, stage } from "./stage.js";

const it = stage();

test("the official SDK connects, configures its session, talks, sounds and closes", async () => {
  const { page, until, pass, end } = await open(it);
  const calling = page.waitForResponse(/realtime\/calls$/);
  await page.evaluate(connect, { endpoint: `${it.service.base}/v1/realtime/client_secrets`, jwt: it.service.jwt("ana", "reader") });
  assert.equal((await calling).status(), 201);
  assert.ok((await calling).request().headers()["x-openai-agents-sdk"], "it is not the SDK that called");

  const [created, updated] = await page.evaluate(() => ["session.created", "session.updated"].map((type) => window.witness.events(type)[0].session.instructions));
  assert.equal(created, "Read in English with somebody.");
  // The page of an application is its own: what its SDK sets replaces what the token carried.
  assert.equal(updated, "Be brief.");
  assert.equal(await page.evaluate(() => window.session.transport.callId.startsWith("rtc_")), true);

  // Its own settings let the user interrupt, so who writes keeps quiet.
  await page.evaluate(() => window.session.mute(true));
  await pass(1);
  await page.evaluate(() => window.session.sendMessage("Once upon a time"));
  const answered = () => window.session.history.some(({ role, status, content }) =>
    role === "assistant" && status === "completed" && content[0].transcript?.includes("Once upon a time"));
  await until("an answer in the history", answered);
  assert.ok(await page.evaluate(() => window.session.history.some(({ role, content }) => role === "user" && content[0].text === "Once upon a time")));
  await until("sound", () => window.witness.sound().then(({ bytes, energy, played }) => bytes > 0 && energy > 0 && played > 0));

  await page.evaluate(() => window.session.close());
  await until("the end", () => window.witness.open() === 0 && window.witness.listening() === 0);
  assert.deepEqual(await page.evaluate(() => window.wrong), []);
  await end();
});

test("an application may have the SDK leave the policy's instructions as they are", async () => {
  const { page, end } = await open(it);
  const config = { providerData: { instructions: undefined } };
  await page.evaluate(connect, { endpoint: `${it.service.base}/v1/realtime/client_secrets`, jwt: it.service.jwt("bo", "reader"), config });
  assert.equal(await page.evaluate(() => window.witness.events("session.updated").at(-1).session.instructions), "Read in English with somebody.");
  await page.evaluate(() => window.session.close());
  await end();
});

/** In the page: what an application does with the SDK. */
async function connect({ endpoint, jwt, config }) {
  const { OpenAIRealtimeWebRTC, RealtimeAgent, RealtimeSession } = await import("@openai/agents-realtime");
  const answer = await fetch(endpoint, { method: "POST", headers: { Authorization: `Bearer ${jwt}` } });
  const minted = await answer.json();
  const transport = new OpenAIRealtimeWebRTC({ baseUrl: minted.connect_url, audioElement: document.querySelector("audio") });
  const session = new RealtimeSession(new RealtimeAgent({ name: "Mentor", instructions: "Be brief." }), { transport, model: minted.session.model, config });
  Object.assign(window, { session, wrong: [] });
  session.on("error", ({ error }) => window.wrong.push(JSON.stringify(error)));
  await session.connect({ apiKey: minted.value });
}
