// A service, a simulated provider, an application, and browsers with a microphone.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { around, watch } from "../browser.js";
import { SEALING, start } from "../service.js";
import { site } from "./site.js";
import { writeSpeech } from "./speech.js";
import { witness } from "./witness.js";

/** Roles whose users talk. Where nothing detects turns, the microphone interrupts nobody: that is for tests that write. */
const ROLES = `
[roles.reader]
hourly_tokens = 100
turn_detection = "none"
[roles.reader.instructions]
en = "Read in English with {{ name or 'somebody' }}."
es = "Lee en español con {{ name or 'alguien' }}."
[roles.speaker]
hourly_tokens = 100
turn_detection = { type = "server_vad", silence_duration_ms = 500 }
[roles.once]
hourly_tokens = 1
[roles.brief]
hourly_tokens = 100
token_ttl_seconds = 10
turn_detection = "none"
[roles.hurried]
max_call_seconds = 10
[roles.tinkerer]
allowed_voices = ["marin", "cedar"]
user_may_set = ["voice"]
`;

/** How long anything may take to come about. Only a failure waits so long. */
const PATIENCE = 30_000;

/** What the tests of a file need; `flags` are for the simulated provider. */
export function stage(...flags) {
  const folder = mkdtempSync(join(tmpdir(), "ephemint-voice-"));
  const speech = join(folder, "speech.wav");
  writeSpeech(speech);
  const it = around(null, async () => {
    const app = await site();
    const service = await start({ ALLOWED_ORIGINS: app.origin, ENCRYPTION_KEYS: SEALING }, null, ROLES, flags);
    return { ...service, app, stop: async () => (await app.stop(), service.stop()) };
  }, [
    "--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${speech}`,
    "--allow-loopback-in-peer-connection",
  ]);
  after(() => rmSync(folder, { recursive: true }));
  return it;
}

/** Opens the application in a context of its own. `end()` says what was wrong. */
export async function open({ browser, service }, { microphone = true } = {}) {
  const context = await browser.newContext({ permissions: microphone ? ["microphone"] : [], locale: "en-GB" });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const wrong = watch(page, service.app.origin, service.base, service.upstream);
  await page.addInitScript(witness);
  await page.goto(service.app.origin);

  /** Waits until something is true in the page, a promise of it too; says what the page has seen where it never is. */
  const until = (what, condition, argument) => eventually(what, () => page.evaluate(condition, argument)).catch(async (error) => {
    const seen = await page.evaluate(() => ({ states: window.said?.states, ended: window.said?.ended, events: window.witness.heard.map(({ type }) => type) }));
    throw new Error(`${error.message}: ${JSON.stringify(seen)}`, { cause: error });
  });

  return {
    page, until,
    /** Begins a session with the library; resolves when it is live or has ended. */
    start: (jwt, options = {}) => page.evaluate(begin, { endpoint: `${service.base}/v1/realtime/client_secrets`, ...options, jwt }),
    /** What the session has said of itself. */
    said: () => page.evaluate(() => window.said),
    send: (event) => page.evaluate((event) => window.session.send(event), event),
    /** Has the model say something to a text; it is done when this resolves. */
    async ask(text) {
      const before = await page.evaluate(() => window.witness.events("response.done").length);
      await page.evaluate((text) => {
        window.session.send({ type: "conversation.item.create", item: { type: "message", role: "user", content: [{ type: "input_text", text }] } });
        window.session.send({ type: "response.create" });
      }, text);
      await until("a response", (before) => window.witness.events("response.done").length > before, before);
    },
    /** Lets so many seconds of the microphone go by. */
    async pass(seconds) {
      const from = await page.evaluate(() => window.witness.said());
      await until(`${seconds} seconds of the microphone`, (to) => window.witness.said().then((now) => now > to), from + seconds);
    },
    ended: () => until("the end", () => window.said.ended),
    state: (state) => until(`state ${state}`, (state) => window.said.states.at(-1) === state, state),
    async end() {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

/** Waits until something is so, and gives what it is. */
export async function eventually(what, condition) {
  const late = Date.now() + PATIENCE;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > late) throw new Error(`${what}: it never came to that`);
    await new Promise((retry) => setTimeout(retry, 50));
  }
}

/** In the page: what an application does to talk, and what it then hears from the library. */
async function begin({ jwt, ...options }) {
  const { Session } = await import("@ephemint/client");
  const said = { states: [], events: [], minted: [], ended: null };
  const session = new Session({ audio: document.querySelector("audio"), ...options, getJwt: () => jwt });
  Object.assign(window, { session, said });
  session.on("state", (state) => said.states.push(state));
  session.on("event", (event) => said.events.push(event));
  session.on("minted", (minted) => said.minted.push(minted));
  session.on("ended", (ended) => (said.ended = ended));
  const failure = await session.start().then(() => null, (error) => error);
  return { state: session.state, failure: failure && { ...failure.ended, name: failure.name } };
}
