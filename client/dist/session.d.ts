import type { ClientEvent, ServerEvent } from "./events.js";
import { type LineOptions } from "./line.js";
import { type Ended } from "./reasons.js";
import type { Minted } from "./token.js";
import { type Locale } from "./words.js";
/** What a session is made with. */
export interface ConnectOptions extends LineOptions {
    /** Where the assistant is heard; left out, the session has an element of its own. */
    audio?: HTMLAudioElement;
    /** Wishes about the microphone, or a stream in its place, which stays the page's: the session never stops it. */
    microphone?: MediaTrackConstraints | MediaStream;
    /** The language of the sentences for the user; left out, `language`, else that of the browser, says it. */
    locale?: Locale;
    /** Ends the session as `close()` does. */
    signal?: AbortSignal;
}
/** Where a session stands. */
export type State = "idle" | "requesting" | "connecting" | "live" | "reconnecting" | "ended";
/** What a session tells, by name. */
export interface SessionEvents {
    state: State;
    /** An event of the provider's. */
    event: ServerEvent;
    /** An event has gone to the provider. */
    sent: ClientEvent;
    /** There is a token: what is left of the hour, and what it opens. */
    minted: Minted;
    muted: boolean;
    /** The browser plays no sound before the user touches the page: call `play()` of this element when they do. */
    blocked: HTMLAudioElement;
    ended: Ended;
}
/** A conversation with the model, over as many connections as it takes. It is used once. */
export declare class Session {
    #private;
    constructor(options: ConnectOptions);
    get state(): State;
    /** What the service said of the newest token. */
    get minted(): Minted | null;
    get ended(): Ended | null;
    get muted(): boolean;
    /** Listens. @returns what ceases to. */
    on<Name extends keyof SessionEvents>(name: Name, listener: (value: SessionEvents[Name]) => void): () => void;
    /**
     * Asks for the microphone, then for a token, and connects. Call it in the user's gesture. Called again, it gives what the
     * first call gave.
     *
     * @throws SessionError when the session ends before it is live.
     */
    start(): Promise<this>;
    /**
     * Sends an event to the provider.
     *
     * @throws Error while there is no connection: look at `state`.
     */
    send(event: ClientEvent): void;
    /** Sends silence in place of the user's sound, or the sound again. */
    mute(on?: boolean): void;
    /** How loud it is now, from 0 (60 dB below the loudest) to 1, on a scale of decibels: for a meter. */
    levels(): {
        input: number;
        output: number;
    };
    /**
     * Changes the microphone, in the middle of a call too.
     *
     * @throws SessionError where the browser refuses it; the session goes on with the one before.
     */
    setMicrophone(deviceId: string): Promise<void>;
    /** Changes where the assistant is heard; nothing happens where the browser does not let pages choose. */
    setSpeaker(deviceId: string): Promise<void>;
    /** Ends the session and lets go of the microphone. Called again, it does nothing. */
    close(): void;
}
