// Light, dark, or as the reader's system has it.

const ORDER = ["auto", "light", "dark"];

/**
 * `button` goes from one theme to the next, `name(theme)` is what it says then, and `changed()` is told, also when the system's
 * theme changes. Answers with a function that says it anew.
 */
export function cycle(button, name, changed = () => {}) {
  const current = () => document.documentElement.dataset.theme ?? "auto";
  const say = () => (button.textContent = name(current()));
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length];
    say();
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  say();
  return say;
}
