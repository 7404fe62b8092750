// One signed-in user. The JWT is in this object's Api and nowhere else.
import { Api } from "./api.js";
import { t } from "./words.js";

/** Whoever signed the token and this machine may have clocks that differ: when it should have expired, the service is asked. */
const ASK_AGAIN = 15_000;

/** The longest that a browser waits without forgetting to. */
const LONGEST = 2 ** 31 - 1;

export class Session {
  #timer = 0;
  #leave;
  #expires;

  /** `leave(reason)` is called when the token is no longer good. */
  constructor(jwt, leave) {
    const claims = read(jwt);
    this.api = new Api(jwt);
    this.#leave = leave;
    this.#expires = Number(claims.exp) * 1000;
    /** Who it is, to tell one user from another. What the token says is believed once the service took it. */
    this.user = JSON.stringify([claims.iss ?? "", claims.sub ?? ""]);
    this.name = [claims.email, claims.name, claims.sub].find((name) => typeof name === "string" && name) ?? "";
  }

  /** Notices when the token expires. */
  watch() {
    // A token is good for the whole of its last second.
    const wait = Math.min(Math.max(this.#expires + 1000 - Date.now(), 0), LONGEST);
    if (Number.isFinite(wait)) this.#timer = setTimeout(() => this.#check(), wait);
  }

  end() {
    clearTimeout(this.#timer);
    this.api.close();
  }

  /** Whether there is nobody any more to tell of an error, which also ends with a token that is no longer good. */
  isOver(error) {
    if (!this.api.isClosed && error.status === 401) this.#leave(t("sign-in.expired"));
    return this.api.isClosed;
  }

  async #check() {
    if (this.#expires > Date.now()) return this.watch();
    try {
      await this.api.json("/v1/me/usage");
    } catch (error) {
      if (this.isOver(error)) return;
    }
    this.#timer = setTimeout(() => this.#check(), ASK_AGAIN);
  }
}

/** What a token says; nothing where it is none. */
function read(jwt) {
  try {
    const text = atob(jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
