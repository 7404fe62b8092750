// Talks to the service, and to the demo's sign-in.

export const MINT_PATH = "/v1/realtime/client_secrets";

/** So long before its end a JWT is no longer used, in milliseconds. */
const MARGIN = 10_000;

const jwts = new Map();

/** Asks for something; the answer, read to its end. */
export async function call(path, { method = "GET", token, body } = {}) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  return readWhole(await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" }));
}

/** An answer as the panels show it. */
export async function readWhole(answer) {
  const text = await answer.text();
  let json = null;
  try { json = JSON.parse(text); } catch { /* shown as text */ }
  return { ok: answer.ok, status: answer.status, headers: answer.headers, text, json };
}

/** The user's JWT, kept in memory until shortly before it expires. */
export async function jwtOf(user) {
  const kept = jwts.get(user.id);
  if (kept && (claimsOf(kept)?.exp ?? Infinity) * 1000 > Date.now() + MARGIN) return kept;
  const got = await call("/demo/token", { method: "POST", body: { user: user.id } });
  if (!got.ok || !got.json?.token) throw new Error(got.json?.detail ?? "The demo gave no JWT.");
  jwts.set(user.id, got.json.token);
  return got.json.token;
}

/** The next JWT of this user is a new one. */
export const forgetJwtOf = (user) => jwts.delete(user.id);

export function claimsOf(jwt) {
  try {
    const bytes = Uint8Array.from(atob(jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** The same JWT with one character of its signature changed. */
export function spoil(jwt) {
  const at = jwt.lastIndexOf(".") + 8;
  return jwt.slice(0, at) + (jwt[at] === "A" ? "B" : "A") + jwt.slice(at + 1);
}
