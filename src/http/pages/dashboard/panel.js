// A card that shows one thing: it loads, draws, says when there is nothing, and says when it can't be loaded.
import { announce, button, fill, h } from "./dom.js";

/**
 * What a panel is: `id`, `title`, `load(context)`, `draw(body, data, context, memory)`; where there may be nothing to draw,
 * `isEmpty(data)` and `empty`, a sentence or two; `note(data, context)`, what has to be known to read it; and `tools`, buttons:
 * `[label, name for screen readers, act(data, context)]`. `memory` is the panel's own from one drawing to the next.
 */
export class Panel {
  #what;
  #context;
  #memory = {};
  #data = null;
  #turn = 0;

  constructor(what, context) {
    this.#what = what;
    this.#context = context;
    this.body = h("div", { class: "body" });
    this.trouble = h("div", { class: "trouble", hidden: true });
    this.note = h("p", { class: "hint note", hidden: true });
    this.tools = h("div", { class: "tools" });
    this.element = h("section", { class: "card panel loading", id: what.id, "aria-labelledby": `${what.id}-title`, "aria-busy": "true" },
      h("header", {}, h("h2", { id: `${what.id}-title`, text: what.title }), this.tools), this.trouble, this.body, this.note);
    const tools = (what.tools ?? []).map(([label, name, act]) =>
      button(label, () => this.#act(act), { "aria-label": name, disabled: true }));
    fill(this.tools, tools);
  }

  /** Loads and draws. `other`: what is shown so far is of another range, or filtered otherwise. */
  async load({ other = false } = {}) {
    const turn = ++this.#turn;
    this.element.setAttribute("aria-busy", "true");
    if (other) this.element.classList.add("loading");
    try {
      const data = await this.#what.load(this.#context);
      if (turn === this.#turn) this.#show(data);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    } finally {
      if (turn === this.#turn) this.element.setAttribute("aria-busy", "false");
    }
  }

  /** Draws what was drawn on a canvas again, in the colours of now. */
  repaint() {
    this.#memory.chart?.redraw();
  }

  #show(data) {
    this.#data = data;
    this.trouble.hidden = true;
    this.element.classList.remove("loading", "failed");
    for (const tool of this.tools.children) tool.disabled = false;
    const isEmpty = this.#what.isEmpty?.(data) ?? false;
    const note = isEmpty ? null : this.#what.note?.(data, this.#context);
    this.note.hidden = !note;
    this.note.textContent = note ?? "";
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    if (isEmpty) {
      this.#memory = {};
      fill(this.body, h("p", { class: "empty", text: this.#what.empty }));
    } else {
      this.#what.draw(this.body, data, this.#context, this.#memory);
    }
    if (focused) [...this.body.querySelectorAll("[data-key]")].find((node) => node.dataset.key === focused)?.focus();
  }

  #fail(error) {
    if (this.#context.isOver(error)) return;
    this.element.classList.remove("loading");
    this.element.classList.add("failed");
    this.trouble.hidden = false;
    fill(this.trouble, h("p", { text: `${this.#data ? "Not up to date. " : ""}${error.message}` }),
      button("Try again", () => this.load(), { "aria-label": `Try again: ${this.#what.title}` }));
    announce(`${this.#what.title} could not be loaded.`);
  }

  async #act(act) {
    try {
      await act(this.#data, this.#context);
    } catch (error) {
      this.#fail(error);
    }
  }
}

/** The tools of a panel that shows a report: its rows, and the same as CSV. `request(context)` says which report. */
export function reportTools(title, request) {
  return [
    ["Rows", `Rows: ${title}`, (report, context) => context.showReport(title, request(context), report)],
    ["CSV", `CSV: ${title}`, (_, context) => context.saveCsv(request(context))],
  ];
}

/** A panel that shows one report. */
export function reportPanel({ request, ...what }) {
  const load = (context) => {
    const { path, parameters } = request(context);
    return context.api.json(path, parameters);
  };
  return { load, tools: reportTools(what.title, request), note: (report) => report.note, ...what };
}
