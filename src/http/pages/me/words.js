// What the page says, in the reader's language.
import en from "./en.js";
import es from "./es.js";

const LANGUAGES = { en, es };
const asked = (navigator.languages ?? [navigator.language]).map((tag) => tag.split("-")[0]);
const listeners = [];
let language = asked.find((tag) => tag in LANGUAGES) ?? "en";

/** A text; `{name}` in it stands for a value. */
export function t(key, values = {}) {
  return LANGUAGES[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Whether there is such a text. */
export const knows = (key) => key in LANGUAGES[language];

/** The reader's own form of the language, where that is it: `es-MX` writes other dates than `es`. */
export const locale = () => (navigator.language.split("-")[0] === language ? navigator.language : language);

export const isEnglish = () => language === "en";

const formats = {
  moment: { dateStyle: "medium", timeStyle: "short" },
  time: { hour: "2-digit", minute: "2-digit" },
};

/** A moment in the reader's zone. */
export const time = (at, style = "moment") => new Intl.DateTimeFormat(locale(), formats[style]).format(new Date(at));

export const count = (value) => new Intl.NumberFormat(locale()).format(value);

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** How long ago, in the greatest unit that fits. */
export function ago(at) {
  const seconds = (new Date(at) - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60];
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.round(seconds / length), unit);
}

/** The name of a language, or its tag where the browser has none. */
export function languageName(tag) {
  try {
    return new Intl.DisplayNames(locale(), { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

const PROVIDERS = { openai: "OpenAI", gemini: "Gemini", exa: "Exa", copilotkit: "CopilotKit" };

/** A provider, as it calls itself. */
export const providerName = (name) => PROVIDERS[name] ?? name;

/** Writes what stands in the page. */
function write() {
  document.documentElement.lang = language;
  document.title = t("page.title");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  listeners.forEach((listener) => listener());
}

/** Called now, and whenever the language changes. */
export function onLanguage(listener) {
  listeners.push(listener);
  listener();
}

/** `button` goes from one language to the next. */
export function start(button) {
  const names = Object.keys(LANGUAGES);
  const next = () => names[(names.indexOf(language) + 1) % names.length];
  onLanguage(() => {
    button.textContent = LANGUAGES[next()].name;
    button.lang = next();
  });
  button.addEventListener("click", () => {
    language = next();
    write();
  });
  write();
}
