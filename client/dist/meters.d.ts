/**
 * Levels by Web Audio, which is the one way that Chromium, Firefox and Safari share. Nothing is made before the first look:
 * a page without a meter pays for none.
 */
export declare class Meters {
    #private;
    /** Of 0 (60 dB below the loudest, or no stream) to 1, on a scale of decibels. */
    level(name: string, stream: MediaStream | undefined): number;
    close(): void;
}
