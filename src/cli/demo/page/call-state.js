// How a call stands, in words; and when it has ended, why, and the way on.
import { announce, byId, fill, h, minutes, setText } from "./code-view.js";

/** By the library's states: a title, and a sentence. */
const WORDS = {
  idle: ["Ready when you are", "Press, allow the microphone, and speak."],
  requesting: ["One moment", "The microphone first, then a token from Ephemint."],
  connecting: ["Connecting", "The browser calls the provider itself, with the token."],
  live: ["Live", "Say something, or type below."],
  reconnecting: ["The line broke", "Connecting again: there is nothing to do."],
};

const NO_MICROPHONE = ["No microphone here", "The voice can’t hear you on this machine. It can read what you type; and “Mint a token” shows the way of a token."];
const TYPE = "Type instead, without a microphone";

/** By the library's reasons; its own sentence goes below. */
const TITLES = {
  closed_by_user: "You hung up",
  deadline: "Time is up",
  budget: "The budget is used up",
  idle: "Nobody spoke",
  ended_by_operator: "The operator ended it",
  unauthorized: "Not recognised",
  rate_limited: "This hour is used up",
  microphone_denied: "No microphone",
  network: "No connection",
  provider: "Trouble at the provider",
  expired: "This session has run out",
  policy: "Not allowed",
};

/** `again()` begins a call, `type()` one without a microphone. */
export function createCallState(box, { again, type }) {
  let freeAt = null;
  let retry = null;
  let wait = null;

  const show = (tone, title, say, ...ways) => {
    freeAt = null;
    box.dataset.tone = tone;
    setText(byId("call-title"), title);
    setText(byId("call-say"), say);
    fill("call-ways", ...ways);
  };
  const way = (text, onclick) => h("button", { type: "button", class: "quiet", onclick, text });

  return {
    /** `doing` stands for the sentence, where there is something to say. */
    show(state, doing = "") {
      const [title, say] = WORDS[state];
      show(state, title, doing || say);
    },
    /** Before the first call. */
    showIdle(lacksMicrophone) {
      if (lacksMicrophone) show("idle", ...NO_MICROPHONE, way(TYPE, type));
      else this.show("idle");
    },
    /** `ended` is what the library says. */
    showEnd({ reason, message, retryAfter, code }, now) {
      retry = way("Try again", again);
      wait = retryAfter > 0 && h("p", { class: "wait", role: "timer", "aria-live": "off" }, "Free again in ", h("b"));
      const ways = reason === "closed_by_user" ? [] : [wait, retry];
      if (reason === "microphone_denied") ways.push(way(TYPE, type));
      if (code) ways.push(h("code", { class: "soft", text: code }));
      show("ended", TITLES[reason] ?? "The call has ended", message, ...ways);
      box.dataset.reason = reason;
      freeAt = wait && now + retryAfter * 1000;
      this.tick(now);
    },
    /** What the clock does here. */
    tick(now) {
      if (!freeAt) return;
      const left = (freeAt - now) / 1000;
      retry.disabled = left > 0;
      if (left > 0) setText(wait.lastElementChild, minutes(left));
      else {
        freeAt = null;
        wait.remove();
        announce("You can try again.");
      }
    },
  };
}
