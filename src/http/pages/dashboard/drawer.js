// The drawer at the side, in which the rows behind a figure are shown, page by page. A <dialog>: the browser keeps the focus in
// it, closes it on Escape, and brings the focus back.
import { announce, button, byId, fill, h } from "./dom.js";
import { counted } from "./format.js";
import { tableOf } from "./table.js";

export class Drawer {
  #dialog = byId("drawer");
  #turn = 0;
  #back = [];

  constructor(context) {
    this.context = context;
    byId("drawer-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#forget());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  close() {
    this.#dialog.close();
  }

  /**
   * Shows pages of rows. `what`: `title`, `about`, `columns`, `empty`, `controls` (nodes over the table) and
   * `page(cursor)`, which brings `{ rows, next }`. `within`: it was opened out of what is shown, so there is a way back.
   */
  async show(what, { within = false } = {}) {
    if (!within) this.#back = [];
    else if (this.current) this.#back.push(this.current);
    await this.#open(what);
  }

  async #open(what) {
    const turn = ++this.#turn;
    this.current = what;
    const back = this.#back.length > 0 && button("Back", () => this.#open(this.#back.pop()));
    byId("drawer-title").textContent = what.title;
    fill(byId("drawer-tools"), back, what.controls ?? []);
    byId("drawer-about").textContent = what.about ?? "";
    fill(byId("drawer-body"), h("p", { class: "empty", text: "Loading…" }));
    if (!this.#dialog.open) this.#dialog.showModal();
    byId("drawer-title").focus();
    await this.#page(turn, what, null, null);
  }

  async #page(turn, what, cursor, table) {
    try {
      const { rows, next } = await what.page(cursor);
      if (turn !== this.#turn) return;
      this.#add(turn, what, rows, next, table);
    } catch (error) {
      if (turn !== this.#turn || this.context.isOver(error)) return;
      const again = button("Try again", () => this.#page(turn, what, cursor, table));
      this.#foot(table, h("div", { class: "trouble" }, h("p", { text: error.message }), again));
    }
  }

  #add(turn, what, rows, next, table) {
    if (!table && rows.length === 0) {
      fill(byId("drawer-body"), h("p", { class: "empty", text: what.empty ?? "There are no rows." }));
      return;
    }
    if (table) table.add(rows);
    else table = tableOf(what.title, what.columns, rows);
    announce(`${counted(rows.length, "row")} loaded.`);
    const more = next && button("More rows", (event) => {
      event.target.disabled = true;
      this.#page(turn, what, next, table);
    });
    this.#foot(table, more);
  }

  #foot(table, node) {
    const foot = h("div", { class: "more" }, node);
    fill(byId("drawer-body"), table?.element, foot);
  }

  #forget() {
    this.#turn += 1;
    this.#back = [];
    this.current = null;
    fill(byId("drawer-body"));
    fill(byId("drawer-tools"));
  }
}
