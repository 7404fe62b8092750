import type { ServerEvent } from "./events.js";
import { Link } from "./link.js";
import { TokenRefused } from "./problem.js";
import { endingOf, Failure, failureOf } from "./reasons.js";
import { now, pause, Timers, unlessStopped } from "./time.js";
import { newToken, TIMEOUT, type Minted, type Token, type TokenOptions } from "./token.js";

/** What a line is made with. */
export interface LineOptions extends TokenOptions {
  /**
   * Seconds after which a connection is replaced, before the provider ends it: 3540 unless it says otherwise, a minute
   * before its longest life. 0: never, and the session ends as `expired`.
   */
  renewAfter?: number;
}

/**
 * Who holds the line.
 *
 * @internal
 */
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

/** How often a connection is tried: at the start, where the user can press again, and once there was one. */
const TRIES = { first: 2, later: 6 };

/** Milliseconds: the first pause between tries, and the longest `Retry-After` that is waited for. */
const PAUSE = { first: 500, asked: 20_000 };

/** Milliseconds that a connection has to hold for the tries before it to be forgotten. */
const STABLE = 10_000;

const RENEW_AFTER = 3_540;

/**
 * Keeps a connection to the provider: replaces it before its longest life, and when it is lost.
 *
 * @internal
 */
export class Line {
  readonly #options: LineOptions;
  readonly #holder: Holder;
  readonly #stop: AbortSignal;
  readonly #timers = new Timers();
  #track: MediaStreamTrack | null = null;
  #token: Token | null = null;
  #link: Link | null = null;
  #replacing = false;
  #tries = 0;
  /** When the newest connection stood. */
  #since = 0;

  constructor(options: LineOptions, holder: Holder, stop: AbortSignal) {
    this.#options = options;
    this.#holder = holder;
    this.#stop = stop;
  }

  get link(): Link | null {
    return this.#link;
  }

  /** Sends this sound, on this connection and those to come. */
  async use(track: MediaStreamTrack): Promise<void> {
    this.#track = track;
    await this.#link?.use(track);
  }

  /** Connects for the first time; there is a track by then. */
  open(): Promise<void> {
    return this.#connect(TRIES.first);
  }

  /** Ends the connection. What is on its way ends by the stop signal. */
  close(): void {
    this.#timers.clearAll();
    this.#link?.close();
  }

  /** Tries as often as makes sense, and takes the connection into use. */
  async #connect(tries: number): Promise<void> {
    for (;;) {
      try {
        return this.#adopt(await this.#dial());
      } catch (error) {
        await this.#rest(failureOf(error), tries);
      }
    }
  }

  /** Counts a failure and waits, or gives up. Pauses double, and are shortened by chance, or all pages would come at once. */
  async #rest(failure: Failure, tries: number): Promise<void> {
    const longest = PAUSE.first * 2 ** this.#tries;
    const { retryAfter } = failure.facts;
    const millis = retryAfter === undefined ? (longest * (1 + Math.random())) / 2 : retryAfter * 1000;
    // Who has just pressed the button and waited that long is told; and a token may have been spent.
    const late = failure.facts.code === "timeout" && !this.#link;
    if (late || !failure.again || ++this.#tries >= tries || millis > PAUSE.asked) throw failure;
    await pause(this.#stop, millis);
  }

  /** One try. A token that is still good serves again; one that the provider does not take is replaced once. */
  async #dial(): Promise<Link> {
    const token = this.#token?.fresh() ? this.#token : await this.#mint();
    this.#holder.dialling();
    try {
      return await this.#reach(token);
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      return this.#reach(await this.#mint());
    }
  }

  async #mint(): Promise<Token> {
    this.#token = await newToken(this.#options, this.#stop);
    this.#holder.minted(this.#token.minted);
    return this.#token;
  }

  /** The way to the provider. Another one, a relay for networks that let no WebRTC through, would be chosen here. */
  #reach(token: Token): Promise<Link> {
    const { timeout = TIMEOUT, fetch: ask = fetch } = this.#options;
    // Whoever was told of the token may have closed.
    unlessStopped(this.#stop);
    if (!this.#track) throw new Failure("microphone_denied");
    return Link.open({ token, track: this.#track, stop: this.#stop, timeout, ask });
  }

  /** Takes a connection into use. Its first events are told in a moment, when those who waited for it listen. */
  #adopt(link: Link): void {
    const before = this.#link;
    this.#link = link;
    if (this.#stop.aborted) link.close();
    unlessStopped(this.#stop);
    // It may have been changed on the way.
    if (this.#track) void link.use(this.#track);
    this.#since = now();
    const { renewAfter = RENEW_AFTER } = this.#options;
    if (renewAfter > 0) this.#timers.set("renew", renewAfter * 1000, () => void this.#replace());
    this.#timers.set("begin", 0, () => link.begin({ event: (event) => this.#hear(event), gone: (how) => this.#gone(how) }));
    this.#holder.live(link);
    before?.close();
  }

  #hear(event: ServerEvent): void {
    this.#holder.event(event);
    const reason = endingOf(event);
    if (reason === "expired" && this.#options.renewAfter !== 0) this.#lose();
    else if (reason) this.#holder.failed(new Failure(reason));
  }

  #gone(how: "hung_up" | "lost"): void {
    if (how === "lost") this.#lose();
    else this.#holder.failed(new Failure("ended_by_operator"));
  }

  #lose(): void {
    this.close();
    this.#holder.lost();
    void this.#replace();
  }

  /** Puts another connection in the place of this one, which stays in use until then, where it still stands. */
  async #replace(): Promise<void> {
    // One that is on its way already will do.
    if (this.#replacing || this.#stop.aborted) return;
    this.#replacing = true;
    try {
      const short = !this.#link?.open && now() - this.#since < STABLE;
      if (short) await this.#rest(new Failure("network", true), TRIES.later);
      else this.#tries = 0;
      await this.#connect(TRIES.later);
    } catch (error) {
      // One that could not be renewed goes on for as long as the provider lets it.
      if (!this.#link?.open) this.#holder.failed(failureOf(error));
    } finally {
      this.#replacing = false;
    }
  }
}
