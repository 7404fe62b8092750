// The call: one button begins and ends it. The library does the work; this shows what comes of it.
import { announce, byId, minutes, setText } from "./code-view.js";
import { createCallState } from "./call-state.js";
import { createEventLog } from "./event-log.js";
import { Session } from "./ephemint.js";
import { createMeter } from "./meter.js";
import * as microphones from "./microphones.js";
import { MINT_PATH, jwtOf } from "./service.js";
import { state, wishes } from "./state.js";
import { createTranscript } from "./transcript.js";
import { journey, watchedFetch } from "./tries.js";

/** What some events say of the moment. A response is done before its sound has been played, and what interrupts it says so itself. */
const DOING = {
  "input_audio_buffer.speech_started": "Listening…",
  "input_audio_buffer.speech_stopped": "Thinking…",
  "response.created": "Answering…",
  "response.output_text.done": "",
  "output_audio_buffer.stopped": "",
};

let call = null;
let frame = 0;
let lacksMicrophone = false;
const meters = { input: createMeter(byId("meter-in")), output: createMeter(byId("meter-out")) };
const transcript = createTranscript(byId("transcript"));
const events = createEventLog(byId("events"), byId("event-count"));
const words = createCallState(byId("talk-card"), { again: () => begin(), type: () => begin({ typing: true }) });

const isActive = () => call !== null && !call.ended;

/** Sound that says nothing, for whoever has no microphone: `stop()` when it is no longer needed. */
function silence() {
  const context = new AudioContext();
  return { stream: context.createMediaStreamDestination().stream, stop: () => context.close() };
}

/** Begins a call as whoever is chosen; inside a click, so that the browser lets it ask for the microphone and play. */
async function begin({ typing = false } = {}) {
  if (isActive()) return;
  const person = state.user;
  const quiet = typing ? silence() : null;
  const session = new Session({
    ...wishes(), endpoint: MINT_PATH, getJwt: () => jwtOf(person), audio: byId("speaker"), locale: "en",
    fetch: watchedFetch(person), microphone: quiet ? quiet.stream : microphones.wish(),
  });
  const mine = { session, person, quiet, doing: "", liveSince: null, ended: null };
  call = mine;
  transcript.clear();
  events.clear();
  // The button that was pressed may be one that goes away now.
  byId("talk").focus();
  session.on("state", (name) => call === mine && stands(mine, name));
  session.on("event", (event) => call === mine && heard(mine, event));
  session.on("sent", (event) => call === mine && sent(event));
  session.on("blocked", () => transcript.note("The browser plays no sound before you click somewhere on this page."));
  session.on("ended", (ended) => finish(mine, ended));
  try {
    await session.start();
  } catch (error) {
    finish(mine, error.ended ?? { reason: "network", message: error.message });
  }
}

function stands(mine, name) {
  if (name === "ended") return;
  if (name === "live") {
    mine.liveSince ??= Date.now();
    announce(`Live, as ${mine.person.name}.`);
    journey.talks(true);
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(measure);
    if (!mine.quiet) microphones.refresh();
  }
  if (name === "reconnecting") announce("The line broke. Connecting again.");
  draw();
  if (name === "live" && mine.quiet) byId("typed-text").focus();
}

function heard(mine, event) {
  events.add("in", event);
  transcript.heard(event);
  if (!(event.type in DOING)) return;
  mine.doing = DOING[event.type];
  draw();
}

function sent(event) {
  events.add("out", event);
  transcript.sent(event);
}

/** The end of a call, told once. */
function finish(mine, ended) {
  mine.quiet?.stop();
  if (mine.ended) return;
  mine.ended = ended;
  if (call !== mine) return;
  journey.talks(false);
  Object.values(meters).forEach((meter) => meter.rest());
  transcript.close();
  // What is noted there is read out.
  if (mine.liveSince) transcript.note(ended.message);
  else announce(ended.message);
  words.showEnd(ended, Date.now());
  draw();
}

/** Shows the levels at each frame, as long as there is a line. */
function measure(now) {
  if (call?.session.state !== "live") return;
  const { input, output } = call.session.levels();
  meters.input.push(input, now);
  meters.output.push(output, now);
  frame = requestAnimationFrame(measure);
}

/** Draws the card as it stands. */
export function draw() {
  // Why the last call ended is no news to somebody else.
  if (call?.ended && call.person !== state.user) call = null;
  const active = isActive();
  const name = call ? call.session.state : "idle";
  const isLive = active && name === "live";
  byId("talk").classList.toggle("on", active);
  byId("talk").classList.toggle("busy", active && !isLive);
  setText(byId("talk-name"), active ? (isLive ? "Hang up" : "Cancel") : `Talk as ${state.user.name}`);
  byId("mute").disabled = !isLive;
  byId("mute").setAttribute("aria-pressed", String(isLive && call.session.muted));
  for (const control of byId("typed").elements) control.disabled = !isLive;
  if (!call) words.showIdle(lacksMicrophone);
  else if (isLive) words.show(name, call.session.muted ? "You are muted: the voice hears silence." : call.doing);
  else if (active) words.show(name);
  tick(Date.now());
}

/** What the clock does here. */
export function tick(now) {
  words.tick(now);
  const longest = call?.session.minted?.max_call_seconds;
  const seconds = call?.liveSince && isActive() ? Math.floor((now - call.liveSince) / 1000) : 0;
  setText(byId("call-time"), isActive() ? `${minutes(seconds)}${longest ? ` of ${minutes(longest)}` : ""}` : "");
}

/** Says something in writing; the line may have broken at this moment. */
function say(text) {
  try {
    call.session.send({ type: "conversation.item.create", item: { type: "message", role: "user", content: [{ type: "input_text", text }] } });
    call.session.send({ type: "response.create" });
  } catch (error) {
    transcript.note(error.message);
  }
}

/** Speaks into another one; what keeps that from working is said, and the one before goes on. */
function changeMicrophone(deviceId) {
  if (isActive() && !call.quiet) call.session.setMicrophone(deviceId).catch((error) => transcript.note(error.message));
}

/** Makes the controls work; once, when `state` is filled in. */
export function createTalk() {
  byId("talk").addEventListener("click", () => (isActive() ? call.session.close() : begin()));
  byId("mute").addEventListener("click", () => {
    call.session.mute(!call.session.muted);
    draw();
  });
  byId("typed").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("typed-text").value.trim();
    if (!text || call?.session.state !== "live") return;
    say(text);
    byId("typed").reset();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isActive() && !event.defaultPrevented) call.session.close();
  });
  microphones.createMicrophones(changeMicrophone);
  byId("talk").disabled = false;
  draw();
  // Somebody without one is told before they press.
  microphones.isThere().then((is) => {
    lacksMicrophone = !is;
    draw();
  });
}
