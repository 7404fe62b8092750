import type { ServerEvent } from "./events.js";
/** Why a session ended. The list is closed. */
export type Reason = "closed_by_user" | "deadline" | "budget" | "idle" | "ended_by_operator" | "unauthorized" | "rate_limited" | "microphone_denied" | "network" | "provider" | "expired" | "policy";
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
export declare class SessionError extends Error {
    readonly ended: Ended;
    readonly name = "SessionError";
    constructor(ended: Ended);
}
/** What went wrong, before there are words for it. `again` says that another try may help. */
export declare class Failure extends Error {
    readonly reason: Reason;
    readonly again: boolean;
    readonly facts: Omit<Ended, "reason" | "message">;
    constructor(reason: Reason, again?: boolean, facts?: Omit<Ended, "reason" | "message">);
}
/** Whatever was thrown. What is no `Failure` came from the browser's network side. */
export declare const failureOf: (error: unknown) => Failure;
/** The reason, where the event says that the session is over. */
export declare function endingOf(event: ServerEvent): Reason | undefined;
