// One setting in the form.
import { fill, h } from "./dom.js";
import { count, languageName, t } from "./words.js";

export const NAMES = ["system_prompt", "greeting", "voice", "language", "speed", "tools"];

/** Texts may be as long as the policy says; the browser takes a little more, so that one sees what is too much. */
const LENGTHS = { system_prompt: "max_system_prompt_chars", greeting: "max_greeting_chars" };

const characters = (text) => [...text].length;

function control(name, id) {
  const named = { id, name, "aria-describedby": `${id}-hint ${id}-locked ${id}-wrong` };
  if (name === "voice" || name === "language") return h("select", named);
  if (name === "greeting") return h("textarea", { ...named, rows: 2 });
  if (name === "system_prompt") return h("textarea", { ...named, rows: 6 });
  if (name === "tools") return h("textarea", { ...named, rows: 4, class: "code", spellcheck: "false", autocapitalize: "off" });
  return h("input", { ...named, type: "range", min: 0.25, max: 1.5, step: 0.05 });
}

export class Field {
  #kept = "";
  #most = 0;
  /** The speed is a place on a scale, which has no place for none. */
  #isUsual = true;

  constructor(name) {
    const id = `setting-${name}`;
    this.name = name;
    this.control = control(name, id);
    this.label = h("label", { for: id });
    this.told = h("output", { class: "told", for: id });
    this.usual = name === "speed" && h("button", { type: "button", class: "quiet", onclick: () => this.#leaveOut() });
    this.hint = h("p", { class: "hint", id: `${id}-hint` });
    this.locked = h("p", { class: "hint locked", id: `${id}-locked` });
    this.wrong = h("p", { class: "wrong", id: `${id}-wrong`, role: "alert" });
    this.element = h("div", { class: `setting ${name}` }, h("div", { class: "titled" }, this.label, this.told), this.control, this.usual, this.hint, this.locked, this.wrong);
    if (name === "speed") this.control.addEventListener("input", () => (this.#isUsual = false));
  }

  /** Takes what is kept. */
  fill({ settings, choices }) {
    const value = settings[this.name];
    this.#most = choices[LENGTHS[this.name]] ?? 0;
    if (this.name === "speed") {
      this.#isUsual = value === undefined;
      this.control.value = value ?? 1;
    } else if (this.name === "tools") {
      this.control.value = value?.length ? JSON.stringify(value, null, 2) : "";
    } else {
      if (this.control.localName === "select") this.#offer(choices, value);
      this.control.value = value ?? "";
    }
    this.#kept = this.#written;
    this.complain([]);
  }

  /** Draws what depends on the language. */
  say({ role, choices, not_in_force: idle }) {
    const isOpen = choices.settings.includes(this.name);
    const reason = idle.find(({ setting }) => setting === this.name)?.reason;
    // What is kept and not allowed any more may be taken away.
    this.control.disabled = !isOpen && !this.#kept;
    this.element.classList.toggle("is-locked", !isOpen);
    this.label.textContent = t(`settings.${this.name}`);
    const hints = { system_prompt: true, greeting: true, tools: true };
    this.hint.textContent = hints[this.name] ? t(`settings.${this.name}.hint`, { most: choices.max_tools }) : "";
    this.hint.hidden = !hints[this.name];
    fill(this.locked, reason ? [`${t("settings.not-in-force")} `, h("span", { lang: "en", text: reason })] : isOpen ? [] : t("settings.locked", { role }));
    this.locked.hidden = isOpen && !reason;
    this.locked.classList.toggle("idle", Boolean(reason));
    for (const option of this.control.options ?? []) option.textContent = this.#name(option.value);
    if (this.usual) this.usual.textContent = t("settings.usual");
    this.count();
  }

  /** Says what the value comes to. */
  count() {
    if (this.name === "speed") {
      this.told.textContent = this.#isUsual ? t("settings.usual") : `${count(Number(this.control.value))} ×`;
      this.usual.hidden = this.#isUsual || this.control.disabled;
      this.control.setAttribute("aria-valuetext", this.told.textContent);
    } else if (this.#most > 0) {
      const left = this.#most - characters(this.control.value);
      this.told.textContent = this.control.disabled ? "" : t(left < 0 ? "settings.over" : "settings.left", { count: count(Math.abs(left)) });
      this.told.classList.toggle("over", left < 0);
    }
  }

  get isChanged() {
    return this.#written !== this.#kept;
  }

  /** The value, as it is sent; undefined for none. Fails where it can't be read. */
  read() {
    if (this.#written === "") return undefined;
    if (this.name === "speed") return Number(this.control.value);
    return this.name === "tools" ? list(this.#written) : this.control.value;
  }

  complain(lines) {
    fill(this.wrong, lines);
    this.wrong.hidden = lines.length === 0;
    this.control.setAttribute("aria-invalid", String(lines.length > 0));
  }

  focus() {
    this.control.focus();
  }

  get #written() {
    if (this.name === "speed") return this.#isUsual ? "" : this.control.value;
    return this.control.value.trim();
  }

  #leaveOut() {
    this.#isUsual = true;
    this.control.value = 1;
    this.control.focus();
    // As if it had been typed.
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #offer({ voices, languages }, value) {
    const known = this.name === "voice" ? voices : languages;
    // What is kept is shown, even where it is no longer offered.
    const all = ["", ...new Set([...known, ...(value ? [value] : [])])];
    fill(this.control, all.map((one) => h("option", { value: one, text: this.#name(one) })));
  }

  #name(value) {
    if (value === "") return t("settings.usual");
    return this.name === "language" ? languageName(value) : value;
  }
}

function list(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(t("settings.tools.bad", { problem: error.message }));
  }
  if (!Array.isArray(value)) throw new Error(t("settings.tools.list"));
  return value;
}
