// Range and filters over the page, which stand in its address.
import { go, read, zones } from "./address.js";
import { byId, fill, h } from "./dom.js";
import { RANGES, dateIn, later } from "./window.js";

/** Fills the controls in and listens to them. */
export function start() {
  fill(byId("ranges"), Object.entries(RANGES).map(([value, text]) =>
    h("label", {}, h("input", { type: "radio", name: "range", value, onchange: () => choose(value) }), h("span", { text }))));
  byId("zone").addEventListener("change", (event) => go({ zone: event.target.value }));
  byId("role").addEventListener("change", (event) => go({ role: event.target.value || null }));
  byId("clear").addEventListener("click", () => go({ role: null, user: null, issuer: null }));
  byId("user-form").addEventListener("submit", (event) => {
    event.preventDefault();
    go({ user: byId("user").value.trim() || null, issuer: null });
  });
  byId("dates").addEventListener("submit", (event) => {
    event.preventDefault();
    const [from, to] = [byId("from").value, byId("to").value];
    if (from && to) go({ range: "custom", from: from < to ? from : to, to: from < to ? to : from });
  });
}

function choose(range) {
  if (range !== "custom") {
    go({ range });
    return;
  }
  const { zone } = read();
  const today = dateIn(zone, Date.now());
  go({ range, from: later(today, -13), to: today });
  byId("from").focus();
}

/** Shows what the address says. `roles`: those that are known by now. */
export function show(view, roles) {
  for (const input of byId("ranges").querySelectorAll("input")) input.checked = input.value === view.range;
  byId("dates").hidden = view.range !== "custom";
  byId("from").value = view.from;
  byId("to").value = view.to;
  options(byId("zone"), zones(view.zone), view.zone, (zone) => zone.replaceAll("_", " "));
  options(byId("role"), ["", ...new Set([...roles, view.role].filter(Boolean))], view.role ?? "", (role) => role || "all roles");
  byId("user").value = view.user ?? "";
  byId("clear").hidden = !view.role && !view.user;
}

function options(select, values, chosen, write) {
  const known = [...select.options].map(({ value }) => value);
  if (known.length !== values.length || known.some((value, n) => value !== values[n])) {
    fill(select, values.map((value) => h("option", { value, text: write(value) })));
  }
  select.value = chosen;
}
