import { Failure } from "./reasons.js";

/** Milliseconds since some moment, by a clock that nobody sets. */
export const now = (): number => performance.now();

/** What `stop` ends in: the one reason to break work off. */
const stopped = () => new Failure("closed_by_user");

/** Fails once `stop` says so. */
export function unlessStopped(stop: AbortSignal): void {
  if (stop.aborted) throw stopped();
}

/**
 * Settles as the work does, or fails when `stop` says so or after `millis`, where there is a limit. The work gets a signal for
 * what it has begun; work that does not heed it is left alone.
 */
export async function within<T>(
  stop: AbortSignal,
  millis: number | null,
  step: string,
  work: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  unlessStopped(stop);
  const limit = new AbortController();
  let giveUp = (_: Failure) => {};
  const givenUp = new Promise<never>((_, reject) => (giveUp = reject));
  const onStop = () => giveUp(stopped());
  stop.addEventListener("abort", onStop);
  const late = () => giveUp(new Failure("network", true, { code: "timeout", detail: step }));
  const timer = millis === null ? undefined : setTimeout(late, millis);
  try {
    return await Promise.race([work(limit.signal), givenUp]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
    limit.abort();
  }
}

/** Waits. */
export const pause = (stop: AbortSignal, millis: number): Promise<void> =>
  within(
    stop,
    null,
    "pause",
    (signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, millis);
        signal.addEventListener("abort", () => clearTimeout(timer));
      }),
  );

/** Timers by name: setting one again replaces it. */
export class Timers {
  readonly #running = new Map<string, ReturnType<typeof setTimeout>>();

  /** Longer than the longest that browsers can count (24 days) never comes. */
  set(name: string, millis: number, run: () => void): void {
    this.clear(name);
    if (millis < 2 ** 31) this.#running.set(name, setTimeout(run, millis));
  }

  clear(name: string): void {
    clearTimeout(this.#running.get(name));
  }

  clearAll(): void {
    for (const timer of this.#running.values()) clearTimeout(timer);
  }
}
