/** Stand-ins for what browsers have, as strict as theirs: what is closed or stopped can't be used. */

export class FakeTrack extends EventTarget {
  readonly kind = "audio";
  enabled = true;
  readyState: "live" | "ended" = "live";
  onended: (() => void) | null = null;
  constructor(readonly label: string) {
    super();
  }
  /** Its device is unplugged, or the user takes back what they allowed. */
  unplug(): void {
    this.readyState = "ended";
    this.onended?.();
  }
  stop(): void {
    this.readyState = "ended";
  }
}

export class FakeStream {
  readonly #tracks: FakeTrack[];
  constructor(tracks: FakeTrack[] = []) {
    this.#tracks = [...tracks];
  }
  addTrack(track: FakeTrack): void {
    this.#tracks.push(track);
  }
  getTracks(): FakeTrack[] {
    return [...this.#tracks];
  }
  getAudioTracks(): FakeTrack[] {
    return this.getTracks();
  }
}

class FakeSender {
  constructor(
    private readonly peer: FakePeer,
    public track: FakeTrack,
  ) {}
  async replaceTrack(track: FakeTrack): Promise<void> {
    this.peer.mustBeOpen("replaceTrack");
    this.track = track;
  }
}

export class FakeChannel {
  readyState: "connecting" | "open" | "closing" | "closed" = "connecting";
  readonly sent: unknown[] = [];
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly label: string) {}

  send(text: string): void {
    if (this.readyState !== "open") throw new DOMException("the channel is not open", "InvalidStateError");
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    if (this.readyState !== "closed") this.readyState = "closing";
  }

  /** The far side says something. */
  say(event: object | string): void {
    // What was on its way when this side closed still comes.
    if (this.readyState !== "open" && this.readyState !== "closing")
      throw new Error("the far side speaks into a channel that is not open");
    this.onmessage?.({ data: typeof event === "string" ? event : JSON.stringify(event) });
  }
  /** The channel is closed by now, whoever began. */
  closed(): void {
    this.readyState = "closed";
    this.onclose?.();
  }
}

export class FakePeer {
  static all: FakePeer[] = [];
  /** What the far side does with an offer that it took. */
  static onAnswered: (peer: FakePeer) => void = () => {};

  isClosed = false;
  iceConnectionState: RTCIceConnectionState = "new";
  localDescription: { type: string; sdp: string } | null = null;
  remoteDescription: { type: string; sdp: string } | null = null;
  readonly senders: FakeSender[] = [];
  readonly channels: FakeChannel[] = [];
  ontrack: ((event: { track: FakeTrack }) => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;

  constructor() {
    FakePeer.all.push(this);
  }

  mustBeOpen(what: string): void {
    if (this.isClosed) throw new DOMException(`${what} on a closed connection`, "InvalidStateError");
  }
  addTrack(track: FakeTrack): FakeSender {
    this.mustBeOpen("addTrack");
    if (track.readyState === "ended") throw new Error("a track that was stopped is added");
    const sender = new FakeSender(this, track);
    this.senders.push(sender);
    return sender;
  }
  createDataChannel(label: string): FakeChannel {
    this.mustBeOpen("createDataChannel");
    const channel = new FakeChannel(label);
    this.channels.push(channel);
    return channel;
  }
  async createOffer() {
    this.mustBeOpen("createOffer");
    if (!this.senders.length || !this.channels.length) throw new Error("the offer comes before what it offers");
    return { type: "offer", sdp: `offer ${FakePeer.all.indexOf(this)}` };
  }
  async setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.mustBeOpen("setLocalDescription");
    this.localDescription = description;
  }
  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    this.mustBeOpen("setRemoteDescription");
    if (!this.localDescription) throw new DOMException("an answer without an offer", "InvalidStateError");
    this.remoteDescription = description;
    queueMicrotask(() => !this.isClosed && FakePeer.onAnswered(this));
  }
  /** As in Chromium, closing also closes the channels a little later, with their events. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.iceConnectionState = "closed";
    queueMicrotask(() => this.channels.forEach((channel) => channel.closed()));
  }

  get channel(): FakeChannel {
    return this.channels[0]!;
  }
  /** The far side's sound. */
  readonly sound = new FakeTrack("far");

  ice(state: RTCIceConnectionState): void {
    this.mustBeOpen("ICE");
    this.iceConnectionState = state;
    this.oniceconnectionstatechange?.();
  }
  /** Connects, opens the channel and, unless it is silent, greets. */
  connect({ greeting = { type: "session.created", session: {} } }: { greeting?: object | null } = {}): void {
    this.ontrack?.({ track: this.sound });
    this.ice("checking");
    this.ice("connected");
    this.channel.readyState = "open";
    if (greeting) this.channel.say(greeting);
  }
  /** The provider hangs up. */
  hangUp(): void {
    this.channel.closed();
  }
}

export class FakeAudio {
  static all: FakeAudio[] = [];
  srcObject: FakeStream | null = null;
  sink = "";
  refusal: Error | null = null;
  readonly played: (FakeStream | null)[] = [];
  constructor() {
    FakeAudio.all.push(this);
  }
  async play(): Promise<void> {
    if (this.refusal) throw this.refusal;
    this.played.push(this.srcObject);
  }
  async setSinkId(id: string): Promise<void> {
    this.sink = id;
  }
}

export class FakeAudioContext {
  static all: FakeAudioContext[] = [];
  /** The sample that every stream is full of. */
  static sample = 0;
  state: "suspended" | "running" | "closed" = "suspended";
  readonly sources: FakeStream[] = [];
  resumed = 0;
  constructor() {
    FakeAudioContext.all.push(this);
  }
  async resume(): Promise<void> {
    this.resumed++;
    this.state = "running";
  }
  async close(): Promise<void> {
    this.state = "closed";
  }
  createMediaStreamSource(stream: FakeStream) {
    if (this.state === "closed") throw new DOMException("closed", "InvalidStateError");
    if (!stream.getAudioTracks().length) throw new DOMException("no track of sound", "InvalidStateError");
    this.sources.push(stream);
    return { connect() {}, disconnect: () => void this.sources.splice(this.sources.indexOf(stream), 1) };
  }
  createAnalyser() {
    return { fftSize: 2048, getFloatTimeDomainData: (into: Float32Array) => void into.fill(FakeAudioContext.sample) };
  }
}
