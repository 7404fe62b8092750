// What is left of the hour, and what was used.
import { byId, fill, h } from "./dom.js";
import { trouble } from "./parts.js";
import { count, knows, t, time } from "./words.js";

const SHOWN = 6;

export class Use {
  #session = null;
  #use = null;
  #error = null;
  #at = 0;
  #timer = 0;

  begin(session, { use }) {
    this.#session = session;
    this.#got(use);
  }

  /** The token is no longer good. */
  forget() {
    clearTimeout(this.#timer);
    this.#session = null;
  }

  /** Somebody else's turn. */
  clear() {
    this.forget();
    this.#use = this.#error = null;
    fill(byId("use-body"));
  }

  say() {
    if (!this.#session) return;
    if (this.#error) return fill(byId("use-body"), trouble(this.#error, () => this.#load()));
    const { rate_limit: hour, tokens, recent } = this.#use;
    fill(byId("use-body"), hour.limit === 0 ? h("p", { text: t("use.none") }) : allowance(hour, this.#at), totals(tokens),
      h("h3", { text: t("use.recent") }), recent.length === 0 ? h("p", { class: "empty", text: t("use.empty") }) : newest(recent));
  }

  #got(use) {
    this.#use = use;
    this.#error = null;
    this.#at = Date.now();
    this.say();
    clearTimeout(this.#timer);
    // When more is left, it is shown.
    const { remaining, limit, reset_seconds: seconds } = use.rate_limit;
    if (remaining < limit) this.#timer = setTimeout(() => this.#load(), (seconds + 1) * 1000);
  }

  async #load() {
    const session = this.#session;
    try {
      const use = await session.api.json("/v1/me/usage");
      if (session === this.#session) this.#got(use);
    } catch (error) {
      if (session !== this.#session || session.isOver(error)) return;
      this.#error = error;
      this.say();
    }
  }
}

function allowance({ limit, remaining, reset_seconds: seconds }, at) {
  const words = t("use.left", { remaining: count(remaining), limit: count(limit) });
  const next = remaining < limit && t("use.next", { time: time(at + seconds * 1000, "time") });
  return h("div", { class: "allowance" },
    h("p", { class: remaining === 0 ? "none" : "", text: words }),
    h("meter", { min: 0, max: limit, value: remaining, low: limit / 4, "aria-label": words }),
    next && h("p", { class: "hint", text: next }));
}

function totals({ last_hour: hour, last_day: day, last_30_days: month }) {
  const one = ([key, value]) => h("div", {}, h("dt", { text: t(key) }), h("dd", { text: count(value) }));
  return h("dl", { class: "totals" }, [["use.hour", hour], ["use.day", day], ["use.month", month]].map(one));
}

function newest(mints) {
  const outcome = (name) => (knows(`outcome.${name}`) ? t(`outcome.${name}`) : name);
  const line = (mint) => h("li", {}, h("time", { datetime: mint.created_at, text: time(mint.created_at) }),
    h("span", { class: "soft", text: `${mint.language} · ${outcome(mint.outcome)}` }));
  return h("ul", { class: "newest" }, mints.slice(0, SHOWN).map(line));
}
