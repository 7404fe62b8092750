// The token or the refusal as a ticket, and the rolling hour.
import { copyButton, empty, fill, h, minutes, setText, shorten } from "./code-view.js";

const facts = (pairs) => h("dl", { class: "facts" }, pairs.filter(([, value]) => value).map(([name, value]) =>
  h("div", {}, h("dt", { text: name }), h("dd", { text: value }))));

// ---- the token, or why there is none -------------------------------------------------------------------------

export function showNoTicket() {
  fill("result-body", h("div", { class: "ticket ghost" },
    h("p", { class: "ticket-kind", text: "No token yet" }),
    h("p", { class: "ghost-say", text: "A call gets one, and so does “Mint a token”. It is shown here, and ends by itself." })));
}

/** The minted token as a ticket. Returns what the clock should do each tick. */
export function showToken(answer, user, onEnd) {
  const from = Date.now();
  const until = answer.expires_at * 1000;
  const value = h("output", { class: "value", text: shorten(answer.value), "aria-label": "Token, shortened" });
  const reveal = h("button", { type: "button", class: "quiet", "aria-pressed": "false", text: "Reveal" });
  reveal.addEventListener("click", () => {
    const shown = reveal.getAttribute("aria-pressed") === "true";
    reveal.setAttribute("aria-pressed", String(!shown));
    reveal.textContent = shown ? "Reveal" : "Hide";
    value.textContent = shown ? shorten(answer.value) : answer.value;
    value.classList.toggle("whole", !shown);
    value.setAttribute("aria-label", shown ? "Token, shortened" : "Token");
  });
  const left = h("b");
  const word = h("span", { text: "to live" });
  const life = h("div", { class: "life", role: "timer", "aria-live": "off" }, left, word);
  const ticket = h("div", { class: "ticket minted" },
    h("div", { class: "ticket-main" },
      h("p", { class: "ticket-kind", text: "Ephemeral token" }),
      value,
      h("p", { class: "ticket-tools" }, reveal, copyButton(() => answer.value, "token")),
      facts([["for", user.name], ["as", answer.role], ["in", answer.language], ["voice", answer.session?.audio?.output?.voice],
        ["model", answer.session?.model]])),
    life);
  fill("result-body", ticket);
  let ended = false;
  return (now) => {
    const seconds = (until - now) / 1000;
    life.style.setProperty("--part", Math.max(0, Math.min(1, (until - now) / Math.max(1, until - from))).toFixed(4));
    setText(left, seconds > 0 ? minutes(seconds) : "0:00");
    if (seconds <= 0 && !ended) {
      ended = true;
      ticket.classList.add("ended");
      setText(word, "expired");
      onEnd();
    }
  };
}

/** A refusal, in the problem document's own words. Returns what the clock should do each tick. */
export function showRefusal(problem, status, freeAt) {
  const wait = freeAt ? h("b") : null;
  const say = freeAt ? h("span", { text: "until the next" }) : null;
  const ticket = h("div", { class: freeAt ? "ticket refusal waiting" : "ticket refusal" },
    h("div", { class: "ticket-main" },
      h("p", { class: "ticket-kind", text: status ? `Refused · ${status}` : "No answer" }),
      h("p", { class: "refusal-title", text: problem.title ?? "Refused" }),
      h("p", { class: "refusal-detail", text: problem.detail ?? problem.error?.message ?? "" }),
      facts([["code", problem.code], ["param", problem.param]])),
    freeAt && h("div", { class: "life", role: "timer", "aria-live": "off" }, wait, say));
  fill("result-body", ticket);
  return (now) => {
    if (!freeAt) return;
    const seconds = (freeAt - now) / 1000;
    setText(wait, minutes(seconds));
    if (seconds <= 0) {
      setText(wait, "now");
      setText(say, "one is free again");
    }
  };
}

// ---- the rolling hour ----------------------------------------------------------------------------------------

const MOST_SLOTS = 40;

export function showAllowance(allowance, user) {
  if (!allowance) {
    fill("allowance", empty("Not known yet."));
    return () => {};
  }
  const { limit, remaining, resetAt, tokens } = allowance;
  const meter = limit <= MOST_SLOTS
    ? h("div", { class: limit <= 10 ? "slots few" : "slots" }, Array.from({ length: limit }, (_, index) =>
      h("i", { class: index < remaining ? "slot full" : index === remaining ? "slot spent newest" : "slot spent" })))
    : h("div", { class: "bar" }, h("i"));
  meter.setAttribute("role", "img");
  meter.setAttribute("aria-label", `${remaining} of ${limit} tokens left`);
  meter.firstElementChild?.style.setProperty("--part", limit ? remaining / limit : 0);
  const reset = h("b");
  const line = remaining < limit ? h("p", { class: "reset" }, "The next one comes back in ", reset) : h("p", { class: "reset", text: "The hour is untouched." });
  fill("allowance",
    h("p", { class: "left" }, h("b", { text: String(remaining) }), ` of ${limit} left for ${user.name}`),
    meter, line,
    tokens && h("p", { class: "ledger" }, "In the ledger: ", `${tokens.last_hour} in the last hour, ${tokens.last_day} in a day, ${tokens.last_30_days} in 30 days`));
  return (now) => {
    if (remaining < limit) setText(reset, minutes((resetAt - now) / 1000));
  };
}
