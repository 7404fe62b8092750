import type { ClientSecret, SessionRequest } from "./service.js";
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
export declare const TIMEOUT = 15000;
/** A new token. A JWT that the service refuses is asked for once more: the page's may have been about to be renewed. */
export declare function newToken(options: TokenOptions, stop: AbortSignal): Promise<Token>;
