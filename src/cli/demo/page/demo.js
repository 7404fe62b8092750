// The demo page: reads what it may offer, fills in the controls, and lets the clock go.
import { byId, copyButton } from "./code-view.js";
import { choose, createChoices } from "./choices.js";
import * as hour from "./hour.js";
import { showNothingSeen } from "./panes.js";
import { call } from "./service.js";
import { createSnippet } from "./snippet.js";
import { state } from "./state.js";
import * as talk from "./talk.js";
import { showNoTicket } from "./ticket.js";
import { createTricks } from "./tricks.js";
import * as tries from "./tries.js";
import { cycle } from "/dashboard/theme.js";

const TICK_MS = 250;

const MODES = {
  simulator: {
    badge: "simulated provider: nothing leaves this machine",
    voice: "This voice is simulated: you hear a tone, or yourself.",
  },
  live: { badge: "live provider: calls cost money", voice: "This is the real provider: a call costs money as long as it lasts." },
};

let busy = false;

/** Runs one thing at a time; buttons say so meanwhile. Then what came of it is in sight. */
async function run(work) {
  if (busy) return;
  busy = true;
  document.body.classList.add("busy");
  try {
    await work();
  } finally {
    busy = false;
    document.body.classList.remove("busy");
  }
  const box = byId("result").getBoundingClientRect();
  if (box.top >= 0 && box.top <= innerHeight * 0.7) return;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  byId("result").scrollIntoView({ block: "start", behavior });
}

function tick() {
  const now = Date.now();
  tries.tick(now);
  hour.tick(now);
  talk.tick(now);
}

async function configuration() {
  const got = await call("/demo/config");
  if (!got.ok || !got.json?.users?.length) throw new Error(got.json?.detail ?? "The demo’s configuration could not be read.");
  return got.json;
}

function showMode({ mode, admin_token: token }) {
  byId("operators").append(copyButton(() => token, "admin token for the dashboard", "Copy admin token"));
  byId("operators").hidden = false;
  byId("mode").textContent = MODES[mode].badge;
  byId("mode").classList.toggle("live", mode === "live");
  byId("mode").hidden = false;
  byId("voice-note").textContent = MODES[mode].voice;
}

async function start() {
  cycle(byId("theme"), (theme) => `Theme: ${theme}`);
  showNoTicket();
  showNothingSeen();
  try {
    state.config = await configuration();
  } catch (error) {
    byId("trouble").textContent = `${error instanceof TypeError ? "The service did not answer." : error.message} Start it with “ephemint demo”, then reload.`;
    byId("trouble").hidden = false;
    return;
  }
  [state.user] = state.config.users;
  showMode(state.config);
  const drawSnippet = createSnippet();
  createChoices(() => {
    drawSnippet();
    talk.draw();
  });
  createTricks(run);
  talk.createTalk();
  byId("mint").addEventListener("click", () => run(() => tries.attempt()));
  byId("mint").disabled = false;
  setInterval(tick, TICK_MS);
  await choose(state.user);
  tick();
}

start();
