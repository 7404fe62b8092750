// The demo talks: from one click to a voice, over real WebRTC, and every way in which it ends.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { around, findings, watch } from "./browser.js";
import { demo } from "./demo.js";
import { writeSpeech } from "./voice/speech.js";

/** How long anything may take to come about, in milliseconds. Only a failure waits so long. */
const PATIENCE = 30_000;

const folder = mkdtempSync(join(tmpdir(), "ephemint-demo-"));
after(() => rmSync(folder, { recursive: true }));
const speech = join(folder, "speech.wav");
writeSpeech(speech);

const it = around(null, demo, ["--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${speech}`, "--allow-loopback-in-peer-connection"]);

/** Opens the demo in a context of its own. `end()` says what was wrong. */
async function open({ microphone = true, width = 1360, theme = "light" } = {}) {
  const { browser, service: { base } } = it;
  const context = await browser.newContext({
    viewport: { width, height: 960 }, colorScheme: theme, locale: "en-GB", reducedMotion: "reduce", permissions: microphone ? ["microphone"] : [],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.addInitScript(() => {
    Object.assign(window, { peers: [], opened: [] });
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = async function (wish) {
      const stream = await getUserMedia.call(this, wish);
      window.opened.push(stream.getAudioTracks()[0].getSettings().deviceId);
      return stream;
    };
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...given) {
        super(...given);
        window.peers.push(this);
      }
    };
  });
  const { provider } = await (await fetch(`${base}/demo/config`)).json();
  const wrong = watch(page, base, provider);
  await page.goto(base);
  await page.waitForSelector("#talk:not([disabled])");
  return {
    page,
    live: () => page.waitForSelector("#talk-card[data-tone=live]"),
    ended: (reason) => page.waitForSelector(`#talk-card[data-tone=ended][data-reason=${reason}]`),
    /** Says something in writing, and waits for the voice's whole answer. */
    async ask(text) {
      const before = await page.locator("#transcript .voice").count();
      await page.fill("#typed-text", text);
      await page.press("#typed-text", "Enter");
      await page.waitForSelector(`#transcript .you:has-text(${JSON.stringify(text)})`);
      await page.locator("#transcript .voice[aria-busy=false]").nth(before).waitFor();
    },
    async end() {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

/** Bytes of sound that have come to the page. */
const heard = (page) => page.evaluate(async () => {
  const reports = await Promise.all(window.peers.map((peer) => peer.getStats()));
  return reports.flatMap((report) => [...report.values()]).filter(({ type, kind }) => type === "inbound-rtp" && kind === "audio")
    .reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
});

const level = (page, which) => page.waitForFunction((id) => Number(document.getElementById(id).getAttribute("aria-valuenow")) > 0, `meter-${which}`, { polling: 50 });

/** What is left of this user's hour. */
async function left(user) {
  const { base } = it.service;
  const { token } = await (await fetch(`${base}/demo/token`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ user }) })).json();
  const usage = await (await fetch(`${base}/v1/me/usage`, { headers: { authorization: `Bearer ${token}` } })).json();
  return usage.rate_limit.remaining;
}

test("one click talks", async () => {
  const { page, live, ended, ask, end } = await open();
  assert.equal(await page.textContent("#talk-name"), "Talk as Ana");
  await page.click("#talk");
  await live();
  assert.equal(await page.textContent("#talk-name"), "Hang up");
  await page.waitForSelector("#allowance .left:has-text('9 of 10 left for Ana')");
  await page.waitForSelector("#result .ticket.minted");
  await page.waitForSelector("[data-straight].talks");

  await Promise.all([level(page, "in"), page.waitForSelector("#transcript .you"), page.waitForSelector("#transcript .voice[aria-busy=false]")]);
  await level(page, "out");
  assert.ok(await heard(page) > 0);
  await page.waitForFunction(() => document.getElementById("speaker").currentTime > 0.2);
  await ask("Where is the sea?");

  await page.locator("#events li", { hasText: "session.created" }).locator("summary").click();
  await page.waitForSelector("#events pre:has-text('session.created')");
  assert.ok(Number(await page.textContent("#event-count")) >= 5);

  // Chromium has three that are not real.
  await page.selectOption("#microphone", { index: 2 });
  await page.waitForFunction(() => window.opened.at(-1) === document.getElementById("microphone").value);

  await page.click("#mute");
  await page.waitForSelector("#mute[aria-pressed=true]");
  await page.waitForSelector("#call-say:has-text('You are muted')");
  await page.click("#talk");
  await ended("closed_by_user");
  assert.equal(await page.textContent("#call-title"), "You hung up");
  assert.notEqual(await page.textContent("#call-say"), "");
  await page.waitForSelector("#mute[disabled]");
  assert.ok(await page.evaluate(() => window.peers.every((peer) => peer.connectionState === "closed")));
  assert.equal(await page.getAttribute("#meter-out", "aria-valuenow"), "0");
  await end();
});

test("it is talked to with the keyboard alone", async () => {
  const { page, live, ended, end } = await open();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Space");
  await live();
  assert.equal(await page.evaluate(() => document.activeElement.id), "talk");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.waitForSelector("#mute[aria-pressed=true]");
  await page.keyboard.press("Escape");
  await ended("closed_by_user");
  await page.focus("#way-library");
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector("#way-sdk[aria-selected=true]:focus");
  await page.waitForSelector("#snippet-code:has-text('@openai/agents-realtime')");
  await end();
});

test("an hour that is used up is counted down, and is nobody else’s", async () => {
  const { page, ended, end } = await open();
  await page.check("input[value=profe-luis]", { force: true });
  await page.waitForSelector("#talk-name:has-text('Talk as Luis')");
  await page.click("#tricks button:has-text('Use up the hour')");
  await page.waitForSelector("#allowance .left:has-text('0 of')");
  await page.waitForSelector("body:not(.busy)");
  await page.click("#talk");
  await ended("rate_limited");
  await page.waitForSelector("#call-ways .quiet:has-text('Try again')[disabled]");
  const wait = () => page.textContent("#call-ways .wait b");
  const before = await wait();
  assert.match(before, /^5\d:\d\d$/);
  await page.waitForFunction((before) => document.querySelector("#call-ways .wait b").textContent !== before, before);
  await page.check("input[value=rosa]", { force: true });
  await page.waitForSelector("#talk-card[data-tone=idle]");
  await end();
});

test("a wish that the policy does not allow is told as such", async () => {
  const { page, ended, end } = await open();
  await page.click("#roles label:has-text('teacher')");
  await page.click("#talk");
  await ended("policy");
  await page.waitForSelector("#call-ways code:has-text('role_not_allowed')");
  await page.waitForSelector("#result .ticket.refusal");
  await end();
});

test("a microphone that is refused spends no token, and one can type instead", async () => {
  const before = await left("rosa");
  const { page, live, ended, ask, end } = await open({ microphone: false });
  await page.check("input[value=rosa]", { force: true });
  await page.click("#talk");
  await ended("microphone_denied");
  assert.notEqual(await page.textContent("#call-say"), "");
  assert.equal(await left("rosa"), before);
  await page.click("#call-ways button:has-text('Type instead')");
  await live();
  await page.waitForSelector("#typed-text:focus");
  assert.equal(await left("rosa"), before - 1);
  await ask("Can you read this?");
  await end();
});

test("the log of events is bounded, and a row of one type is one line", async () => {
  const { page, end } = await open();
  const lines = await page.evaluate(async () => {
    const { createEventLog } = await import("/demo/event-log.js");
    const list = document.createElement("ol");
    const log = createEventLog(list, document.createElement("span"));
    for (let number = 0; number < 500; number += 1) log.add("in", { type: `a.${number}` });
    for (let number = 0; number < 500; number += 1) log.add("out", { type: "b" });
    return [list.childElementCount, list.lastElementChild.textContent.match(/× \d+/)[0]];
  });
  assert.deepEqual(lines, [200, "× 500"]);
  await end();
});

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing in a call, ${theme}`, async () => {
    const { page, live, end } = await open({ theme });
    assert.deepEqual(await findings(page), []);
    await page.click("#talk");
    await live();
    await page.waitForSelector("#transcript .voice[aria-busy=false]");
    assert.deepEqual(await findings(page), []);
    await page.keyboard.press("Escape");
    assert.deepEqual(await findings(page), []);
    await end();
  });
}

test("a phone shows it without scrolling sideways, the button at once", async () => {
  const { page, live, end } = await open({ width: 390 });
  // What comes late has its place already.
  const early = await page.locator("#talk").boundingBox();
  await page.waitForSelector("#own:not(:empty)");
  const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(await sideways(), 0);
  const button = await page.locator("#talk").boundingBox();
  assert.deepEqual(button, early, "nothing jumps");
  assert.ok(button.y + button.height < 800, `the button ends at ${button.y + button.height}`);
  await page.click("#talk");
  await live();
  await page.waitForSelector("#transcript .voice[aria-busy=false]");
  assert.equal(await sideways(), 0);
  assert.deepEqual(await page.locator("#talk").boundingBox(), button, "nothing jumps");
  await end();
});
