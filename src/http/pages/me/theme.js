// Light, dark, or as the reader's system has it.

const ORDER = ["auto", "light", "dark"];

/** `button` goes from one theme to the next; `name(theme)` is what it says, and `again(say)` is told how to say it anew. */
export function cycle(button, name, again) {
  const current = () => document.documentElement.dataset.theme ?? "auto";
  const say = () => (button.textContent = name(current()));
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length];
    say();
  });
  again(say);
}
