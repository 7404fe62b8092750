import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect, SessionError, type ConnectOptions, type ServerEvent } from "../src/index.js";
import { FakePeer, FakeStream, FakeTrack } from "./fakes.js";
import { problem, settle, World } from "./world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => {
  expect(world.leaks()).toEqual([]);
  vi.useRealTimers();
});

/** Starts a session that fails, and how it ended. */
async function failing(options: Partial<ConnectOptions> = {}, patience = 0) {
  const session = world.session(options);
  const failed = session.start().then(
    () => Promise.reject(new Error("it is live")),
    (error: unknown) => error,
  );
  await settle(patience);
  const error = await failed;
  expect(error).toBeInstanceOf(SessionError);
  expect((error as SessionError).ended).toBe(session.ended);
  expect(session.state).toBe("ended");
  return (error as SessionError).ended;
}

describe("a start", () => {
  it("asks for the microphone, then for a token, then connects", async () => {
    const session = await world.live();
    expect(world.log).toEqual(["requesting", "microphone", "token", "connecting", "offer", "live"]);
    session.close();
  });

  it("asks the service with the JWT and what was wished", async () => {
    const session = await world.live({ language: "es", role: "student", session: { audio: { output: { voice: "cedar" } } } });
    const [token, offer] = world.requests;
    expect(token?.headers).toEqual({ Authorization: "Bearer jwt", "Content-Type": "application/json" });
    expect(JSON.parse(token!.body)).toEqual({
      language: "es",
      role: "student",
      session: { audio: { output: { voice: "cedar" } } },
    });
    expect(offer?.url).toBe("https://provider.test/v1/realtime/calls");
    expect(offer?.headers).toEqual({ Authorization: "Bearer ek_1", "Content-Type": "application/sdp" });
    expect(offer?.body).toBe("offer 0");
    expect(world.peer.remoteDescription).toEqual({ type: "answer", sdp: "answer" });
    expect(world.peer.channel.label).toBe("oai-events");
    session.close();
  });

  it("tells what was minted, but never the token itself", async () => {
    const session = world.session();
    const told: unknown[] = [];
    session.on("minted", (minted) => told.push(minted));
    await Promise.all([session.start(), settle()]);
    expect(session.minted).toMatchObject({ role: "student", rate_limit: { limit: 10, remaining: 9 } });
    expect(told).toEqual([session.minted]);
    session.close();
    expect(JSON.stringify([told, session, world.log])).not.toContain("ek_1");
  });

  it("tells listeners that come right after it of the greeting too", async () => {
    const events: ServerEvent[] = [];
    const started = connect({ endpoint: "/client_secrets", getJwt: async () => "jwt" }).then((session) => {
      session.on("event", (event) => events.push(event));
      return session;
    });
    await settle();
    const session = await started;
    expect(events).toEqual([{ type: "session.created", session: {} }]);
    session.close();
  });

  it("happens once", async () => {
    const session = world.session();
    const both = [session.start(), session.start()];
    await settle();
    expect(await Promise.all(both)).toEqual([session, session]);
    expect(world.tokens).toBe(1);
    session.close();
    await expect(session.start()).resolves.toBe(session);
  });

  it("asks with another JWT, where the first is refused and there is another", async () => {
    const jwts = ["old", "new"];
    world.service.push(problem(401, "unauthorized"));
    const session = await world.live({ getJwt: () => jwts.shift()! });
    expect(world.requests.map(({ headers }) => headers.Authorization)).toEqual(["Bearer old", "Bearer new", "Bearer ek_1"]);
    session.close();
  });

  it("replaces a token that the provider takes for expired, once", async () => {
    world.provider.push(Response.json({ error: { code: "token_expired", message: "expired" } }, { status: 401 }));
    const session = await world.live();
    expect(world.tokens).toBe(2);
    expect(world.peers.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    session.close();
  });

  it("takes the page's own stream, and leaves it alone", async () => {
    const track = new FakeTrack("the page's");
    const session = await world.live({ microphone: new FakeStream([track]) as unknown as MediaStream });
    expect(world.peer.senders[0]?.track).toBe(track);
    expect(world.log).not.toContain("microphone");
    session.close();
    expect(track.readyState).toBe("live");
  });
});

const error = (status: number, code?: string): Response =>
  Response.json({ error: { message: "said by the provider", code } }, { status });

describe("a start that fails", () => {
  it("costs no token where the microphone is refused", async () => {
    world.microphone = new DOMException("no", "NotAllowedError");
    expect(await failing()).toMatchObject({ reason: "microphone_denied", code: "NotAllowedError" });
    expect(world.log).toEqual(["requesting", "microphone", "ended", "ended: microphone_denied"]);
  });

  it("costs no token where there is no way to a microphone", async () => {
    vi.stubGlobal("navigator", { language: "en" });
    expect(await failing()).toMatchObject({ reason: "microphone_denied", detail: "microphones need https" });
    expect(await failing({ microphone: new FakeStream() as unknown as MediaStream })).toMatchObject({
      reason: "microphone_denied",
      detail: "no audio track",
    });
    expect(world.requests).toEqual([]);
  });

  it.each([
    ["throws", () => Promise.reject(new Error("signed out"))],
    [
      "throws at once",
      () => {
        throw new Error("signed out");
      },
    ],
    ["gives nothing", () => ""],
  ])("is unauthorized where getJwt %s", async (_, getJwt) => {
    expect(await failing({ getJwt })).toMatchObject({ reason: "unauthorized" });
    expect(world.requests).toEqual([]);
  });

  it.each([
    [400, "invalid_request", "policy"],
    [401, "unauthorized", "unauthorized"],
    [403, "role_not_allowed", "policy"],
    [403, "user_disabled", "policy"],
    [404, "not_found", "policy"],
    [409, "no_provider_key", "policy"],
    [409, "provider_key_refused", "policy"],
    [429, "rate_limit_exceeded", "rate_limited"],
    [500, "internal", "network"],
    [502, "provider_rejected", "provider"],
    [502, "provider_error", "provider"],
    [503, "store_unavailable", "network"],
    [503, "provider_busy", "provider"],
    [504, "provider_timeout", "provider"],
  ] as const)("says of the service's %i %s: %s", async (status, code, reason) => {
    world.service.push(problem(status, code), problem(status, code));
    expect(await failing({}, 1_000)).toMatchObject({ reason, code, detail: `detail of ${code}` });
    expect(world.peers).toEqual([]);
  });

  it("asks once with a JWT that the service refuses", async () => {
    world.service.push(problem(401, "unauthorized"));
    expect(await failing()).toMatchObject({ reason: "unauthorized" });
    expect(world.requests.length).toBe(1);
  });

  it("does not ask again for what will not change", async () => {
    world.service.push(problem(502, "provider_rejected"));
    await failing();
    expect(world.requests.length).toBe(1);
  });

  it("waits for a short Retry-After", async () => {
    world.service.push(problem(429, "burst_limit_exceeded", { "Retry-After": "3" }));
    const session = world.session();
    const started = session.start();
    await settle(2_999);
    expect(session.state).toBe("requesting");
    expect(world.requests.length).toBe(1);
    await settle(1);
    await started;
    session.close();
  });

  it.each([
    ["1260", 1260],
    ["Fri, 20 Nov 2026 12:21:00 GMT", 1260],
  ])("says when to come back, by Retry-After: %s", async (header, retryAfter) => {
    world.service.push(problem(429, "rate_limit_exceeded", { "Retry-After": header }));
    const ended = await failing();
    expect(ended).toMatchObject({ reason: "rate_limited", retryAfter });
    expect(ended.message).toContain("in 21 minutes");
  });

  it.each([
    [401, "provider", 2],
    [400, "provider", 1],
    [403, "provider", 1],
    [429, "provider", 1],
    [500, "provider", 1],
  ] as const)("says of the provider's %i: %s, for %i tokens", async (status, reason, tokens) => {
    world.provider.push(error(status, "some_code"), error(status, "some_code"));
    expect(await failing({}, 1_000)).toMatchObject({ reason, code: "some_code", detail: "said by the provider" });
    expect(world.tokens).toBe(tokens);
  });

  it("is the network's fault where nobody answers, and each side is asked twice", async () => {
    world.service.push(new TypeError("failed to fetch"), new TypeError("failed to fetch"));
    expect(await failing({}, 1_000)).toMatchObject({ reason: "network" });
    world.provider.push(new TypeError("failed to fetch"), new TypeError("failed to fetch"));
    expect(await failing({}, 1_000)).toMatchObject({ reason: "network" });
    expect(world.log.filter((line) => line === "token").length).toBe(3);
  });

  it.each([
    ["no JSON", new Response("<html>welcome to our café</html>")],
    ["no token", Response.json({ expires_at: 1, connect_url: "https://provider.test" })],
    ["no end", Response.json({ value: "ek_1", connect_url: "https://provider.test" })],
    ["no address", Response.json({ value: "ek_1", expires_at: 1 })],
    ["nothing", Response.json(null)],
  ])("does not guess at an answer with %s", async (_, answer) => {
    world.service.push(answer);
    expect(await failing()).toMatchObject({ reason: "network", detail: "the answer of the endpoint can't be read" });
    expect(world.requests.length).toBe(1);
  });

  it("is the provider's where it greets with an error", async () => {
    FakePeer.onAnswered = (peer) => peer.connect({ greeting: { type: "error", error: { code: "odd", message: "no" } } });
    expect(await failing()).toMatchObject({ reason: "provider", code: "odd", detail: "no" });
  });

  it.each(["service", "provider"] as const)("gives the %s as long as it was told to, once", async (side) => {
    world[side].push("never");
    const session = world.session({ timeout: 1_000 });
    const failed = session.start().catch(() => {});
    await settle(999);
    expect(world.requests.at(-1)?.signal.aborted).toBe(false);
    await settle(1);
    expect(world.requests.at(-1)?.signal.aborted).toBe(true);
    await failed;
    expect(session.ended).toMatchObject({ reason: "network", code: "timeout" });
  });

  it("gives getJwt and the connection as long too", async () => {
    expect(await failing({ timeout: 500, getJwt: () => new Promise(() => {}) }, 500)).toMatchObject({ code: "timeout" });
    FakePeer.onAnswered = (peer) => peer.connect({ greeting: null });
    expect(await failing({ timeout: 500 }, 500)).toMatchObject({ reason: "network", detail: "WebRTC" });
  });

  it("does not wait for a connection that has failed", async () => {
    FakePeer.onAnswered = (peer) => peer.ice("failed");
    expect(await failing({}, 1_000)).toMatchObject({ reason: "network", detail: "lost" });
  });
});
