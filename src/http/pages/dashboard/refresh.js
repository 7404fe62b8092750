// When panels load: those in sight at once, others when they come into sight; then when something happened, not all the time.

/** Between two loads for what happened, in milliseconds, and without anything happening. */
const AT_LEAST = 5000;
const AT_MOST = 60_000;

/** What happens in a moment is loaded together. */
const GATHER = 700;

export class Refresh {
  #panels;
  #seen = new Set();
  #stale = new Map();
  #last = 0;
  #timer = 0;
  #sight;
  #beat;
  #stopped = new AbortController();
  isPaused = false;

  constructor(panels) {
    this.#panels = panels;
    const of = new Map(panels.map((panel) => [panel.element, panel]));
    this.#sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#seen.add(of.get(target));
        else this.#seen.delete(of.get(target));
      }
      this.#load();
    }, { rootMargin: "160px" });
    panels.forEach((panel) => this.#sight.observe(panel.element));
    this.#beat = setInterval(() => this.soon(), AT_MOST);
    document.addEventListener("visibilitychange", () => this.soon(), { signal: this.#stopped.signal });
    this.#mark({ other: true });
  }

  /** Something is other than before: range, filters. */
  all() {
    this.#mark({ other: true });
    this.#load();
  }

  /** Something happened. */
  soon() {
    if (this.isPaused || document.hidden || this.#timer) return;
    const wait = Math.max(GATHER, this.#last + AT_LEAST - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (this.isPaused) return;
      this.#mark({ other: false });
      this.#load();
    }, wait);
  }

  stop() {
    this.#sight.disconnect();
    this.#stopped.abort();
    clearInterval(this.#beat);
    clearTimeout(this.#timer);
  }

  #mark(how) {
    this.#last = Date.now();
    for (const panel of this.#panels) this.#stale.set(panel, { other: how.other || this.#stale.get(panel)?.other });
  }

  #load() {
    for (const [panel, how] of this.#stale) {
      if (!this.#seen.has(panel)) continue;
      this.#stale.delete(panel);
      panel.load(how);
    }
  }
}
