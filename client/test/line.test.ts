import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerEvent, Session } from "../src/index.js";
import { FakePeer } from "./fakes.js";
import { problem, settle, World } from "./world.js";

let world: World;
let session: Session;
beforeEach(() => {
  world = new World();
});
afterEach(() => {
  session.close();
  expect(world.leaks()).toEqual([]);
  vi.useRealTimers();
});

/** What has happened since the session was live. */
const since = (): string[] => world.log.slice(world.log.indexOf("live") + 1);
const count = (what: string): number => world.log.filter((line) => line === what).length;

describe("a connection that is lost", () => {
  it("is replaced, and a token that is still good serves again", async () => {
    session = await world.live();
    await settle(30_000);
    world.peer.ice("failed");
    await settle();
    expect(since()).toEqual(["reconnecting", "offer", "live"]);
    expect(world.requests.at(-1)?.headers.Authorization).toBe("Bearer ek_1");
    expect(world.peers.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(world.peer.senders[0]?.track).toBe(world.tracks[0]);
    expect(world.tracks.length).toBe(1);
  });

  it("takes another token once the first is about to expire", async () => {
    session = await world.live();
    await settle(55_000);
    world.peer.ice("failed");
    await settle();
    expect(since()).toEqual(["reconnecting", "token", "offer", "live"]);
  });

  it.each([-600_000, 600_000])("tells the token's age with a clock that is wrong by %i ms", async (wrong) => {
    world.wrong = wrong;
    session = await world.live();
    await settle(30_000);
    world.peer.ice("failed");
    await settle();
    expect(count("token")).toBe(1);
    await settle(25_000);
    world.peer.ice("failed");
    await settle();
    expect(count("token")).toBe(2);
  });

  it("has four seconds to find its way back", async () => {
    session = await world.live();
    await settle(30_000);
    world.peer.ice("disconnected");
    await settle(3_999);
    world.peer.ice("connected");
    await settle(10_000);
    expect(since()).toEqual([]);
    world.peer.ice("disconnected");
    await settle(3_999);
    expect(session.state).toBe("live");
    await settle(1);
    expect(since()).toEqual(["reconnecting", "offer", "live"]);
  });

  it("is lost too where the channel closes and ICE has no path", async () => {
    session = await world.live();
    await settle(30_000);
    world.peer.ice("disconnected");
    world.peer.hangUp();
    await settle();
    expect(since()).toEqual(["reconnecting", "offer", "live"]);
  });

  it("is tried six times, with pauses that double, and then it is the network", async () => {
    session = await world.live();
    await settle(30_000);
    world.provider.push(...Array.from({ length: 9 }, () => new TypeError("failed to fetch")));
    world.peer.ice("failed");
    const tried: number[] = [];
    for (let millis = 0; millis < 20_000; millis += 25) {
      await settle(millis ? 25 : 0);
      while (tried.length < count("offer") - 1) tried.push(millis);
    }
    // Chance is one half here: three quarters of 0.5, 1, 2, 4 and 8 seconds.
    expect(tried).toEqual([0, 375, 1_125, 2_625, 5_625, 11_625]);
    expect(session.ended).toMatchObject({ reason: "network" });
  });

  it.each([
    [0, 250],
    [1, 500],
  ])("pauses by chance: with %f, %i ms", async (chance, millis) => {
    vi.mocked(Math.random).mockReturnValue(chance);
    session = await world.live();
    await settle(30_000);
    world.provider.push(new TypeError("failed to fetch"));
    world.peer.ice("failed");
    await settle(millis - 1);
    expect(session.state).toBe("reconnecting");
    await settle(1);
    expect(session.state).toBe("live");
  });

  it("counts connections that don't hold as tries", async () => {
    session = await world.live();
    for (let lost = 0; lost < 6; lost++) {
      expect(session.ended).toBeNull();
      world.peer.ice("failed");
      await settle(8_000);
    }
    expect(session.ended).toMatchObject({ reason: "network" });
  });

  it("begins to count anew once one has held", async () => {
    session = await world.live();
    for (let lost = 0; lost < 20; lost++) {
      await settle(10_000);
      world.provider.push(new TypeError("failed to fetch"));
      world.peer.ice("failed");
      await settle(375);
    }
    expect(session.state).toBe("live");
  });

  it("ends as rate_limited where the hour is spent", async () => {
    session = await world.live();
    await settle(60_000);
    world.service.push(problem(429, "rate_limit_exceeded", { "Retry-After": "1260" }));
    world.peer.ice("failed");
    await settle();
    expect(session.ended).toMatchObject({ reason: "rate_limited", retryAfter: 1260 });
  });
});

describe("a connection that the far side ends", () => {
  it("is a hang-up where the channel closes and ICE has its path", async () => {
    session = await world.live();
    await settle(30_000);
    world.peer.hangUp();
    await settle();
    expect(since()).toEqual(["ended", "ended: ended_by_operator"]);
  });

  it("is one where ICE has looked at all paths, too", async () => {
    session = await world.live();
    world.peer.ice("completed");
    world.peer.hangUp();
    expect(session.ended).toMatchObject({ reason: "ended_by_operator" });
    await settle();
  });

  it("ended right after the greeting is a hang-up too", async () => {
    FakePeer.onAnswered = (peer) => {
      peer.connect();
      peer.hangUp();
    };
    session = await world.live();
    expect(session.ended).toMatchObject({ reason: "ended_by_operator" });
  });

  it.each(["deadline", "budget", "idle", "ended_by_operator"] as const)("ends for the reason it names: %s", async (reason) => {
    for (const event of [
      { type: "error", error: { code: reason, message: "" } },
      { type: "ephemint.ended", reason },
    ]) {
      session = await world.live();
      world.peer.channel.say(event);
      expect(session.ended).toMatchObject({ reason });
      await settle();
    }
  });

  it.each([
    { type: "error", error: { code: "toString", message: "" } },
    { type: "error", error: { code: null, message: "" } },
    { type: "error" },
    { type: "ephemint.ended", reason: "whatever" },
    { type: "other", error: { code: "budget" } },
  ])("goes on after what names none: %j", async (event) => {
    session = await world.live();
    world.peer.channel.say(event);
    await settle();
    expect(session.state).toBe("live");
  });

  it("is renewed where it has reached its longest life", async () => {
    session = await world.live();
    await settle(30_000);
    world.peer.channel.say({ type: "error", error: { code: "session_expired", message: "" } });
    await settle();
    expect(since()).toEqual(["reconnecting", "offer", "live"]);
  });

  it("is not renewed where the page closes it at this word", async () => {
    session = await world.live();
    session.on("event", () => session.close());
    world.peer.channel.say({ type: "error", error: { code: "session_expired", message: "" } });
    await settle(60_000);
    expect(since()).toEqual(["ended", "ended: closed_by_user"]);
  });

  it("is over then where renewal is off", async () => {
    session = await world.live({ renewAfter: 0 });
    await settle(3_600_000);
    world.peer.channel.say({ type: "error", error: { code: "session_expired", message: "" } });
    expect(since()).toEqual(["ended", "ended: expired"]);
    await settle();
  });
});

describe("a renewal", () => {
  it("comes a minute before the longest life, and leaves no gap", async () => {
    FakePeer.onAnswered = () => {};
    session = world.session();
    const started = session.start();
    await settle();
    const events: ServerEvent[] = [];
    session.on("event", (event) => events.push(event));
    world.peer.connect();
    await started;
    await settle(3_540_000 - 1);
    expect(world.peers.length).toBe(1);
    await settle(1);
    const [before, after] = world.peers;
    expect([before?.isClosed, after?.isClosed]).toEqual([false, false]);
    session.send({ type: "response.create" });
    expect(before?.channel.sent).toEqual([{ type: "response.create" }]);
    expect(world.audio.srcObject?.getTracks()).toEqual([before?.sound]);
    after?.connect();
    await settle();
    expect([before?.isClosed, after?.isClosed]).toEqual([true, false]);
    expect(world.audio.srcObject?.getTracks()).toEqual([after?.sound]);
    expect(after?.senders[0]?.track).toBe(before?.senders[0]?.track);
    expect(world.tracks.length).toBe(1);
    expect(events.length).toBe(2);
    session.send({ type: "response.create" });
    expect(after?.channel.sent.length).toBe(1);
    expect(since()).toEqual(["token", "offer"]);
  });

  it("greets from the connection that answers are then sent on", async () => {
    session = await world.live({ renewAfter: 5 });
    session.on("event", ({ type }) => {
      if (type === "session.created") session.send({ type: "session.update", session: {} });
    });
    await settle(5_000);
    expect(world.peers.length).toBe(2);
    await settle(1);
    expect(world.peer.channel.sent.length).toBe(1);
  });

  it("that fails leaves the connection as long as it lives, and then its reason is told", async () => {
    session = await world.live({ renewAfter: 100 });
    const spent = () => problem(429, "rate_limit_exceeded", { "Retry-After": "600" });
    world.service.push(spent(), spent());
    await settle(150_000);
    expect(since()).toEqual(["token"]);
    world.peer.channel.say({ type: "error", error: { code: "session_expired", message: "" } });
    await settle();
    expect(session.ended).toMatchObject({ reason: "rate_limited" });
  });

  it("on its way serves where the connection is lost meanwhile", async () => {
    session = await world.live({ renewAfter: 30 });
    FakePeer.onAnswered = () => {};
    await settle(30_000);
    world.peers[0]?.ice("failed");
    await settle();
    expect(since()).toEqual(["offer", "reconnecting"]);
    world.peer.connect();
    await settle();
    expect(since()).toEqual(["offer", "reconnecting", "live"]);
    expect(world.peers.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });

  it("that fails after the connection was lost meanwhile ends the session", async () => {
    session = await world.live({ renewAfter: 100 });
    world.service.push("never");
    await settle(100_000);
    world.peer.ice("failed");
    await settle();
    expect(session.state).toBe("reconnecting");
    world.service.push(problem(403, "user_disabled"));
    await settle(20_000);
    expect(session.ended).toMatchObject({ reason: "policy", code: "user_disabled" });
  });

  it("never comes where it is to come later than browsers can count", async () => {
    session = await world.live({ renewAfter: Infinity });
    await settle(10_000_000);
    expect(world.peers.length).toBe(1);
  });

  it("comes again and again", async () => {
    session = await world.live({ renewAfter: 10 });
    await settle(45_000);
    expect(world.peers.map(({ isClosed }) => isClosed)).toEqual([true, true, true, true, false]);
  });
});

describe("the policy's time", () => {
  it("ends the session, counted over all of its connections", async () => {
    world.answer = { max_call_seconds: 90 };
    session = await world.live({ renewAfter: 35 });
    await settle(50_000);
    world.peer.ice("failed");
    await settle();
    expect(world.peers.length).toBe(3);
    await settle(39_999);
    expect(session.state).toBe("live");
    await settle(1);
    expect(session.ended).toMatchObject({ reason: "deadline" });
  });

  it("is that of the newest token", async () => {
    world.answer = { max_call_seconds: 90 };
    session = await world.live();
    await settle(60_000);
    world.answer = {};
    world.peer.ice("failed");
    await settle(60_000);
    expect(session.state).toBe("live");
    world.answer = { max_call_seconds: 90 };
    world.peer.ice("failed");
    await settle(1);
    expect(session.ended).toMatchObject({ reason: "deadline" });
  });

  it("is longer where the newest token says so", async () => {
    world.answer = { max_call_seconds: 90 };
    session = await world.live({ renewAfter: 80 });
    world.answer = { max_call_seconds: 100 };
    await settle(99_999);
    expect(session.state).toBe("live");
    await settle(1);
    expect(session.ended).toMatchObject({ reason: "deadline" });
  });

  it("counts no more once the session is over", async () => {
    world.answer = { max_call_seconds: 90 };
    session = await world.live();
    session.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("counts from when the first connection stood", async () => {
    world.answer = { max_call_seconds: 60 };
    world.microphone = "never";
    session = world.session();
    void session.start();
    await settle(30_000);
    world.allow();
    await settle(59_999);
    expect(session.state).toBe("live");
    await settle(1);
    expect(session.ended).toMatchObject({ reason: "deadline" });
  });

  it("ends a session that is between two connections too", async () => {
    world.answer = { max_call_seconds: 60 };
    session = await world.live();
    await settle(58_000);
    world.service.push("never");
    world.peer.ice("failed");
    await settle(2_000);
    expect(since()).toEqual(["reconnecting", "token", "ended", "ended: deadline"]);
  });
});
