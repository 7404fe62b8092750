// The key of one provider: what is known of it, and what can be done with it.
import { button, fill, h } from "./dom.js";
import { ask, complaint } from "./parts.js";
import { ago, knows, providerName, t, time } from "./words.js";

/** Of these a new one has to be entered, or something done at the provider. */
const BAD = ["refused", "no_quota", "no_access", "unreadable"];

export class KeyCard {
  #provider;
  #session;
  #changed;
  #key = null;
  #isTaken = true;
  #isOpen = false;
  #isBusy = false;

  /** `session()` is whoever is signed in; `changed(key)` is called with the key as it is now. */
  constructor(provider, { session, changed }) {
    this.#provider = provider;
    this.#session = session;
    this.#changed = changed;
    this.head = h("div", { class: "head" });
    this.facts = h("div", { class: "facts" });
    this.tools = h("div", { class: "tools" });
    this.problem = h("div", { class: "trouble", role: "alert", hidden: true });
    this.entry = h("div", { class: "entry" });
    this.element = h("li", { class: "key", id: `key-${provider}` }, this.head, this.facts, this.problem, this.tools, this.entry);
  }

  /** The key as it is, or none; `isTaken`: whether one may be entered. */
  show(key = this.#key, isTaken = this.#isTaken) {
    this.#key = key;
    this.#isTaken = isTaken;
    const state = key?.state ?? "none";
    const kind = BAD.includes(state) ? "bad" : state === "valid" ? "good" : "plain";
    fill(this.head, h("h3", { text: providerName(this.#provider) }), h("span", { class: `tag ${kind}`, text: t(`state.${state}`) }),
      key?.is_old && h("span", { class: "tag wait", text: t("state.old") }));
    fill(this.facts, key ? facts(key) : h("p", { class: "hint", text: t("keys.none") }));
    const act = (name, act, more) => {
      const label = t(`keys.${name}`);
      return button(label, act, { "aria-label": t("keys.of", { action: label, provider: providerName(this.#provider) }), disabled: this.#isBusy, ...more });
    };
    fill(this.tools, !this.#isOpen && isTaken && act(key ? "replace" : "enter", () => this.#open(), { "data-act": "enter" }),
      key && isTaken && state !== "unreadable" && act("validate", () => this.#validate()),
      key && act("remove", () => this.#remove()));
    if (this.#isOpen && !this.entry.hasChildNodes()) this.#open();
  }

  /** Ends entering a key; what was typed in is gone. */
  close() {
    this.#isOpen = false;
    for (const input of this.entry.querySelectorAll("input")) input.value = "";
    fill(this.entry);
  }

  #open() {
    this.#isOpen = true;
    const named = { provider: providerName(this.#provider) };
    const id = `field-${this.#provider}`;
    const input = h("input", { id, type: "password", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 600,
      "aria-describedby": `${id}-hint ${id}-wrong` });
    const wrong = h("p", { class: "wrong", id: `${id}-wrong`, role: "alert", hidden: true });
    const save = h("button", { class: "go", text: t("keys.save") });
    const anyway = button(t("keys.save-anyway"), () => this.#save({ input, wrong, save, anyway }, false), { hidden: true });
    const form = h("form", { "aria-label": t("keys.field", named), novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        this.#save({ input, wrong, save, anyway }, true);
      } },
    h("label", { for: id, text: t("keys.field", named) }), input, h("p", { class: "hint", id: `${id}-hint`, text: t("keys.field-hint") }), wrong,
    h("div", { class: "tools" }, save, anyway, button(t("cancel"), () => this.#cancel())));
    fill(this.entry, form);
    this.show();
    input.focus();
  }

  #cancel() {
    this.close();
    this.show();
    this.tools.querySelector("[data-act]")?.focus();
  }

  async #save({ input, wrong, save, anyway }, validate) {
    const key = input.value.trim();
    const complain = (...lines) => {
      fill(wrong, lines);
      wrong.hidden = lines.length === 0;
      input.setAttribute("aria-invalid", String(lines.length > 0));
    };
    if (!key) {
      complain(t("keys.empty-field"));
      return input.focus();
    }
    complain();
    save.disabled = anyway.disabled = true;
    save.textContent = t("keys.saving");
    const session = this.#session();
    try {
      const body = validate ? { key } : { key, validate };
      const stored = await session.api.send("PUT", `/v1/me/keys/${encodeURIComponent(this.#provider)}`, body);
      if (session !== this.#session()) return;
      this.close();
      this.#done(stored);
    } catch (error) {
      if (session !== this.#session() || session.isOver(error)) return;
      complain(...complaint(error));
      anyway.hidden = error.status !== 503 || !validate;
      save.disabled = anyway.disabled = false;
      save.textContent = t("keys.save");
      input.focus();
    }
  }

  #validate() {
    return this.#act(async (api) => {
      const key = await api.send("POST", `/v1/me/keys/${encodeURIComponent(this.#provider)}/validate`);
      this.#done(key);
      if (key.state === "unvalidated") this.#complain(t("keys.not-asked"));
    });
  }

  async #remove() {
    const title = t("keys.remove-title", { provider: providerName(this.#provider) });
    if (!await ask(title, t("keys.remove-text"), t("keys.remove"))) return;
    await this.#act(async (api) => {
      await api.send("DELETE", `/v1/me/keys/${encodeURIComponent(this.#provider)}`);
      this.close();
      this.#done(null);
    });
  }

  /** Does one thing at a time, and says what went wrong with it. */
  async #act(work) {
    const session = this.#session();
    this.#isBusy = true;
    this.problem.hidden = true;
    this.show();
    try {
      await work(session.api);
    } catch (error) {
      if (session !== this.#session() || session.isOver(error)) return;
      this.#complain(...complaint(error));
    } finally {
      this.#isBusy = false;
      if (session === this.#session()) this.show();
    }
  }

  #complain(...lines) {
    fill(this.problem, h("p", {}, lines));
    this.problem.hidden = false;
  }

  #done(key) {
    this.problem.hidden = true;
    this.#isBusy = false;
    this.#changed(key);
    this.tools.querySelector("button")?.focus();
  }
}

function facts(key) {
  const when = (name, at) => h("span", { title: time(at), text: t(name, { when: ago(at) }) });
  const advice = knows(`advice.${key.state}`) && t(`advice.${key.state}`);
  return [
    h("p", { text: `${t("keys.masked")} ` }, h("code", { text: key.masked })),
    advice && h("p", { class: BAD.includes(key.state) ? "advice bad" : "advice", text: advice }),
    key.is_old && h("p", { class: "advice wait", text: t("keys.old", { when: ago(key.updated_at) }) }),
    h("p", { class: "hint dots" }, when("keys.entered", key.updated_at),
      key.last_used_at ? when("keys.used", key.last_used_at) : h("span", { text: t("keys.unused") }),
      key.last_validated_at && when("keys.validated", key.last_validated_at)),
  ];
}
