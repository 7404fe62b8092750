/** Milliseconds since some moment, by a clock that nobody sets. */
export declare const now: () => number;
/** Fails once `stop` says so. */
export declare function unlessStopped(stop: AbortSignal): void;
/**
 * Settles as the work does, or fails when `stop` says so or after `millis`, where there is a limit. The work gets a signal for
 * what it has begun; work that does not heed it is left alone.
 */
export declare function within<T>(stop: AbortSignal, millis: number | null, step: string, work: (signal: AbortSignal) => Promise<T> | T): Promise<T>;
/** Waits. */
export declare const pause: (stop: AbortSignal, millis: number) => Promise<void>;
/** Timers by name: setting one again replaces it. */
export declare class Timers {
    #private;
    /** Longer than the longest that browsers can count (24 days) never comes. */
    set(name: string, millis: number, run: () => void): void;
    clear(name: string): void;
    clearAll(): void;
}
