// What a user sets for their own conversations, and what comes of it.
import { announce, byId, fill } from "./dom.js";
import { Form } from "./settings-form.js";
import { ask, trouble } from "./parts.js";
import { Preview } from "./preview.js";
import { ago, t } from "./words.js";

export class Settings {
  #session = null;
  #kept = null;
  #error = null;
  #form = new Form(byId("settings-form"), { changed: () => this.#edited(), save: () => this.#save(), undo: () => this.#undo(), remove: () => this.#delete() });
  #preview = new Preview({ wrong: (error) => this.#form.complain(error), right: () => this.#form.complain(null) });

  begin(session, { isSame }) {
    this.#session = session;
    this.#preview.session = session;
    if (!isSame || !this.#kept) this.#load();
  }

  /** The token is no longer good. What was written stays, for whoever signs in again. */
  forget() {
    this.#session = this.#preview.session = null;
    this.#preview.stop();
  }

  clear() {
    this.forget();
    this.#kept = this.#error = null;
    byId("desk").hidden = true;
    this.#form.clear();
    this.#preview.clear();
  }

  say() {
    const box = byId("settings-trouble");
    box.hidden = !this.#error;
    fill(box, this.#error && trouble(this.#error, () => this.#load()));
    byId("desk").hidden = !this.#kept;
    if (!this.#kept) return;
    this.#form.say(this.#kept, this.#state());
    this.#preview.say();
  }

  #state() {
    if (this.#form.isChanged) return t("settings.unsaved");
    return this.#kept.updated_at ? t("settings.kept", { when: ago(this.#kept.updated_at) }) : t("settings.never");
  }

  #edited() {
    this.#form.state(this.#state());
    this.#try();
  }

  /** Looks at what is written, where it can be read at all. */
  #try() {
    const { settings, wrong } = this.#form.read();
    if (wrong) {
      this.#preview.stop();
      this.#form.complain(wrong);
    } else {
      // What is kept may be more than is allowed by now; that is shown beside it, and nobody has done anything wrong.
      this.#preview.soon(this.#form.isChanged ? settings : undefined);
    }
  }

  #got(kept) {
    this.#kept = kept;
    this.#error = null;
    this.#form.fill(kept);
    this.say();
    this.#try();
  }

  async #load() {
    await this.#work(async (api) => this.#got(await api.json("/v1/me/settings")), (error) => {
      this.#error = error;
      this.say();
    });
  }

  async #save() {
    const { settings, wrong } = this.#form.read();
    if (wrong) return this.#form.complain(wrong, { focus: true });
    await this.#work(async (api) => {
      this.#got(await api.send("PUT", "/v1/me/settings", settings));
      announce(t("settings.saved"));
    }, (error) => this.#form.complain(error, { focus: true }));
  }

  #undo() {
    this.#got(this.#kept);
  }

  async #delete() {
    if (!await ask(t("settings.delete-title"), t("settings.delete-text"), t("settings.delete"))) return;
    await this.#work(async (api) => {
      await api.send("DELETE", "/v1/me/settings");
      this.#got(await api.json("/v1/me/settings"));
      announce(t("settings.deleted"));
    }, (error) => this.#form.complain(error, { focus: true }));
  }

  async #work(work, failed) {
    const session = this.#session;
    this.#form.isBusy = true;
    try {
      await work(session.api);
    } catch (error) {
      if (session === this.#session && !session.isOver(error)) failed(error);
    } finally {
      this.#form.isBusy = false;
    }
  }
}
