import { vi } from "vitest";
import { Session, type ConnectOptions } from "../src/index.js";
import { FakeAudio, FakeAudioContext, FakePeer, FakeStream, FakeTrack } from "./fakes.js";

type Answer = Response | Error | "never";

/** A page, its service and its provider. Everything that happens is in `log`, in order. */
export class World {
  readonly log: string[] = [];
  readonly tracks: FakeTrack[] = [];
  /** What the service and the provider answer next; where nothing is said, they do what is asked. */
  readonly service: Answer[] = [];
  readonly provider: Answer[] = [];
  readonly requests: { url: string; headers: Record<string, string>; body: string; signal: AbortSignal }[] = [];
  /** The browser's word on the microphone: an error, or nobody answers the question. */
  microphone: Error | "never" | null = null;
  /** What tokens' answers have beside what they always have. */
  answer: Record<string, unknown> = {};
  /** The window, as far as it says that it goes. */
  readonly page = new EventTarget();
  /** Seconds that a token lives. */
  life = 60;
  /** Milliseconds by which the user's clock is wrong. */
  wrong = 0;
  tokens = 0;
  /** What the browser was asked for. */
  readonly wishes: MediaTrackConstraints[] = [];
  #devices = 0;

  constructor() {
    vi.useFakeTimers({ now: new Date("2026-11-20T12:00:00Z") });
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    FakePeer.all = [];
    FakeAudio.all = [];
    FakeAudioContext.all = [];
    FakePeer.onAnswered = (peer) => peer.connect();
    vi.stubGlobal("RTCPeerConnection", FakePeer);
    vi.stubGlobal("MediaStream", FakeStream);
    vi.stubGlobal("Audio", FakeAudio);
    vi.stubGlobal("AudioContext", FakeAudioContext);
    vi.stubGlobal("addEventListener", this.page.addEventListener.bind(this.page));
    vi.stubGlobal("reportError", (error: unknown) => this.log.push(`reported ${String(error)}`));
    vi.stubGlobal("fetch", (url: string | URL, init: RequestInit) => this.#fetch(String(url), init));
    vi.stubGlobal("navigator", { language: "en-GB", mediaDevices: this.#mediaDevices() });
  }

  /** A session whose states and end are logged. */
  session(options: Partial<ConnectOptions> = {}): Session {
    const session = new Session({ endpoint: "/v1/realtime/client_secrets", getJwt: () => "jwt", ...options });
    session.on("state", (state) => this.log.push(state));
    session.on("ended", ({ reason }) => this.log.push(`ended: ${reason}`));
    return session;
  }

  /** A session that is live. */
  async live(options: Partial<ConnectOptions> = {}): Promise<Session> {
    const session = this.session(options);
    const started = session.start();
    await settle();
    await started;
    return session;
  }

  get peers(): FakePeer[] {
    return FakePeer.all;
  }
  /** The newest connection. */
  get peer(): FakePeer {
    return FakePeer.all.at(-1)!;
  }
  get audio(): FakeAudio {
    return FakeAudio.all.at(-1)!;
  }

  /** What a session that has ended has left behind; nothing, it is hoped. */
  leaks(): string[] {
    return [
      ...this.tracks.filter((track) => track.readyState === "live").map(({ label }) => `${label} still hears`),
      ...this.peers.filter((peer) => !peer.isClosed).map((_, index) => `connection ${index} still stands`),
      ...FakeAudio.all.filter((audio) => audio.srcObject).map(() => "the element still plays"),
      ...FakeAudioContext.all.filter(({ state }) => state !== "closed").map(() => "the meter still runs"),
      ...(vi.getTimerCount() ? [`${vi.getTimerCount()} timers still run`] : []),
      ...this.requests.filter(({ signal }) => !signal.aborted).map(({ url }) => `the request to ${url} still runs`),
    ];
  }

  #mediaDevices() {
    return {
      getUserMedia: async (constraints: { audio: MediaTrackConstraints }) => {
        this.log.push("microphone");
        this.wishes.push(constraints.audio);
        if (this.microphone instanceof Error) throw this.microphone;
        if (this.microphone === "never") await new Promise<void>((resolve) => (this.allow = resolve));
        const wish = constraints.audio.deviceId as { exact: string } | undefined;
        const track = new FakeTrack(wish?.exact ?? `microphone ${this.#devices++}`);
        this.tracks.push(track);
        return new FakeStream([track]);
      },
      enumerateDevices: async () => [
        { kind: "audioinput", deviceId: "headset" },
        { kind: "audiooutput", deviceId: "speaker" },
        { kind: "videoinput", deviceId: "camera" },
      ],
    };
  }
  /** The user allows the microphone after all. */
  allow: () => void = () => {};

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const toService = url.endsWith("client_secrets");
    this.log.push(toService ? "token" : "offer");
    const { headers, body, signal } = init as { headers: Record<string, string>; body: string; signal: AbortSignal };
    this.requests.push({ url, headers, body, signal });
    const answer = (toService ? this.service : this.provider).shift();
    if (answer === "never") return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    if (answer instanceof Error) throw answer;
    return answer ?? (toService ? this.#token() : new Response("answer", { status: 201 }));
  }

  #token(): Response {
    const served = Date.now() - this.wrong;
    const value = `ek_${++this.tokens}`;
    const expires_at = served / 1000 + this.life;
    const rate_limit = { limit: 10, remaining: 10 - this.tokens, reset_seconds: 3600 };
    const session = { id: "sess_1", type: "realtime", model: "gpt-realtime-2.1", expires_at: 0 };
    return Response.json(
      {
        value,
        expires_at,
        mode: "realtime",
        session,
        role: "student",
        language: "en",
        connect_url: "https://provider.test/v1/realtime/calls",
        rate_limit,
        ...this.answer,
      },
      { headers: { Date: new Date(served).toUTCString() } },
    );
  }
}

/** Lets everything happen that happens by itself, without time passing. */
export const settle = (millis = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(millis);

/** A problem document of the service's. */
export const problem = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  Response.json({ code, detail: `detail of ${code}`, status, error: { message: "m", code } }, { status, headers });
