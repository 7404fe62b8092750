// The events as they come and go. Those of one type in a row share a line; each line opens to the newest of its events.
import { breakable, clock, h, jsonView } from "./code-view.js";
import { follow } from "./transcript.js";

const MOST = 200;

const WAYS = { in: ["↓", "received"], out: ["↑", "sent"] };

export function createEventLog(list, total) {
  let newest = null;
  let count = 0;

  const row = (way, event) => {
    const [arrow, word] = WAYS[way];
    const times = h("em");
    const body = h("div", { class: "body" });
    const details = h("details", {},
      h("summary", {}, h("time", { text: clock(Date.now()) }), h("span", { class: way, "aria-label": word, role: "img", text: arrow }), h("code", {}, breakable(event.type)), times),
      body);
    const line = { way, event, times, number: 1 };
    details.addEventListener("toggle", () => body.replaceChildren(...(details.open ? [jsonView(line.event, { label: `Event ${event.type}` })] : [])));
    return { line, node: h("li", {}, details) };
  };
  // Nobody's place is lost while they read.
  const add = (node) => {
    const append = () => list.append(node);
    if (list.querySelector("details[open]")) append();
    else follow(list, append);
  };

  return {
    /** One more; `way` is `in` or `out`. */
    add(way, event) {
      count += 1;
      total.textContent = `${count}`;
      if (newest?.way === way && newest.event.type === event.type) {
        newest.event = event;
        newest.number += 1;
        newest.times.textContent = `× ${newest.number}`;
        return;
      }
      const made = row(way, event);
      newest = made.line;
      add(made.node);
      if (list.childElementCount > MOST) list.firstElementChild.remove();
    },
    clear() {
      newest = null;
      count = 0;
      total.textContent = "0";
      list.replaceChildren();
    },
  };
}
