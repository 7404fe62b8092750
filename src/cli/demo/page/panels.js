// The panels beside the controls: the token or refusal, the hour, what each side saw, the history.
import { h, jsonView, copyButton, setText, minutes, clock, shorten } from "./code-view.js";

const byId = (id) => document.getElementById(id);
const fill = (id, ...nodes) => byId(id).replaceChildren(...nodes.filter(Boolean));
const facts = (pairs) => h("dl", { class: "facts" }, pairs.filter(([, value]) => value).map(([name, value]) =>
  h("div", {}, h("dt", { text: name }), h("dd", { text: value }))));

// ---- the token, or why there is none -------------------------------------------------------------------------

export function showNothingYet() {
  fill("result-body", h("div", { class: "ticket ghost" },
    h("p", { class: "ticket-kind", text: "No token yet" }),
    h("p", { class: "ghost-say", text: "Press “Mint a token”. What comes back is shown here, and ends by itself." })));
  fill("near", empty("What the page sends and what it gets back appear here: the whole answer, nothing left out.", "first"));
  fill("far", empty("The request as it goes upstream appears here: with the instructions, and with the API key that only the server holds.", "first"));
  fill("history", empty("Each try leaves a line here: who asked, for what, and what became of it."));
}

const empty = (text, first = "") => h("p", { class: `empty ${first}`.trim(), text });

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

// ---- what each side saw --------------------------------------------------------------------------------------

const HEADERS_SHOWN = ["content-type", "ratelimit-policy", "ratelimit", "retry-after", "www-authenticate", "x-request-id"];

const statusTag = (status) => h("em", { class: `tag ${toneOf(status)}`, text: status || "–" });
const toneOf = (status) => (status >= 200 && status < 300 ? "good" : status === 429 ? "wait" : "bad");

const requestLine = (method, path, status) => h("p", { class: "request" }, h("b", { text: method }), h("span", { text: path }), status && statusTag(status));
const statusLine = (status, word) => h("p", { class: "request" }, statusTag(status), h("span", { text: word }));

const headerList = (headers) => h("dl", { class: "headers" }, Object.entries(headers).map(([name, value]) =>
  h("div", {}, h("dt", { text: name }), h("dd", { text: value, class: name === "authorization" ? "secret" : null }))));

export function showNear(sent, got) {
  const parts = [h("h3", { text: "Sent" }), requestLine("POST", "/v1/realtime/client_secrets"),
    headerList({ authorization: `Bearer ${shorten(sent.token)} (${sent.whose})` }),
    jsonView(sent.body, { label: "Request body" })];
  parts.push(h("div", { class: "titled" }, h("h3", { text: "Got" }), got.text && copyButton(() => got.text, "answer")));
  if (got.status) {
    const headers = HEADERS_SHOWN.filter((name) => got.headers.has(name)).map((name) => [name, got.headers.get(name)]);
    parts.push(statusLine(got.status, got.json?.code ?? (got.status === 200 ? "a token" : "")), headerList(Object.fromEntries(headers)));
  }
  if (got.json) parts.push(proof(got), jsonView(got.json, { label: "Answer", mark: (path) => (path === "value" ? "mark" : null) }));
  else parts.push(empty(got.text || "Nothing came back."));
  fill("near", ...parts);
}

/** Looks through the very bytes that came, rather than promising. */
function proof(got) {
  const bytes = new TextEncoder().encode(got.text).length;
  const key = /\bsk-[\w-]/.test(got.text);
  const instructions = /"instructions"\s*:/.test(got.text);
  const check = (bad, good, found) => h("li", { class: bad ? "found" : "clean", text: bad ? found : good });
  return h("div", { class: "proof" }, h("p", { text: `All ${bytes} bytes of this answer, searched:` }), h("ul", {},
    check(key, "no API key", "an API key is in it"), check(instructions, "no instructions", "instructions are in it")));
}

export function showFar(upstream, note) {
  if (!upstream) {
    fill("far", empty(note));
    return;
  }
  const instructions = upstream.body?.session?.instructions;
  fill("far",
    note && h("p", { class: "note", text: note }),
    h("div", { class: "titled" }, h("h3", { text: "Sent" }), copyButton(() => JSON.stringify(upstream.body, null, 2), "upstream body")),
    requestLine(upstream.method, upstream.path, upstream.status),
    headerList(upstream.headers),
    instructions && h("figure", { class: "spoken" }, h("figcaption", { text: "The instructions, as the model reads them" }), h("blockquote", { tabindex: "0", text: unwrapped(instructions) })),
    jsonView(upstream.body, { label: "Upstream body", mark: (path) => (path === "session.instructions" ? "mark" : null) }));
  byId("far").classList.toggle("older", Boolean(note));
}

// ---- history -------------------------------------------------------------------------------------------------

/** A code may break after its underscores. */
const breakable = (code) => code.split(/(?<=_)/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));

export function showHistory(tries) {
  const cell = (text, extra) => h("td", { text: text ?? "–", ...extra });
  fill("history", h("div", { class: "tablewrap", tabindex: "0", role: "region", "aria-label": "Tries, newest first" }, h("table", {},
    h("thead", {}, h("tr", {}, ["Time", "User", "Role", "Language", "Outcome", "Left"].map((name) => h("th", { scope: "col", class: name === "Language" ? "long" : null, text: name })))),
    h("tbody", {}, tries.map((one) => h("tr", {},
      h("td", { class: "num" }, clock(one.at).slice(0, 5), h("span", { class: "seconds", text: clock(one.at).slice(5) })), cell(one.user), cell(one.role), cell(one.language),
      h("td", {}, statusTag(one.status), " ", breakable(one.outcome)),
      cell(one.remaining === undefined ? undefined : String(one.remaining), { class: "num" })))))));
}

/** The policy's lines are wrapped for its editor; here the page wraps them. */
function unwrapped(text) {
  return text.replace(/(\S)\n(?=\S)/g, "$1 ");
}
