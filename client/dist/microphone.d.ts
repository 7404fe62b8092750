/** The user's sound. */
export interface Microphone {
    readonly stream: MediaStream;
    readonly track: MediaStreamTrack;
    /** Whether the browser was asked for it; else it is the page's, which looks after it. */
    readonly own: boolean;
}
/**
 * Takes the stream that is given, or asks the browser, which may ask the user and takes as long as they do: call it in their
 * gesture.
 */
export declare function openMicrophone(wish?: MediaTrackConstraints | MediaStream): Promise<Microphone>;
/** Lets go of it, unless it is the page's. */
export declare function release(microphone: Microphone | null): void;
/** The microphones of this machine. Browsers give them names only once the user has allowed one. */
export declare const microphones: () => Promise<MediaDeviceInfo[]>;
/** The speakers of this machine; none where the browser does not let pages choose. */
export declare const speakers: () => Promise<MediaDeviceInfo[]>;
