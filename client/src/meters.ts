/** The quietest sound that shows, in decibels below the loudest. */
const FLOOR = 60;

/** Measures one stream. */
class Meter {
  readonly #source: MediaStreamAudioSourceNode;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(
    context: AudioContext,
    readonly stream: MediaStream,
  ) {
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power)) / FLOOR));
  }

  close(): void {
    this.#source.disconnect();
  }
}

/**
 * Levels by Web Audio, which is the one way that Chromium, Firefox and Safari share. Nothing is made before the first look:
 * a page without a meter pays for none.
 */
export class Meters {
  #context: AudioContext | null = null;
  readonly #meters = new Map<string, Meter>();

  /** Of 0 (60 dB below the loudest, or no stream) to 1, on a scale of decibels. */
  level(name: string, stream: MediaStream | undefined): number {
    if (!stream) return 0;
    const context = (this.#context ??= new AudioContext());
    // The browser may hold it back until there was a gesture.
    if (context.state === "suspended") context.resume().catch(() => {});
    let meter = this.#meters.get(name);
    if (meter?.stream !== stream) {
      meter?.close();
      this.#meters.set(name, (meter = new Meter(context, stream)));
    }
    return meter.level();
  }

  close(): void {
    this.#context?.close().catch(() => {});
  }
}
