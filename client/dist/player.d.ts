/** The assistant's sound, in an element of the page's or one of its own. */
export declare class Player {
    #private;
    constructor(given: HTMLAudioElement | undefined, onBlocked: (element: HTMLAudioElement) => void);
    /** Plays. Where the browser waits for a gesture, `onBlocked` is told. */
    play(stream: MediaStream): void;
    /** Does nothing where the browser does not let pages choose. */
    choose(deviceId: string): Promise<void>;
    /** Falls silent, unless the page has given the element to somebody else meanwhile. */
    stop(): void;
}
