import { Emitter } from "./emitter.js";
import type { ClientEvent, ServerEvent } from "./events.js";
import { Line, type Holder, type LineOptions } from "./line.js";
import { Meters } from "./meters.js";
import { openMicrophone, release, type Microphone } from "./microphone.js";
import { Player } from "./player.js";
import { Failure, failureOf, SessionError, type Ended } from "./reasons.js";
import { now, Timers, unlessStopped, within } from "./time.js";
import type { Minted } from "./token.js";
import { sentence, type Locale } from "./words.js";

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
export class Session {
  readonly #options: ConnectOptions;
  readonly #emitter = new Emitter<SessionEvents>();
  readonly #stop = new AbortController();
  readonly #timers = new Timers();
  readonly #meters = new Meters();
  readonly #line: Line;
  #player: Player | null = null;
  #started: Promise<this> | null = null;
  #state: State = "idle";
  #wish: ConnectOptions["microphone"];
  #microphone: Microphone | null = null;
  #muted = false;
  #minted: Minted | null = null;
  /** When the first connection stood; later ones count from it too. */
  #since: number | null = null;
  #ended: Ended | null = null;

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.#wish = options.microphone;
    this.#line = new Line(options, this.#holder(), this.#stop.signal);
  }

  get state(): State {
    return this.#state;
  }

  /** What the service said of the newest token. */
  get minted(): Minted | null {
    return this.#minted;
  }

  get ended(): Ended | null {
    return this.#ended;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Listens. @returns what ceases to. */
  on<Name extends keyof SessionEvents>(name: Name, listener: (value: SessionEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /**
   * Asks for the microphone, then for a token, and connects. Call it in the user's gesture. Called again, it gives what the
   * first call gave.
   *
   * @throws SessionError when the session ends before it is live.
   */
  start(): Promise<this> {
    return (this.#started ??= this.#start());
  }

  /**
   * Sends an event to the provider.
   *
   * @throws Error while there is no connection: look at `state`.
   */
  send(event: ClientEvent): void {
    const { link } = this.#line;
    if (!link?.open) throw new Error(`The session is ${this.#state}: events can be sent while it is live.`);
    link.send(JSON.stringify(event));
    this.#emitter.emit("sent", event);
  }

  /** Sends silence in place of the user's sound, or the sound again. */
  mute(on = true): void {
    this.#muted = on;
    if (this.#microphone) this.#microphone.track.enabled = !on;
    this.#emitter.emit("muted", on);
  }

  /** How loud it is now, from 0 (60 dB below the loudest) to 1, on a scale of decibels: for a meter. */
  levels(): { input: number; output: number } {
    if (this.#ended) return { input: 0, output: 0 };
    return {
      input: this.#meters.level("input", this.#microphone?.stream),
      output: this.#meters.level("output", this.#line.link?.stream),
    };
  }

  /**
   * Changes the microphone, in the middle of a call too.
   *
   * @throws SessionError where the browser refuses it; the session goes on with the one before.
   */
  async setMicrophone(deviceId: string): Promise<void> {
    const wish = { ...this.#constraints(), deviceId: { exact: deviceId } };
    if (this.#microphone) {
      const microphone = await openMicrophone(wish).catch((error: unknown) => {
        throw new SessionError(this.#words(failureOf(error)));
      });
      await this.#speakInto(microphone);
    }
    this.#wish = wish;
  }

  /** Changes where the assistant is heard; nothing happens where the browser does not let pages choose. */
  async setSpeaker(deviceId: string): Promise<void> {
    await this.#sound().choose(deviceId);
  }

  /** Ends the session and lets go of the microphone. Called again, it does nothing. */
  close(): void {
    this.#end(new Failure("closed_by_user"));
  }

  async #start(): Promise<this> {
    this.#heed(this.#options.signal);
    try {
      unlessStopped(this.#stop.signal);
      this.#become("requesting");
      await within(this.#stop.signal, null, "microphone", async () => this.#speakInto(await openMicrophone(this.#wish)));
      await this.#line.open();
    } catch (error) {
      this.#end(failureOf(error));
    }
    if (this.#ended) throw new SessionError(this.#ended);
    return this;
  }

  /** Ends when the page's own signal says so, and with the page, whose browser would leave without a word. */
  #heed(signal: AbortSignal | undefined): void {
    const close = () => this.close();
    const whileItLasts = { signal: this.#stop.signal };
    if (signal?.aborted) close();
    signal?.addEventListener("abort", close, whileItLasts);
    addEventListener("pagehide", close, whileItLasts);
  }

  /** Takes a microphone into use, and lets go of the one before. */
  async #speakInto(microphone: Microphone): Promise<void> {
    if (this.#ended) return release(microphone);
    microphone.track.enabled = !this.#muted;
    if (microphone.own) microphone.track.onended = () => void this.#regain();
    const before = this.#microphone;
    this.#microphone = microphone;
    try {
      await this.#line.use(microphone.track);
    } finally {
      release(before);
    }
  }

  /** Takes what microphone there is in the place of one that was unplugged. Without any, nobody would hear the user. */
  async #regain(): Promise<void> {
    const { deviceId: _, ...wish } = this.#constraints();
    try {
      await this.#speakInto(await openMicrophone(wish));
    } catch (error) {
      this.#end(failureOf(error));
    }
  }

  /** The page's wishes, where it has not given a stream. */
  #constraints(): MediaTrackConstraints {
    return this.#wish && "getAudioTracks" in this.#wish ? {} : (this.#wish ?? {});
  }

  #holder(): Holder {
    return {
      minted: (minted) => {
        this.#minted = minted;
        this.#emitter.emit("minted", minted);
      },
      dialling: () => {
        if (this.#state === "requesting") this.#become("connecting");
      },
      live: (link) => {
        this.#sound().play(link.stream);
        this.#limit();
        this.#become("live");
      },
      lost: () => this.#become("reconnecting"),
      event: (event) => this.#emitter.emit("event", event),
      failed: (failure) => this.#end(failure),
    };
  }

  #sound(): Player {
    return (this.#player ??= new Player(this.#options.audio, (element) => this.#emitter.emit("blocked", element)));
  }

  /** Ends the session when the policy's time is over, however many connections it takes. */
  #limit(): void {
    this.#since ??= now();
    const seconds = this.#minted?.max_call_seconds;
    if (seconds === undefined) this.#timers.clear("deadline");
    else this.#timers.set("deadline", this.#since + seconds * 1000 - now(), () => this.#end(new Failure("deadline")));
  }

  #become(state: State): void {
    if (this.#ended || this.#state === state) return;
    this.#state = state;
    this.#emitter.emit("state", state);
  }

  #end(failure: Failure): void {
    if (this.#ended) return;
    const ended = this.#words(failure);
    this.#ended = ended;
    this.#state = "ended";
    this.#stop.abort();
    this.#line.close();
    this.#timers.clearAll();
    release(this.#microphone);
    this.#meters.close();
    this.#player?.stop();
    this.#emitter.emit("state", "ended");
    this.#emitter.emit("ended", ended);
  }

  /** What is told of a failure. */
  #words({ reason, facts }: Failure): Ended {
    const { locale, language = navigator.language } = this.#options;
    const spoken = locale ?? (/^es\b/i.test(language) ? "es" : "en");
    return { reason, message: sentence(reason, spoken, facts.retryAfter), ...facts };
  }
}
