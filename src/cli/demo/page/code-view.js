// Building blocks: elements without innerHTML, coloured JSON and JavaScript, copy buttons, clock formats.

import { announce, byId, fill as fillNode, h } from "/dashboard/dom.js";

export { announce, byId, h };

/** Puts these in the place of what is in the element of this id. */
export const fill = (id, ...nodes) => fillNode(byId(id), ...nodes);

/** What stands where there is nothing yet. */
export const empty = (text, kind = "") => h("p", { class: `empty ${kind}`.trim(), text });

/** A value as indented, coloured JSON. `mark(path)` may name a class for the value at a dotted path. */
export function jsonView(value, { label = "JSON", mark = () => null } = {}) {
  const code = h("code");
  const lines = [];
  const line = (depth, ...parts) => {
    const row = h("span", { class: "line" }, "  ".repeat(depth), ...parts);
    row.style.setProperty("--depth", depth);
    lines.push(row);
  };
  const walk = (item, depth, path, before, after) => {
    const open = Array.isArray(item) ? "[" : "{";
    const close = Array.isArray(item) ? "]" : "}";
    if (item === null || typeof item !== "object") {
      line(depth, ...before, h("span", { class: `${kindOf(item)} ${mark(path) ?? ""}`.trim(), text: JSON.stringify(item) }), after);
      return;
    }
    const entries = Object.entries(item);
    if (entries.length === 0) {
      line(depth, ...before, open + close, after);
      return;
    }
    line(depth, ...before, open);
    entries.forEach(([key, child], index) => {
      const name = Array.isArray(item) ? [] : [h("span", { class: "key", text: JSON.stringify(key) }), ": "];
      walk(child, depth + 1, path ? `${path}.${key}` : key, name, index < entries.length - 1 ? "," : "");
    });
    line(depth, close, after);
  };
  walk(value, 0, "", [], "");
  lines.forEach((row, index) => code.append(row, index < lines.length - 1 ? "\n" : ""));
  return scroller(code, label);
}

const kindOf = (item) => (item === null ? "null" : typeof item);

const JS_TOKENS = /(\/\/.*$)|("(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|\b(import|from|const|await|if|throw|new)\b/gm;

/** JavaScript source, lightly coloured. */
export function jsView(source, label) {
  const code = h("code");
  let end = 0;
  for (const match of source.matchAll(JS_TOKENS)) {
    code.append(source.slice(end, match.index));
    code.append(h("span", { class: match[1] ? "comment" : match[2] ? "string" : "word", text: match[0] }));
    end = match.index + match[0].length;
  }
  code.append(source.slice(end));
  return scroller(code, label);
}

const scroller = (code, label) => h("pre", { class: "code", tabindex: "0", role: "region", "aria-label": label }, code);

/** A button that copies what `read()` returns at that moment. */
export function copyButton(read, label, text = "Copy") {
  const button = h("button", { type: "button", class: "quiet", "aria-label": `Copy ${label}`, text });
  button.addEventListener("click", async () => {
    let done = "Copied";
    try {
      await navigator.clipboard.writeText(read());
    } catch {
      done = "Not allowed here";
    }
    button.textContent = done;
    announce(done === "Copied" ? `Copied ${label}` : "The browser did not allow copying");
    setTimeout(() => { button.textContent = text; }, 1600);
  });
  return button;
}

/** Sets text only when it changes, so that a ticking page stays quiet. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Seconds as m:ss. */
export function minutes(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export const clock = (ms) => new Date(ms).toLocaleTimeString("en-GB");
export const shorten = (value) => (value.length > 18 ? `${value.slice(0, 9)}…${value.slice(-4)}` : value);

/** A code or a name of an event, which may break after its dots and underscores. */
export const breakable = (code) => code.split(/(?<=[._])/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));
