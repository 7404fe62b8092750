// What the parts of the page have in common.
import { button, byId, h } from "./dom.js";
import { isEnglish, knows, t } from "./words.js";

/** What is wrong, in the reader's language where there are words for it, and as the service says it. */
export function complaint(error) {
  const key = `code.${error.status === 0 ? "silent" : error.code}`;
  if (isEnglish() || !knows(key)) return [h("span", { lang: "en", text: error.message })];
  const detail = error.status === 0 ? null : h("span", { lang: "en", text: ` (${error.message})` });
  return [h("span", { text: t(key) }), detail].filter(Boolean);
}

/** A trouble with a way to try again. */
export function trouble(error, again) {
  return h("div", { class: "trouble", role: "alert" }, h("p", {}, complaint(error)), button(t("again"), again));
}

/** Asks whether something is really to be done. */
export function ask(title, text, yes) {
  const dialog = byId("ask");
  byId("ask-title").textContent = title;
  byId("ask-text").textContent = text;
  byId("ask-yes").textContent = yes;
  dialog.showModal();
  return new Promise((answer) => {
    const done = new AbortController();
    const end = (value) => {
      done.abort();
      dialog.close();
      answer(value);
    };
    byId("ask-yes").addEventListener("click", () => end(true), done);
    byId("ask-no").addEventListener("click", () => end(false), done);
    dialog.addEventListener("close", () => end(false), done);
  });
}
