import type { ServerEvent } from "./events.js";
import { Link } from "./link.js";
import { Failure } from "./reasons.js";
import { type Minted, type TokenOptions } from "./token.js";
/** What a line is made with. */
export interface LineOptions extends TokenOptions {
    /**
     * Seconds after which a connection is replaced, before the provider ends it: 3540 unless it says otherwise, a minute
     * before its longest life. 0: never, and the session ends as `expired`.
     */
    renewAfter?: number;
}
/** Who holds the line. */
export interface Holder {
    minted(minted: Minted): void;
    /** A token is there, and the provider is asked. */
    dialling(): void;
    /** A connection stands, and takes the place of the one before it, which ends when this returns. */
    live(link: Link): void;
    /** The connection is gone, and another one is tried. */
    lost(): void;
    event(event: ServerEvent): void;
    /** It is over. */
    failed(failure: Failure): void;
}
/** Keeps a connection to the provider: replaces it before its longest life, and when it is lost. */
export declare class Line {
    #private;
    constructor(options: LineOptions, holder: Holder, stop: AbortSignal);
    get link(): Link | null;
    /** Sends this sound, on this connection and those to come. */
    use(track: MediaStreamTrack): Promise<void>;
    /** Connects for the first time; there is a track by then. */
    open(): Promise<void>;
    /** Ends the connection. What is on its way ends by the stop signal. */
    close(): void;
}
