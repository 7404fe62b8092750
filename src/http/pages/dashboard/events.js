// Mints and refusals as they happen: server-sent events, read with fetch, since EventSource can't send the operator's token.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/** The service says something every 15 seconds. Silence for so long is a connection that leads nowhere. */
const SILENCE = 40_000;

/** Reads events out of text that comes in pieces: `feed(text)` for each, `each({ event, data })` for every whole one. */
export function reader(each) {
  let rest = "";
  let event = "message";
  let data = [];
  const line = (text) => {
    if (text === "") {
      if (data.length > 0) each({ event, data: data.join("\n") });
      event = "message";
      data = [];
      return;
    }
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(text);
    if (name === "event") event = value;
    else if (name === "data") data.push(value);
  };
  return (text) => {
    // A line may end in \r\n, the two of which may come apart.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    lines.forEach(line);
  };
}

/** Follows the events until it is stopped. `each(name, value)`; `state("live" | "waiting")`; `over(error)`: whether to give up. */
export class Events {
  #stopped = new AbortController();
  #wait = FIRST_WAIT;

  constructor({ api, each, state, over }) {
    Object.assign(this, { api, each, state, over });
  }

  stop() {
    this.#stopped.abort();
  }

  async follow() {
    while (!this.#stopped.signal.aborted) {
      try {
        await this.#read();
      } catch (error) {
        if (this.#stopped.signal.aborted || this.over(error)) return;
      }
      if (this.#stopped.signal.aborted) return;
      this.state("waiting");
      await this.#pause();
    }
  }

  async #read() {
    const silence = new AbortController();
    const body = await this.api.stream("/v1/admin/events", AbortSignal.any([this.#stopped.signal, silence.signal]));
    this.state("live");
    const feed = reader(({ event, data }) => this.each(event, JSON.parse(data)));
    let timer = 0;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE);
    };
    heard();
    try {
      const texts = body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await texts.read(); !piece.done; piece = await texts.read()) {
        heard();
        this.#wait = FIRST_WAIT;
        feed(piece.value);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Longer each time, and not the same for everybody. */
  #pause() {
    const wait = this.#wait * (0.75 + Math.random() / 2);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    return new Promise((done) => {
      setTimeout(done, wait);
      this.#stopped.signal.addEventListener("abort", done, { once: true });
    });
  }
}
