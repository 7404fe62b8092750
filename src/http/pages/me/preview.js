// The session that would be sent, as it stands in the form.
import { byId } from "./dom.js";
import { t } from "./words.js";

/** From the last key to the question, in milliseconds. */
const PATIENCE = 400;

export class Preview {
  session = null;
  #told;
  #timer = 0;
  #turn = 0;
  #state = "working";

  /** `wrong(error)` and `right()` say what the service thinks of the settings. */
  constructor(told) {
    this.#told = told;
  }

  /** Asks what these settings come to, once nobody types any more; undefined: those that are kept. */
  soon(settings) {
    this.stop();
    this.#is("working");
    const turn = this.#turn;
    this.#timer = setTimeout(() => this.#ask(settings, turn), PATIENCE);
  }

  /** What is shown is no longer what stands in the form. */
  stop() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#is("old");
  }

  clear() {
    this.stop();
    byId("preview-words").textContent = byId("preview-rest").textContent = "";
  }

  say() {
    byId("preview-state").textContent = t(`preview.${this.#state}`);
  }

  async #ask(settings, turn) {
    const session = this.session;
    if (!session) return;
    try {
      const { request } = await session.api.send("POST", "/v1/me/settings/preview", { settings });
      if (turn !== this.#turn) return;
      show(request);
      this.#is("current");
      this.#told.right();
    } catch (error) {
      if (turn !== this.#turn || session.isOver(error)) return;
      this.#is("old");
      this.#told.wrong(error);
    }
  }

  #is(state) {
    this.#state = state;
    byId("preview").classList.toggle("stale", state !== "current");
    this.say();
  }
}

/** Text is easier to read with its line ends than with what JSON makes of them. */
function show({ session: { instructions, ...session }, ...request }) {
  byId("preview-words").textContent = instructions ?? "";
  byId("preview-rest").textContent = JSON.stringify({ ...request, session }, null, 2);
}
