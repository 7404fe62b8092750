import { problemOf, serviceFailure } from "./problem.js";
import { Failure } from "./reasons.js";
import type { ClientSecret, SessionRequest } from "./service.js";
import { now, within } from "./time.js";

/** What a token is asked for with. */
export interface TokenOptions {
  /** The service's `/v1/realtime/client_secrets`. */
  endpoint: string | URL;
  /** The JWT of the signed-in user: asked for before every request, so that it can be fresh. */
  getJwt: () => string | Promise<string>;
  /** The language of the instructions, as a BCP 47 tag; left out, the service finds one. */
  language?: string;
  /** A role; left out, the user's own. */
  role?: string;
  /** What else of the session should be otherwise than the policy says. */
  session?: SessionRequest;
  /** Milliseconds for each step but the question about the microphone; 15 000 unless it says otherwise. */
  timeout?: number;
  /** In place of the browser's own. */
  fetch?: typeof fetch;
}

/** The service's answer, but for the token itself. */
export type Minted = Omit<ClientSecret, "value">;

/** A token that a page may hold. */
export interface Token {
  readonly value: string;
  readonly minted: Minted;
  /** Whether it opens another connection now, as far as this side can know. */
  fresh(): boolean;
}

/** Milliseconds for a step where the options don't say. */
export const TIMEOUT = 15_000;

/** Milliseconds before a token's end from which on it is not used again: its way to the provider takes time. */
const MARGIN = 5_000;

/** The JWT. Whatever keeps the page from having one, the user has to sign in again. */
async function jwtOf({ getJwt, timeout = TIMEOUT }: TokenOptions, stop: AbortSignal): Promise<string> {
  const jwt = await within(stop, timeout, "getJwt", () => getJwt()).catch((error: unknown) => {
    throw error instanceof Failure ? error : new Failure("unauthorized", false, { detail: String(error) });
  });
  if (typeof jwt !== "string" || !jwt) throw new Failure("unauthorized", false, { detail: "getJwt gave no JWT" });
  return jwt;
}

/** One request for a token. */
function post(options: TokenOptions, jwt: string, stop: AbortSignal): Promise<Token> {
  const { endpoint, language, role, session, timeout = TIMEOUT, fetch: ask = fetch } = options;
  return within(stop, timeout, "client_secrets", async (signal) => {
    const response = await ask(endpoint, {
      method: "POST",
      headers: { Authorization: `Bearer ${jwt}`, "Content-Type": "application/json" },
      body: JSON.stringify({ language, role, session }),
      signal,
    });
    if (!response.ok) throw serviceFailure(await problemOf(response));
    return tokenOf(response);
  });
}

/** Reads the answer. Its end is told by the server's clock, where the server says the time: the user's may be wrong. */
async function tokenOf(response: Response): Promise<Token> {
  const { value, ...minted } = ((await response.json().catch(() => null)) ?? {}) as ClientSecret;
  if (typeof value !== "string" || !value || typeof minted.connect_url !== "string" || !(minted.expires_at > 0)) {
    throw new Failure("network", false, { detail: "the answer of the endpoint can't be read" });
  }
  const served = Date.parse(response.headers.get("Date") ?? "") || Date.now();
  const end = now() + minted.expires_at * 1000 - served - MARGIN;
  return { value, minted, fresh: () => now() < end };
}

/** A new token. A JWT that the service refuses is asked for once more: the page's may have been about to be renewed. */
export async function newToken(options: TokenOptions, stop: AbortSignal): Promise<Token> {
  const jwt = await jwtOf(options, stop);
  try {
    return await post(options, jwt, stop);
  } catch (error) {
    if (!(error instanceof Failure && error.reason === "unauthorized")) throw error;
    const another = await jwtOf(options, stop);
    if (another === jwt) throw error;
    return post(options, another, stop);
  }
}
