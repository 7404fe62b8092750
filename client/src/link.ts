import type { ErrorEvent, ServerEvent } from "./events.js";
import { providerFailure, problemOf } from "./problem.js";
import { Failure } from "./reasons.js";
import { Timers, within } from "./time.js";
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

/** Milliseconds that ICE may be without an answer before the connection counts as lost; it often finds its way back. */
const GRACE = 4_000;

/**
 * One WebRTC connection to the provider.
 *
 * Once it stands: a data channel that closes while ICE has its path was closed by the far side, which is a hang-up; whoever
 * vanishes takes ICE along, and that is a loss.
 */
export class Link {
  /** The assistant's sound. */
  readonly stream = new MediaStream();
  readonly #peer = new RTCPeerConnection();
  readonly #channel = this.#peer.createDataChannel("oai-events");
  readonly #sender: RTCRtpSender;
  readonly #timers = new Timers();
  /** What nobody has been told yet. */
  readonly #untold: ((listener: Listener) => void)[] = [];
  #listener: Listener | null = null;
  #closed = false;

  private constructor(track: MediaStreamTrack) {
    this.#sender = this.#peer.addTrack(track);
  }

  /** Connects. What comes meanwhile waits for `begin`. */
  static async open({ token, track, stop, timeout, ask }: Wiring): Promise<Link> {
    const link = new Link(track);
    try {
      const greeted = link.#watch();
      await within(stop, timeout, "connect_url", (signal) => link.#negotiate(token, ask, signal));
      await within(stop, timeout, "WebRTC", () => greeted);
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  /** Tells the listener what has come, and from now on what comes. */
  begin(listener: Listener): void {
    this.#listener = listener;
    for (const tell of this.#untold.splice(0)) this.#tell(tell);
  }

  get open(): boolean {
    return !this.#closed && this.#channel.readyState === "open";
  }

  send(text: string): void {
    this.#channel.send(text);
  }

  /** Sends another track from now on; both sides stay connected. */
  async use(track: MediaStreamTrack): Promise<void> {
    if (!this.#closed) await this.#sender.replaceTrack(track);
  }

  /** For good; nobody is told. */
  close(): void {
    this.#closed = true;
    this.#timers.clearAll();
    this.#peer.close();
  }

  /** Listens to the connection. @returns what settles with the provider's first word. */
  #watch(): Promise<void> {
    const peer = this.#peer;
    const channel = this.#channel;
    peer.ontrack = ({ track }) => this.stream.addTrack(track);
    const greeted = new Promise<void>((resolve, reject) => {
      const gone = (how: Gone) => {
        reject(new Failure("network", true, { detail: how }));
        this.#tell((listener) => listener.gone(how));
      };
      channel.onmessage = ({ data }) => {
        const event = eventOf(data);
        if (!event) return;
        // In place of a greeting: the provider does not want this session.
        if (event.type === "error") reject(refusal((event as Partial<ErrorEvent>).error));
        resolve();
        this.#tell((listener) => listener.event(event));
      };
      channel.onclose = () => gone(connected(peer) ? "hung_up" : "lost");
      peer.oniceconnectionstatechange = () => {
        if (connected(peer)) this.#timers.clear("grace");
        else if (peer.iceConnectionState === "failed") gone("lost");
        else if (peer.iceConnectionState === "disconnected") this.#timers.set("grace", GRACE, () => gone("lost"));
      };
    });
    // It may fail before anybody waits for it.
    greeted.catch(() => {});
    return greeted;
  }

  /** Offers and takes the answer. The offer waits for no candidates: the provider learns ours by our checks. */
  async #negotiate(token: Token, ask: typeof fetch, signal: AbortSignal): Promise<void> {
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const response = await ask(token.minted.connect_url, {
      method: "POST",
      headers: { Authorization: `Bearer ${token.value}`, "Content-Type": "application/sdp" },
      body: this.#peer.localDescription?.sdp ?? "",
      signal,
    });
    if (!response.ok) throw providerFailure(await problemOf(response));
    const sdp = await response.text();
    await this.#peer.setRemoteDescription({ type: "answer", sdp });
  }

  #tell(tell: (listener: Listener) => void): void {
    if (this.#closed) return;
    if (this.#listener) tell(this.#listener);
    else this.#untold.push(tell);
  }
}

const connected = ({ iceConnectionState: state }: RTCPeerConnection): boolean => state === "connected" || state === "completed";

const refusal = (error?: ErrorEvent["error"]): Failure =>
  new Failure("provider", false, { code: error?.code ?? undefined, detail: error?.message });

/** Passes over what is no event. */
function eventOf(data: unknown): ServerEvent | null {
  try {
    const event: unknown = JSON.parse(String(data));
    return typeof (event as ServerEvent | null)?.type === "string" ? (event as ServerEvent) : null;
  } catch {
    return null;
  }
}
