// Signing in from the page that opened this one. It is asked with `ephemint:ready`, and answers with
// `{ type: "ephemint:jwt", jwt }`: now, when the token has expired, and whenever it has a fresher one.

const LONGEST_JWT = 16_384;

export class HandOver {
  #enter;
  #origins = [];

  /** `enter(jwt)` is called with what an allowed page hands over. */
  constructor(enter) {
    this.#enter = enter;
  }

  /** Learns who may hand over, listens, and asks. Says whether anybody was asked. */
  async start() {
    if (!window.opener) return false;
    try {
      const answer = await fetch("/me/origins", { cache: "no-store", credentials: "omit" });
      this.#origins = [location.origin, ...(await answer.json()).origins];
    } catch {
      // One can still paste.
      return false;
    }
    addEventListener("message", (event) => this.#heard(event));
    return this.ask();
  }

  /** Asks for a token: every allowed origin, of which the browser lets one hear it at most. */
  ask() {
    if (!window.opener || window.opener.closed) return false;
    for (const origin of this.#origins) window.opener.postMessage({ type: "ephemint:ready" }, origin);
    return this.#origins.length > 0;
  }

  #heard({ origin, source, data }) {
    const isAllowed = source === window.opener && this.#origins.includes(origin);
    if (!isAllowed || data?.type !== "ephemint:jwt" || typeof data.jwt !== "string" || data.jwt.length > LONGEST_JWT) return;
    this.#enter(data.jwt);
  }
}
