// What each side saw, and the tries so far.
import { breakable, byId, clock, copyButton, empty, fill, h, jsonView, shorten } from "./code-view.js";

export function showNothingSeen() {
  fill("near", empty("What the page sends and what it gets back appear here: the whole answer, nothing left out.", "first"));
  fill("far", empty("The request as it goes upstream appears here: with the instructions, and with the API key that only the server holds.", "first"));
  fill("history", empty("Each try leaves a line here: who asked, for what, and what became of it."));
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
