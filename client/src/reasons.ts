import type { ServerEvent } from "./events.js";

/** Why a session ended. The list is closed. */
export type Reason =
  | "closed_by_user"
  | "deadline"
  | "budget"
  | "idle"
  | "ended_by_operator"
  | "unauthorized"
  | "rate_limited"
  | "microphone_denied"
  | "network"
  | "provider"
  | "expired"
  | "policy";

/** How a session ended. */
export interface Ended {
  readonly reason: Reason;
  /** A sentence for the user, in the session's locale. */
  readonly message: string;
  /** Seconds until it is worth trying again, where somebody said so. */
  readonly retryAfter?: number | undefined;
  /** The `code` of the problem document, of the provider's error, or the name of the browser's. */
  readonly code?: string | undefined;
  /** What the other side said, for developers. */
  readonly detail?: string | undefined;
}

/** What `start` and `connect` fail with, and `setMicrophone` where the browser refuses one. */
export class SessionError extends Error {
  override readonly name = "SessionError";
  constructor(readonly ended: Ended) {
    super(ended.message);
  }
}

/** What went wrong, before there are words for it. `again` says that another try may help. */
export class Failure extends Error {
  constructor(
    readonly reason: Reason,
    readonly again = false,
    readonly facts: Omit<Ended, "reason" | "message"> = {},
  ) {
    super(facts.detail ?? reason);
  }
}

/** Whatever was thrown. What is no `Failure` came from the browser's network side. */
export const failureOf = (error: unknown): Failure =>
  error instanceof Failure ? error : new Failure("network", true, { detail: String(error) });

/**
 * What the far side calls an ending, and its reason: the code of an `error` event of the provider's, or the `reason` of an
 * `ephemint.ended` event, which whoever stands between browser and provider may send.
 */
const ENDINGS: Readonly<Record<string, Reason>> = {
  session_expired: "expired",
  deadline: "deadline",
  budget: "budget",
  idle: "idle",
  ended_by_operator: "ended_by_operator",
};

/** The reason, where the event says that the session is over. */
export function endingOf(event: ServerEvent): Reason | undefined {
  const said = event as { type: string; error?: { code?: unknown }; reason?: unknown };
  const name = said.type === "error" ? said.error?.code : said.type === "ephemint.ended" ? said.reason : undefined;
  return typeof name === "string" && Object.hasOwn(ENDINGS, name) ? ENDINGS[name] : undefined;
}
