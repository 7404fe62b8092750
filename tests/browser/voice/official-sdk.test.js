// The provider's own SDK, as it was published, with a token and an address from Ephemint.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, stage } from "./stage.js";

const it = stage();

test("the official SDK connects, configures its session, talks, sounds and closes", async () => {
  const { page, until, end } = await open(it);
  const calling = page.waitForResponse(/realtime\/calls$/);
  await page.evaluate(connect, { endpoint: `${it.service.base}/v1/realtime/client_secrets`, jwt: it.service.jwt("ana", "reader") });
  assert.equal((await calling).status(), 201);
  assert.ok((await calling).request().headers()["x-openai-agents-sdk"], "it is not the SDK that called");

  const [created, updated] = await page.evaluate(() => ["session.created", "session.updated"].map((type) => window.witness.events(type)[0].session.instructions));
  assert.equal(created, "Read in English with somebody.");
  // The page of an application is its own: what its SDK sets replaces what the token carried.
  assert.equal(updated, "Be brief.");
  assert.equal(await page.evaluate(() => window.session.transport.callId.startsWith("rtc_")), true);

  await page.evaluate(() => window.session.sendMessage("Once upon a time"));
  const answer = () => window.session.history.find(({ role, status }) => role === "assistant" && status === "completed");
  const { content: [{ transcript }] } = await until("an answer in the history", answer);
  assert.match(transcript, /Once upon a time/);
  const asked = await page.evaluate(() => window.session.history.find(({ role }) => role === "user"));
  assert.equal(asked.content[0].text, "Once upon a time");
  await until("sound", () => window.witness.sound().then(({ bytes, energy, played }) => bytes > 0 && energy > 0 && played > 0));

  await page.evaluate(() => window.session.close());
  await until("the end", () => window.witness.open() === 0 && window.witness.listening() === 0);
  assert.deepEqual(await page.evaluate(() => window.wrong), []);
  await end();
});

/** In the page: what an application does with the SDK. */
async function connect({ endpoint, jwt }) {
  const { OpenAIRealtimeWebRTC, RealtimeAgent, RealtimeSession } = await import("@openai/agents-realtime");
  const answer = await fetch(endpoint, { method: "POST", headers: { Authorization: `Bearer ${jwt}` } });
  const minted = await answer.json();
  const transport = new OpenAIRealtimeWebRTC({ baseUrl: minted.connect_url, audioElement: document.querySelector("audio") });
  const session = new RealtimeSession(new RealtimeAgent({ name: "Mentor", instructions: "Be brief." }), { transport, model: minted.session.model });
  Object.assign(window, { session, wrong: [] });
  session.on("error", ({ error }) => window.wrong.push(JSON.stringify(error)));
  await session.connect({ apiKey: minted.value });
}
