// Talks to the service, as whoever has the token. The token is in this object and nowhere else.

/** So many requests are under way at once: a burst is refused. */
const AT_ONCE = 4;

/** Waits that a refusal asks for, in seconds, up to which it is asked again. */
const PATIENCE = 3;

/** An answer that is no good. `status` is 0 where none came. */
export class Problem extends Error {
  constructor(status, { detail, code, param } = {}) {
    super(detail ?? (status ? `The service answered ${status}.` : "The service does not answer."));
    this.status = status;
    this.code = code ?? "";
    this.param = param ?? "";
  }

  /** Whether whoever asks is not, or no longer, an operator. */
  get isSignedOut() {
    return this.status === 401 || this.status === 403;
  }
}

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function problem(answer) {
  const body = await answer.json().catch(() => ({}));
  return new Problem(answer.status, body);
}

function address(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  const query = new URLSearchParams(given).toString();
  return query ? `${path}?${query}` : path;
}

export class Api {
  #token;
  #underWay = 0;
  #waiting = [];
  #closed = new AbortController();

  constructor(token) {
    this.#token = token;
  }

  /** Ends everything that is under way. */
  close() {
    this.#token = "";
    this.#closed.abort();
  }

  get isClosed() {
    return this.#closed.signal.aborted;
  }

  /** An answer in JSON. */
  async json(path, parameters = {}) {
    return this.#inTurn(async () => (await this.#fetch(address(path, parameters), "application/json")).json());
  }

  /** Asks for something to be done; the answer in JSON, or null where there is none. */
  async send(method, path, body) {
    const answer = await this.#fetch(path, "application/json", { method, body });
    return answer.status === 204 ? null : answer.json();
  }

  /** A report as CSV, all of its pages, with one head. */
  async csv(path, parameters = {}) {
    let text = "";
    let cursor = null;
    do {
      const answer = await this.#fetch(address(path, { ...parameters, cursor }), "text/csv");
      const page = await answer.text();
      text += cursor ? page.slice(page.indexOf("\r\n") + 2) : page;
      cursor = answer.headers.get("x-next-cursor");
    } while (cursor);
    return text;
  }

  /** An answer that goes on and on, as a stream of bytes. */
  async stream(path, signal) {
    const answer = await this.#fetch(path, "text/event-stream", { signal: AbortSignal.any([signal, this.#closed.signal]) });
    return answer.body;
  }

  async #fetch(path, accept, { method = "GET", body, signal = this.#closed.signal } = {}) {
    const headers = { Authorization: `Bearer ${this.#token}`, Accept: accept };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const request = { method, headers, signal, body: JSON.stringify(body), cache: "no-store", credentials: "omit" };
    for (let patient = true; ; patient = false) {
      let answer;
      try {
        answer = await fetch(path, request);
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Problem(0);
      }
      if (answer.ok) return answer;
      const wait = Number(answer.headers.get("retry-after") ?? Infinity);
      if (answer.status !== 429 || !patient || wait > PATIENCE) throw await problem(answer);
      await pause(Math.max(1, wait));
    }
  }

  async #inTurn(work) {
    if (this.#underWay < AT_ONCE) this.#underWay += 1;
    else await new Promise((turn) => this.#waiting.push(turn));
    try {
      return await work();
    } finally {
      // Whoever waits gets this turn.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#underWay -= 1;
    }
  }
}
