import { Failure, type Reason } from "./reasons.js";

/** An answer that is not 2xx. The members are those of the service's problem document (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** The service's code (docs/errors.md), or the provider's; none where the body has none. */
    readonly code: string | undefined,
    /** What the caller can do. */
    readonly detail: string | undefined,
    /** The part of the request that is at fault. */
    readonly param: string | undefined,
    /** Seconds, from `Retry-After`. */
    readonly retryAfter: number | undefined,
  ) {
    super(detail ?? `HTTP status ${status}`);
  }
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

/** Seconds from now, of either form of the header. */
function secondsOf(header: string | null): number | undefined {
  if (!header) return undefined;
  const seconds = Number.isNaN(Number(header)) ? (Date.parse(header) - Date.now()) / 1000 : Number(header);
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

/** Reads an answer that is not 2xx: a problem document, or an error in the provider's own shape. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const body = ((await response.json().catch(() => null)) ?? {}) as Record<string, unknown>;
  const error = (typeof body.error === "object" && body.error ? body.error : {}) as Record<string, unknown>;
  return new ProblemError(
    response.status,
    text(body.code) ?? text(error.code),
    text(body.detail) ?? text(error.message),
    text(body.param) ?? text(error.param),
    secondsOf(response.headers.get("Retry-After")),
  );
}

/** The code that says not to try again, among the statuses that otherwise may pass. */
const FINAL = "provider_rejected";

/** What a refused mint ends a session with. */
export function serviceFailure(problem: ProblemError): Failure {
  const { status, code } = problem;
  const reason: Reason =
    status === 401
      ? "unauthorized"
      : status === 429
        ? "rate_limited"
        : status < 500
          ? "policy"
          : code?.startsWith("provider_")
            ? "provider"
            : "network";
  return new Failure(reason, (status === 429 || status >= 500) && code !== FINAL, factsOf(problem));
}

/** The provider does not take the token: it has expired, as a rule. */
export class TokenRefused extends Failure {}

/** What the provider's refusal of an offer ends a session with. */
export function providerFailure(problem: ProblemError): Failure {
  const { status } = problem;
  if (status === 401) return new TokenRefused("provider", false, factsOf(problem));
  return new Failure("provider", status === 429 || status >= 500, factsOf(problem));
}

const factsOf = ({ code, detail, retryAfter }: ProblemError): Failure["facts"] => ({ code, detail, retryAfter });
