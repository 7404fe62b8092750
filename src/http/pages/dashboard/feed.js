// The newest mints and refusals, as they happen.
import { button, fill, h } from "./dom.js";
import { count, counted, milliseconds, time } from "./format.js";
import { outcomeTag, showMints } from "./ledger.js";

const KEPT = 40;
const PATH = "/v1/admin/mints";

/** Screen readers are told at most this often, in milliseconds. */
const SPEAK_EVERY = 15_000;

export class Feed {
  #entries = [];
  #body = null;
  #context = null;
  #unsaid = { mint: 0, refusal: 0 };
  #speaks = false;

  /** The panel that shows it. */
  panel() {
    return {
      id: "feed", title: "Live",
      load: ({ api }) => api.json(PATH, { limit: 12 }),
      isEmpty: () => false,
      draw: (body, { mints }, context) => {
        this.#body = body;
        this.#context = context;
        mints.toReversed().forEach((mint) => this.#keep("mint", mint));
        this.#draw();
      },
    };
  }

  clear() {
    this.#entries = [];
  }

  /** Takes an event in. */
  add(kind, value) {
    this.#keep(kind, value);
    this.#draw(true);
    this.#unsaid[kind] += kind === "refusal" ? value.count : 1;
    this.#speak();
  }

  #keep(kind, value) {
    const at = Date.parse(kind === "mint" ? value.created_at : value.at);
    // A mint that was shown while it was pending has ended.
    this.#entries = this.#entries.filter((entry) => kind !== "mint" || entry.value.id !== value.id);
    this.#entries.unshift({ kind, value, at });
    this.#entries.sort((a, b) => b.at - a.at);
    this.#entries.length = Math.min(this.#entries.length, KEPT);
  }

  #draw(isNew = false) {
    if (!this.#body) return;
    const { view } = this.#context;
    const isWanted = ({ kind, value }) => (!view.user || value.user_id === view.user) && (!view.role || (kind === "mint" && value.role === view.role));
    const entries = this.#entries.filter(isWanted);
    if (entries.length === 0) {
      fill(this.#body, h("p", { class: "empty", text: "Nothing has happened yet. Mints and refusals appear here at once." }));
      return;
    }
    const focused = this.#body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const lines = entries.map((entry, n) => this.#line(entry, isNew && n === 0));
    const scrolled = this.#body.querySelector(".feed")?.scrollTop ?? 0;
    fill(this.#body, h("div", { class: "feed", tabindex: "0", role: "region", "aria-label": "Newest mints and refusals" }, h("ol", {}, lines)));
    this.#body.firstChild.scrollTop = scrolled;
    if (focused) [...this.#body.querySelectorAll("[data-key]")].find((node) => node.dataset.key === focused)?.focus();
  }

  #line({ kind, value, at }, isNew) {
    const { zone } = this.#context.view;
    const what = kind === "mint"
      ? [outcomeTag(value.outcome), h("span", { class: "soft", text: `${value.role} · ${value.language} · ${value.error ?? milliseconds(value.latency_ms)}` })]
      : [h("span", { class: "tag refused", text: "refused" }), h("span", { class: "soft", text: `${value.code}${value.count > 1 ? ` ×${count(value.count)}` : ""}` })];
    return h("li", { class: isNew ? "new" : null },
      h("time", { datetime: new Date(at).toISOString(), text: time(at, zone, "second") }),
      h("span", { class: "who" }, this.#who(value, `${kind} ${value.id ?? at}`)), ...what);
  }

  #who({ user_id: user, issuer }, key) {
    if (user === null || user === undefined) return "nobody known";
    const open = () => {
      const now = Date.now();
      return showMints(this.#context, { from: new Date(now - 86_400_000).toISOString(), to: new Date(now + 60_000).toISOString(), user, issuer });
    };
    return button(user, open, { class: "link", "data-key": key, "aria-label": `${user}: mints of the last day` });
  }

  #speak() {
    if (this.#speaks) return;
    this.#speaks = true;
    setTimeout(() => {
      const { mint, refusal } = this.#unsaid;
      this.#unsaid = { mint: 0, refusal: 0 };
      this.#speaks = false;
      const said = [mint && counted(mint, "new mint"), refusal && counted(refusal, "refusal")].filter(Boolean).join(", ");
      document.getElementById("live-said").textContent = said;
    }, SPEAK_EVERY);
  }
}
