// Signing in: the token goes into an object in memory, and is gone when the page is.
import { Api } from "./api.js";
import { byId } from "./dom.js";

/** What can stand in a header. */
const SENDABLE = /^[\x21-\x7e]+$/;

/** Tells how one signs in here; says so where nobody can. */
export async function explain() {
  try {
    const answer = await fetch("/dashboard/sign-in", { cache: "no-store", credentials: "omit" });
    const { admin_token: token, operator_roles: roles } = await answer.json();
    const known = [token && "ADMIN_TOKEN of this service", roles && "the JWT of a user whose role is in ADMIN_ROLES"].filter(Boolean);
    byId("sign-in-how").textContent = known.length > 0
      ? `Paste ${known.join(", or ")}. It stays in this page’s memory and is gone when you close or reload it.`
      : "This service has no operators, so nobody can sign in. Set ADMIN_TOKEN (openssl rand -hex 32) or ADMIN_ROLES, and start it again.";
    byId("sign-in-form").hidden = known.length === 0;
  } catch {
    byId("sign-in-how").textContent = "The service does not answer. Reload the page when it is there again.";
  }
}

/** Shows the way in, with why one is out. */
export function ask(reason = "") {
  byId("signed-in").hidden = true;
  byId("signed-in-tools").hidden = true;
  byId("sign-in").hidden = false;
  complain(reason);
  byId("token").value = "";
  byId("token").focus();
}

function complain(reason) {
  byId("sign-in-trouble").textContent = reason;
  byId("sign-in-trouble").hidden = !reason;
}

/** `entered(api)` is called when somebody has signed in. */
export function start(entered) {
  byId("sign-in-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = byId("token").value.trim().replace(/^Bearer\s+/i, "");
    if (!SENDABLE.test(token)) {
      complain("That is no token: it is empty, or has characters in it that no token has.");
      byId("token").focus();
      return;
    }
    const button = byId("enter");
    button.disabled = true;
    const api = new Api(token);
    try {
      await api.json("/v1/admin/users", { limit: 1 });
      byId("token").value = "";
      byId("sign-in").hidden = true;
      byId("signed-in").hidden = false;
      byId("signed-in-tools").hidden = false;
      complain("");
      entered(api);
    } catch (error) {
      api.close();
      complain(error.status === 401 ? `Not let in. ${error.message}` : error.message);
      byId("token").focus();
    } finally {
      button.disabled = false;
    }
  });
}
