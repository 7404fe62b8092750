// Elements, made so that text stays text.

/** An element. Props are attributes; `text`, `class` and `on…` mean what they say. Data only ever becomes text. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** Puts these in the place of what is there. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

/** A button that does one thing. */
export function button(text, onclick, props = {}) {
  return h("button", { type: "button", class: "quiet", onclick, ...props, text });
}

/** Says something to screen readers, politely. */
export function announce(text) {
  byId("status").textContent = text;
}
