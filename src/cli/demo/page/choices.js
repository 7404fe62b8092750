// The controls: who asks, and for what.
import { byId, h, jsonView, setText } from "./code-view.js";
import { allowanceOf, drawAllowance, refreshUsage } from "./hour.js";
import { createKeys } from "./keys.js";
import { call, claimsOf, jwtOf } from "./service.js";
import { state } from "./state.js";

const keys = createKeys(byId("own"), { jwtOf, call, user: () => state.user });

/** Fills them in from `state.config`; `changed()` is told of every choice. */
export function createChoices(changed) {
  const { config } = state;
  const note = (user) => (user.role ? `JWT says ${user.role}` : "no role in the JWT");
  const people = config.users.map((user) => ({ value: user.id, label: user.name, face: [...user.name][0], note: note(user) }));
  radios("users", "user", people, state.user.id, (id) => choose(config.users.find((user) => user.id === id)).then(changed));
  const pick = (name) => (value) => {
    state[name] = value;
    drawHint();
    changed();
  };
  radios("roles", "role", [{ value: "", label: "from the JWT" }, ...config.roles.map(({ name }) => ({ value: name, label: name }))], "", pick("role"));
  const languages = [...new Set(config.roles.flatMap((role) => role.languages))].map((tag) => ({ value: tag, label: languageName(tag) }));
  radios("languages", "language", [{ value: "", label: "from the browser" }, ...languages], "", pick("language"));
  selects("voice", config.voices, pick("voice"));
  selects("model", config.models, pick("model"));
}

/** From here on it is this one who asks. */
export async function choose(user) {
  state.user = user;
  for (const input of byId("users").querySelectorAll("input")) input.checked = input.value === user.id;
  drawHint();
  drawAllowance();
  try {
    byId("claims").replaceChildren(jsonView(claimsOf(await jwtOf(user)) ?? {}, { label: `Claims of ${user.name}’s JWT` }));
  } catch (error) {
    byId("claims").replaceChildren(h("p", { class: "hint", text: error.message }));
  }
  await Promise.all([keys.show(), allowanceOf(user) ? null : refreshUsage(user)]);
}

function radios(id, name, options, current, onPick) {
  byId(id).replaceChildren(...options.map(({ value, label, face, note }) => {
    const input = h("input", { type: "radio", name, value, class: "sr" });
    input.checked = value === current;
    input.addEventListener("change", () => onPick(value));
    return h("label", {}, input, h("span", {}, face && h("i", { text: face, "aria-hidden": "true" }), h("b", { text: label }), note && h("small", { text: note })));
  }));
}

function selects(id, options, onPick) {
  const select = byId(id);
  select.replaceChildren(h("option", { value: "", text: "the policy’s" }), ...options.map((value) => h("option", { value, text: value })));
  select.addEventListener("change", () => onPick(select.value));
}

function languageName(tag) {
  try {
    const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag);
    return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
  } catch {
    return tag;
  }
}

function drawHint() {
  const { user, role, config } = state;
  const wanted = config.roles.find((one) => one.name === role);
  let hint = user.role ? `Left out: ${user.name}’s JWT says ${user.role}.` : `Left out, and the JWT names none: ${config.default_role}.`;
  if (wanted && user.role && user.role !== role) hint = `The JWT says ${user.role}; another role will be refused.`;
  else if (wanted && user.role === role) hint = "The JWT says so too.";
  else if (wanted) hint = wanted.self_assignable ? "Anyone may ask for this one." : "Only a JWT can give this one: it will be refused.";
  setText(byId("role-hint"), hint);
}
