import { describe, expect, it } from "vitest";
import { Account, ProblemError } from "../src/index.js";
import { problem } from "./world.js";

/** An account whose requests are kept, and answered with `answer`. */
function account(answer: () => Response, base = "https://voice.test/") {
  const requests: { method: string; url: string; headers: unknown; body: unknown }[] = [];
  const ask = async (url: string | URL | Request, init: RequestInit = {}) => {
    const body = init.body === undefined ? undefined : JSON.parse(String(init.body));
    requests.push({ method: init.method ?? "GET", url: String(url), headers: init.headers, body });
    return answer();
  };
  return { account: new Account({ base, getJwt: async () => "jwt", fetch: ask as typeof fetch }), requests };
}

const bare = { Authorization: "Bearer jwt" };
const json = { ...bare, "Content-Type": "application/json" };

describe("an account", () => {
  it.each<[string, (account: Account) => Promise<unknown>, object]>([
    ["usage", (me) => me.usage(), { method: "GET", url: "/v1/me/usage", headers: bare }],
    ["keys.list", (me) => me.keys.list(), { method: "GET", url: "/v1/me/keys", headers: bare }],
    [
      "keys.put",
      (me) => me.keys.put("openai", "sk-1"),
      { method: "PUT", url: "/v1/me/keys/openai", headers: json, body: { key: "sk-1" } },
    ],
    [
      "keys.put, unvalidated",
      (me) => me.keys.put("a/b", "sk-1", { validate: false }),
      { method: "PUT", url: "/v1/me/keys/a%2Fb", headers: json, body: { key: "sk-1", validate: false } },
    ],
    [
      "keys.validate",
      (me) => me.keys.validate("openai"),
      { method: "POST", url: "/v1/me/keys/openai/validate", headers: bare },
    ],
    ["settings.get", (me) => me.settings.get(), { method: "GET", url: "/v1/me/settings", headers: bare }],
    [
      "settings.get of a role",
      (me) => me.settings.get("a&b"),
      { method: "GET", url: "/v1/me/settings?role=a%26b", headers: bare },
    ],
    [
      "settings.put",
      (me) => me.settings.put({ voice: "cedar" }, "student"),
      { method: "PUT", url: "/v1/me/settings?role=student", headers: json, body: { voice: "cedar" } },
    ],
    [
      "settings.preview",
      (me) => me.settings.preview({ language: "es" }),
      { method: "POST", url: "/v1/me/settings/preview", headers: json, body: { language: "es" } },
    ],
  ])("asks for %s and gives the answer", async (_, call, { url, ...expected }: { url?: string }) => {
    for (const base of ["https://voice.test/", "https://voice.test", ""]) {
      const { account: me, requests } = account(() => Response.json({ role: "student" }), base);
      expect(await call(me)).toEqual({ role: "student" });
      expect(requests).toEqual([{ body: undefined, ...expected, url: `${base.replace(/\/$/, "")}${url}` }]);
    }
  });

  it.each<[string, (account: Account) => Promise<unknown>, string]>([
    ["keys", (me) => me.keys.remove("openai"), "https://voice.test/v1/me/keys/openai"],
    ["settings", (me) => me.settings.remove(), "https://voice.test/v1/me/settings"],
  ])("removes %s, which answers with nothing", async (_, call, url) => {
    const { account: me, requests } = account(() => new Response(null, { status: 204 }));
    expect(await call(me)).toBeUndefined();
    expect(requests).toEqual([{ method: "DELETE", url, headers: bare, body: undefined }]);
  });

  it("fails with the problem that the service names", async () => {
    const { account: me } = account(() => problem(429, "burst_limit_exceeded", { "Retry-After": "2" }));
    const error = await me.usage().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      status: 429,
      code: "burst_limit_exceeded",
      detail: "detail of burst_limit_exceeded",
      message: "detail of burst_limit_exceeded",
      retryAfter: 2,
    });
  });

  it.each([
    ["1.2", 2],
    ["Fri, 20 Nov 2020 12:00:00 GMT", 0],
    ["-5", 0],
    ["soon", undefined],
    ["", undefined],
  ])("reads Retry-After: %s as %s seconds", async (header, retryAfter) => {
    const { account: me } = account(() => problem(503, "store_unavailable", { "Retry-After": header }));
    await expect(me.usage()).rejects.toMatchObject({ retryAfter });
  });

  it.each([
    ["nothing", ""],
    ["a page", "<html></html>"],
    ["null", "null"],
    ["a text for an error", '{"error":"what happened"}'],
  ])("fails with the status where the body is %s", async (_, body) => {
    const { account: me } = account(() => new Response(body, { status: 502 }));
    await expect(me.keys.list()).rejects.toMatchObject({ status: 502, code: undefined, message: "HTTP status 502" });
  });
});
