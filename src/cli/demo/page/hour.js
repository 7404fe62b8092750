// The rolling hour of each user: what is left of it, and when the next one is free.
import { byId, minutes, setText } from "./code-view.js";
import { showAllowance } from "./ticket.js";
import { call, jwtOf } from "./service.js";
import { state } from "./state.js";

const allowances = new Map();
let draw = () => {};

export const allowanceOf = (user) => allowances.get(user.id);

/** Keeps what an answer said of the limit. */
export function keepAllowance(user, limit) {
  const before = allowanceOf(user);
  allowances.set(user.id, {
    limit: limit.limit ?? before?.limit ?? 0, remaining: limit.remaining,
    resetAt: Date.now() + Math.max(1, limit.reset_seconds) * 1000, tokens: limit.tokens ?? before?.tokens,
  });
  if (user === state.user) drawAllowance();
}

export function drawAllowance() {
  draw = showAllowance(allowanceOf(state.user), state.user);
  draw(Date.now());
}

/** Reads the ledger's counts, and the limit too unless an answer just told it. */
export async function refreshUsage(user, { counts = false } = {}) {
  try {
    const got = await call("/v1/me/usage", { token: await jwtOf(user) });
    if (!got.ok || !got.json?.rate_limit) return;
    const { rate_limit: limit, tokens } = got.json;
    const known = allowanceOf(user);
    if (counts && known) {
      known.tokens = tokens;
      if (user === state.user) drawAllowance();
    } else keepAllowance(user, { ...limit, tokens });
  } catch { /* the next try says what is wrong */ }
}

export function remainingWords(user) {
  const known = allowanceOf(user);
  return known ? `${known.remaining} of ${known.limit} left this hour.` : "";
}

/** What the clock does here. */
export function tick(now) {
  draw(now);
  const known = state.user && allowanceOf(state.user);
  if (!known) return;
  setText(byId("mintnote"), known.remaining > 0 || now >= known.resetAt ? `${known.remaining} of ${known.limit} left this hour`
    : `Used up. The next is free in ${minutes((known.resetAt - now) / 1000)}`);
  if (known.remaining < known.limit && now > known.resetAt + 500 && !known.asked) {
    known.asked = true;
    refreshUsage(state.user);
  }
}
