// Bars: a table in which each row has a wash as long as its share.
import { button, h } from "./dom.js";
import { count } from "./format.js";

const SHOWN = 8;

/**
 * `rows`: `name`, `value` (how long the bar is), `text`, `aside`, `isChosen`, and `open`, which shows what is behind it.
 * `heads`: of the name, the aside and the text.
 */
export function bars(caption, heads, rows) {
  const longest = Math.max(...rows.map((row) => row.value), 1);
  const chosen = rows.some((row) => row.isChosen);
  const line = ({ name, value, text, aside, isChosen, open, openLabel }) => {
    const label = open ? button(name, open, { class: "link", "data-key": name, "aria-label": openLabel ?? null }) : name;
    const row = h("tr", { class: chosen && !isChosen ? "other" : null },
      h("th", { scope: "row" }, label), h("td", { class: "aside" }, aside ?? ""), h("td", { class: "number", text }));
    row.style.setProperty("--part", (value / longest).toFixed(4));
    return row;
  };
  const [first, aside, last] = heads;
  const head = h("thead", { class: "sr" }, h("tr", {}, [first, aside || "Note", last].map((text) => h("th", { scope: "col", text }))));
  const table = h("table", { class: "bars" }, h("caption", { class: "sr", text: caption }), head, h("tbody", {}, rows.slice(0, SHOWN).map(line)));
  const rest = rows.length - SHOWN;
  return [table, rest > 0 && h("p", { class: "hint", text: `${count(rest)} more under Rows.` })];
}
