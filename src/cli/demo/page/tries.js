// A try to get a token, by the buttons or by the library in a call: everything that came of it is shown.
import { announce, byId } from "./code-view.js";
import { allowanceOf, keepAllowance, refreshUsage, remainingWords } from "./hour.js";
import { createJourney } from "./journey.js";
import * as panes from "./panes.js";
import { MINT_PATH, call, forgetJwtOf, jwtOf, readWhole, spoil } from "./service.js";
import { state, wishes } from "./state.js";
import { showRefusal, showToken } from "./ticket.js";

const HISTORY_LENGTH = 40;

/** The ledger has the outcome so long after the token, in milliseconds. */
const LEDGER_LAG = 600;

export const journey = createJourney(byId("journey"));
const tries = [];
let upstream = null;
let drawResult = () => {};

/** What the clock does here. */
export const tick = (now) => drawResult(now);

/** Asks for a token and shows everything that came of it. Never throws. */
export async function attempt({ user = state.user, body = wishes(), spoiled = false, fast = false } = {}) {
  const sent = { token: "", whose: `${user.name}’s JWT${spoiled ? ", spoiled" : ""}`, body };
  let got;
  try {
    const jwt = await jwtOf(user);
    sent.token = spoiled ? spoil(jwt) : jwt;
    got = await call(MINT_PATH, { method: "POST", token: sent.token, body });
    if (got.status === 401 && !spoiled) forgetJwtOf(user);
  } catch (error) {
    got = nobody(error instanceof TypeError ? "The service did not answer. Is it still running?" : error.message);
  }
  return show(user, sent, got, fast);
}

/** `fetch` for the library, on behalf of this user: what it asks of Ephemint is shown like any other try. */
export function watchedFetch(user) {
  return async (address, init = {}) => {
    const isMint = new URL(address, location.href).pathname === MINT_PATH;
    if (!isMint) return fetch(address, init);
    const token = new Headers(init.headers).get("authorization")?.replace(/^Bearer /, "") ?? "";
    const sent = { token, whose: `${user.name}’s JWT`, body: init.body ? JSON.parse(init.body) : {} };
    try {
      const answer = await fetch(address, init);
      const got = await readWhole(answer);
      if (got.status === 401) forgetJwtOf(user);
      show(user, sent, got);
      return new Response(got.text, answer);
    } catch (error) {
      if (error.name !== "AbortError") show(user, sent, nobody("The service did not answer. Is it still running?"));
      throw error;
    }
  };
}

const nobody = (detail) => ({ ok: false, status: 0, headers: new Headers(), text: "", json: null, problem: { title: "Nobody is there", detail } });

async function show(user, sent, got, fast = false) {
  const minted = got.ok && got.json?.value ? got.json : null;
  const problem = minted ? null : got.problem ?? got.json ?? { title: "An answer that can’t be read", detail: got.text.slice(0, 200) };
  const waitSeconds = got.status === 429 ? Number.parseInt(got.headers.get("retry-after") ?? "", 10) : NaN;
  const freeAt = Number.isFinite(waitSeconds) ? Date.now() + waitSeconds * 1000 : null;
  const asked = Boolean(minted) || String(problem?.code ?? "").startsWith("provider_");

  if (minted?.rate_limit) keepAllowance(user, minted.rate_limit);
  else if (freeAt) keepAllowance(user, { ...allowanceOf(user), remaining: 0, reset_seconds: waitSeconds });
  drawResult = minted ? showToken(minted, user, () => journey.close()) : showRefusal(problem, got.status, freeAt);
  panes.showNear(sent, got);
  remember({ user, body: sent.body, got, minted, problem });
  const story = storyOf({ user, minted, problem, status: got.status, asked });
  journey.play({ ok: Boolean(minted), asked, reached: got.status > 0, status: got.status, story, fast });
  announce(minted ? `Token minted for ${user.name} as ${minted.role}. ${remainingWords(user)}` : `${problem.title}. ${problem.detail ?? ""}`);
  tick(Date.now());
  await Promise.all([refreshUpstream(asked, got.status), got.status ? refreshUsage(user, { counts: Boolean(minted || freeAt) }) : null]);
  if (minted) setTimeout(() => refreshUsage(user, { counts: true }), LEDGER_LAG);
  return { minted, status: got.status };
}

function storyOf({ user, minted, problem, status, asked }) {
  if (minted) return `Ephemint checked ${user.name}’s JWT, took one from the hour, added the policy’s instructions and the key, and passed on only the token.`;
  if (!status) return "The request found nobody at the other end.";
  if (asked) return "The provider was asked, and what it answered was not a token.";
  if (status === 429) return `${user.name} has used up the hour. Refused at the door: the provider was not asked.`;
  if (status === 401) return "Nobody could be recognised by this JWT. The provider was not asked, and nothing was spent.";
  if (problem.code === "role_not_allowed") return `A role is not had for the asking: ${user.name}’s JWT does not name it. Nothing was spent.`;
  if (status < 500) return "Refused at the door: the provider was not asked, and nothing was spent.";
  return "Ephemint has a trouble of its own, and hands out nothing while it lasts.";
}

function remember({ user, body, got, minted, problem }) {
  tries.unshift({
    at: Date.now(), user: user.name, role: minted?.role ?? body.role, language: minted?.language ?? body.language,
    status: got.status, outcome: minted ? "minted" : problem.code ?? "no answer",
    remaining: minted?.rate_limit?.remaining ?? (got.status === 429 ? 0 : undefined),
  });
  tries.length = Math.min(tries.length, HISTORY_LENGTH);
  panes.showHistory(tries);
}

async function refreshUpstream(asked, status) {
  if (!asked) {
    const note = status >= 400 && status < 500 ? "Nothing was sent for this try: it was refused first." : "Nothing is recorded for this try.";
    panes.showFar(upstream, upstream ? `${note} Below is the last request that went.` : note);
    return;
  }
  try {
    const got = await call("/demo/upstream");
    upstream = got.ok ? got.json : null;
    if (got.ok) journey.paidBy(got.json.paid_by);
    panes.showFar(upstream, got.ok ? "" : got.json?.detail ?? "No request is recorded.");
  } catch {
    panes.showFar(null, "What was sent could not be read back.");
  }
}
