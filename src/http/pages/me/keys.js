// The keys that a user has of providers.
import { announce, byId, fill, h } from "./dom.js";
import { KeyCard } from "./key-card.js";
import { trouble } from "./parts.js";
import { providerName, t } from "./words.js";

export class Keys {
  #session = null;
  #cards = new Map();
  #list = null;
  #error = null;

  begin(session, { isSame }) {
    this.#session = session;
    if (!isSame || !this.#list) this.#load();
  }

  /** The token is no longer good: what was typed in goes with it. */
  forget() {
    this.#session = null;
    this.#cards.forEach((card) => card.close());
  }

  clear() {
    this.forget();
    this.#list = this.#error = null;
    this.#cards.clear();
    fill(byId("keys-body"));
  }

  say() {
    if (!this.#session) return;
    if (this.#error) return fill(byId("keys-body"), trouble(this.#error, () => this.#load()));
    if (!this.#list) return fill(byId("keys-body"), h("p", { class: "empty", text: t("loading") }));
    const { keys, providers } = this.#list;
    const known = new Map(keys.map((key) => [key.provider, key]));
    const names = [...new Set([...providers, ...known.keys()])].sort(bySessionsFirst);
    if (names.length === 0) return fill(byId("keys-body"), h("p", { class: "empty", text: t("keys.off") }));
    for (const name of names) this.#card(name).show(known.get(name) ?? null, providers.includes(name));
    fill(byId("keys-body"), h("ul", { class: "keys" }, names.map((name) => this.#card(name).element)));
  }

  #card(provider) {
    if (!this.#cards.has(provider)) {
      const changed = (key) => this.#changed(provider, key);
      this.#cards.set(provider, new KeyCard(provider, { session: () => this.#session, changed }));
    }
    return this.#cards.get(provider);
  }

  async #load() {
    const session = this.#session;
    this.#error = null;
    this.say();
    try {
      const list = await session.api.json("/v1/me/keys");
      if (session === this.#session) this.#list = list;
    } catch (error) {
      if (session !== this.#session || session.isOver(error)) return;
      this.#error = error;
    }
    this.say();
  }

  /** One key is another one now, or none. */
  #changed(provider, key) {
    if (!this.#list) return;
    const others = this.#list.keys.filter((other) => other.provider !== provider);
    this.#list = { ...this.#list, keys: key ? [...others, key] : others };
    this.say();
    const named = { provider: providerName(provider) };
    announce(key ? t("keys.judged", { ...named, state: t(`state.${key.state}`) }) : t("keys.removed", named));
  }
}

/** The key that conversations go by comes first. */
const bySessionsFirst = (a, b) => (b === "openai") - (a === "openai") || a.localeCompare(b);
