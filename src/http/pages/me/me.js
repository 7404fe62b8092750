// The page of one user: signing in and out, and what is on it.
import { announce, byId } from "./dom.js";
import { HandOver } from "./hand-over.js";
import { Keys } from "./keys.js";
import { complaint } from "./parts.js";
import { Session } from "./session.js";
import { Settings } from "./settings.js";
import { cycle } from "./theme.js";
import { Use } from "./use.js";
import * as words from "./words.js";
import { t } from "./words.js";

/** What can stand in a header. */
const SENDABLE = /^[\x21-\x7e]+$/;

const parts = [new Keys(), new Use(), new Settings()];
let session = null;
let turn = 0;

/** Signs in with a JWT. Where it is the same user's, whose token has expired meanwhile, everything stays as it is. */
async function enter(text) {
  const jwt = text.trim().replace(/^Bearer\s+/i, "");
  if (!SENDABLE.test(jwt)) return refuse(t("sign-in.no-token"));
  const own = ++turn;
  byId("enter").disabled = true;
  const candidate = new Session(jwt, leave);
  try {
    const use = await candidate.api.json("/v1/me/usage");
    if (own === turn) begin(candidate, use);
    else candidate.end();
  } catch (error) {
    candidate.end();
    if (own === turn) refuse(...(error.status === 401 ? [t("sign-in.refused"), ...complaint(error)] : complaint(error)));
  } finally {
    if (own === turn) byId("enter").disabled = false;
  }
}

function begin(candidate, use) {
  const isSame = session?.user === candidate.user;
  if (!isSame) parts.forEach((part) => part.clear());
  const wasOut = byId("signed-in").hidden;
  session?.end();
  session = candidate;
  session.role = use.role;
  session.watch();
  byId("jwt").value = "";
  show(true);
  parts.forEach((part) => part.begin(session, { isSame, use }));
  who();
  if (wasOut) {
    byId("headline").focus();
    announce(t("signed-in"));
  }
}

/** Back to the way in. `over`: for good; else whoever signs in again finds the form as it was. */
function leave(reason, { over = false } = {}) {
  turn += 1;
  session?.end();
  parts.forEach((part) => part.forget());
  if (over) {
    session = null;
    parts.forEach((part) => part.clear());
  } else if (handOver.ask()) {
    byId("waiting").hidden = false;
  }
  show(false);
  complain(reason);
  byId("jwt").focus();
}

function show(signedIn) {
  byId("sign-in").hidden = signedIn;
  byId("signed-in").hidden = !signedIn;
  byId("sign-out").hidden = !signedIn;
  if (signedIn) byId("waiting").hidden = true;
  byId("ask").close();
}

function refuse(...reason) {
  byId("enter").disabled = false;
  byId("waiting").hidden = true;
  if (!session) byId("jwt").value = "";
  complain(...reason);
  byId("jwt").focus();
}

function complain(...reason) {
  byId("sign-in-trouble").replaceChildren(...reason.filter(Boolean).flatMap((line) => [line, " "]));
  byId("sign-in-trouble").hidden = reason.filter(Boolean).length === 0;
}

function who() {
  byId("who").textContent = session ? t("who", { user: session.name, role: session.role }) : "";
}

const handOver = new HandOver(enter);

words.start(byId("language"));
words.onLanguage(cycle(byId("theme"), (theme) => t(`theme.${theme}`)));
words.onLanguage(() => {
  who();
  parts.forEach((part) => part.say());
});
byId("sign-in-form").addEventListener("submit", (event) => {
  event.preventDefault();
  enter(byId("jwt").value);
});
byId("sign-out").addEventListener("click", () => leave(t("signed-out"), { over: true }));
handOver.start().then((asked) => {
  byId("waiting").hidden = !asked || Boolean(session);
});
