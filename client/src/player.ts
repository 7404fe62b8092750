/** The assistant's sound, in an element of the page's or one of its own. */
export class Player {
  readonly #element: HTMLAudioElement;
  readonly #onBlocked: (element: HTMLAudioElement) => void;
  #stream: MediaStream | null = null;

  constructor(given: HTMLAudioElement | undefined, onBlocked: (element: HTMLAudioElement) => void) {
    this.#element = given ?? new Audio();
    this.#onBlocked = onBlocked;
  }

  /** Plays. Where the browser waits for a gesture, `onBlocked` is told. */
  play(stream: MediaStream): void {
    this.#stream = this.#element.srcObject = stream;
    this.#element.play().catch((error: unknown) => {
      // Others are those of a stream that was replaced before it played.
      if ((error as Error | null)?.name === "NotAllowedError") this.#onBlocked(this.#element);
    });
  }

  /** Does nothing where the browser does not let pages choose. */
  async choose(deviceId: string): Promise<void> {
    await (this.#element as Partial<HTMLAudioElement>).setSinkId?.(deviceId);
  }

  /** Falls silent, unless the page has given the element to somebody else meanwhile. */
  stop(): void {
    if (this.#element.srcObject === this.#stream) this.#element.srcObject = null;
  }
}
