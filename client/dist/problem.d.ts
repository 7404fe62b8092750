import { Failure } from "./reasons.js";
/** An answer that is not 2xx. The members are those of the service's problem document (RFC 9457). */
export declare class ProblemError extends Error {
    /** The HTTP status. */
    readonly status: number;
    /** The service's code (docs/errors.md), or the provider's; none where the body has none. */
    readonly code: string | undefined;
    /** What the caller can do. */
    readonly detail: string | undefined;
    /** The part of the request that is at fault. */
    readonly param: string | undefined;
    /** Seconds, from `Retry-After`. */
    readonly retryAfter: number | undefined;
    readonly name = "ProblemError";
    constructor(
    /** The HTTP status. */
    status: number, 
    /** The service's code (docs/errors.md), or the provider's; none where the body has none. */
    code: string | undefined, 
    /** What the caller can do. */
    detail: string | undefined, 
    /** The part of the request that is at fault. */
    param: string | undefined, 
    /** Seconds, from `Retry-After`. */
    retryAfter: number | undefined);
}
/** Reads an answer that is not 2xx: a problem document, or an error in the provider's own shape. */
export declare function problemOf(response: Response): Promise<ProblemError>;
/** What a refused mint ends a session with. */
export declare function serviceFailure(problem: ProblemError): Failure;
/** The provider does not take the token: it has expired, as a rule. */
export declare class TokenRefused extends Failure {
}
/** What the provider's refusal of an offer ends a session with. */
export declare function providerFailure(problem: ProblemError): Failure;
