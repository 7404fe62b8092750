import type { ServerEvent } from "./events.js";
import type { Token } from "./token.js";
/** How a connection went: the far side closed it, or it was lost on the way. */
export type Gone = "hung_up" | "lost";
/** Who is told what happens on a connection. */
export interface Listener {
    event(event: ServerEvent): void;
    gone(how: Gone): void;
}
/** What a connection is made with. */
export interface Wiring {
    token: Token;
    track: MediaStreamTrack;
    stop: AbortSignal;
    /** Milliseconds for each step. */
    timeout: number;
    ask: typeof fetch;
}
/**
 * One WebRTC connection to the provider.
 *
 * Once it stands: a data channel that closes while ICE has its path was closed by the far side, which is a hang-up; whoever
 * vanishes takes ICE along, and that is a loss.
 */
export declare class Link {
    #private;
    /** The assistant's sound. */
    readonly stream: MediaStream;
    private constructor();
    /** Connects. What comes meanwhile waits for `begin`. */
    static open({ token, track, stop, timeout, ask }: Wiring): Promise<Link>;
    /** Tells the listener what has come, and from now on what comes. */
    begin(listener: Listener): void;
    get open(): boolean;
    send(text: string): void;
    /** Sends another track from now on; both sides stay connected. */
    use(track: MediaStreamTrack): Promise<void>;
    /** For good; nobody is told. */
    close(): void;
}
