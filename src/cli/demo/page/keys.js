// Whose key pays: what is said of it, and the way to the page where people see to their own.
import { h, copyButton } from "./code-view.js";

/** `jwtOf(user)` gives a JWT, `call(path, options)` asks the service; `user()` is whoever is chosen. */
export function createKeys(box, { jwtOf, call, user }) {
  let opened = null;

  // The page for users asks whoever opened it for a JWT, now and when that has expired.
  addEventListener("message", async ({ origin, source, data }) => {
    if (origin !== location.origin || source !== opened?.window || data?.type !== "ephemint:ready") return;
    opened.window.postMessage({ type: "ephemint:jwt", jwt: await jwtOf(opened.user) }, location.origin);
  });
  addEventListener("focus", () => show());

  const open = (person) => {
    opened = { user: person, window: window.open("/me") };
  };

  async function show() {
    const person = user();
    let key = null;
    try {
      const got = await call("/v1/me/keys", { token: await jwtOf(person) });
      key = got.json?.keys?.find(({ provider }) => provider === "openai") ?? null;
      if (!got.ok) return;
    } catch {
      return;
    }
    if (person !== user()) return;
    const pays = key ? `${person.name} pays, with a key of their own: ${key.masked}.` : `${person.name} has no key here, so yours pays.`;
    box.replaceChildren(h("p", { class: "hint", text: pays }),
      h("p", { class: "own-tools" },
        h("button", { type: "button", class: "quiet", onclick: () => open(person), text: `Keys and settings of ${person.name}` }),
        !key && person.key && copyButton(() => person.key, `${person.name}’s key`)));
  }

  return { show };
}
