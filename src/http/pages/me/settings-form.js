// The form of a user's settings: one field for each, locked where the role does not leave it to them.
import { button, fill, h } from "./dom.js";
import { Field, NAMES } from "./settings-field.js";
import { complaint } from "./parts.js";
import { t } from "./words.js";

export class Form {
  #form;
  #fields = NAMES.map((name) => new Field(name));
  #kept = null;
  #acts;

  /** `changed`, `save`, `undo` and `remove` are called when somebody does so. */
  constructor(form, acts) {
    this.#form = form;
    this.#acts = acts;
    this.trouble = h("div", { class: "trouble", role: "alert", hidden: true });
    this.status = h("p", { class: "hint state", role: "status" });
    form.addEventListener("input", () => {
      this.#fields.forEach((field) => field.count());
      acts.changed();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      acts.save();
    });
  }

  /** Puts the settings that are kept into the fields. */
  fill(kept) {
    this.#kept = kept;
    for (const field of this.#fields) field.fill(kept);
    this.complain(null);
  }

  clear() {
    this.#kept = null;
    fill(this.#form);
  }

  /** Draws it, in the reader's language. */
  say(kept, state) {
    const focused = document.activeElement?.id;
    const { choices, role } = kept;
    for (const field of this.#fields) field.say(kept);
    this.save = h("button", { class: "go", text: t("settings.save") });
    this.undo = button(t("settings.undo"), () => this.#acts.undo());
    this.remove = button(t("settings.delete"), () => this.#acts.remove(), { hidden: !kept.updated_at });
    fill(this.#form, choices.settings.length === 0 && h("p", { class: "empty", text: t("settings.nothing", { role }) }),
      this.#fields.map((field) => field.element), this.trouble, h("div", { class: "tools" }, this.save, this.undo, this.remove, this.status));
    this.state(state);
    if (focused) this.#form.querySelector(`#${CSS.escape(focused)}`)?.focus();
  }

  /** Says how what is written stands to what is kept. */
  state(text) {
    this.status.textContent = text;
    if (!this.save) return;
    this.undo.hidden = !this.isChanged;
    this.save.disabled = this.#isBusy || this.#kept.choices.settings.length === 0;
  }

  #isBusy = false;

  set isBusy(isBusy) {
    this.#isBusy = isBusy;
    if (this.save && this.#kept) this.save.disabled = isBusy || this.#kept.choices.settings.length === 0;
  }

  get isChanged() {
    return this.#kept !== null && this.#fields.some((field) => field.isChanged);
  }

  /** What is written, or what of it can't be read. */
  read() {
    const settings = {};
    for (const field of this.#fields) {
      try {
        const value = field.read();
        if (value !== undefined) settings[field.name] = value;
      } catch (error) {
        return { wrong: Object.assign(error, { param: field.name }) };
      }
    }
    return { settings };
  }

  /** Shows what is wrong at the field that it is about; null: nothing is. */
  complain(error, { focus = false } = {}) {
    const name = error?.param?.split(/[.[]/)[0];
    const at = this.#fields.find((field) => field.name === name);
    for (const field of this.#fields) field.complain(field === at ? this.#words(error) : []);
    this.trouble.hidden = !error || Boolean(at);
    fill(this.trouble, error && !at && h("p", {}, complaint(error)));
    if (focus) at?.focus();
  }

  /** Within a list, the place is said as well. */
  #words(error) {
    const place = error.param !== error.param?.split(/[.[]/)[0] ? `${error.param}: ` : "";
    return [place, ...(error.status === undefined ? [error.message] : complaint(error))];
  }
}
