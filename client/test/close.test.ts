import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SessionError, type ConnectOptions, type State } from "../src/index.js";
import { FakePeer } from "./fakes.js";
import { settle, World } from "./world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => {
  expect(world.leaks()).toEqual([]);
  vi.useRealTimers();
});

/** Where a start can be held up. */
const STEPS: [string, State, () => Partial<ConnectOptions>][] = [
  ["the microphone", "requesting", () => ((world.microphone = "never"), {})],
  ["the JWT", "requesting", () => ({ getJwt: () => new Promise(() => {}) })],
  ["the token", "requesting", () => (world.service.push("never"), {})],
  ["the pause before the second try", "requesting", () => (world.service.push(new TypeError("no network")), {})],
  ["the answer", "connecting", () => (world.provider.push("never"), {})],
  ["the connection", "connecting", () => ((FakePeer.onAnswered = () => {}), {})],
];

describe.each(STEPS)("at %s", (_, state, holdUp) => {
  it.each(["close", "signal"] as const)("%s ends the session at once and leaves nothing", async (how) => {
    const abort = new AbortController();
    const session = world.session({ ...holdUp(), signal: abort.signal });
    const failed = session.start().catch((error: unknown) => error);
    await settle();
    expect(session.state).toBe(state);
    if (how === "close") session.close();
    else abort.abort();
    expect(session.ended).toMatchObject({ reason: "closed_by_user" });
    const error = await failed;
    expect(error).toBeInstanceOf(SessionError);
    // The user answers the question after all.
    world.allow();
    await settle();
    expect(world.log.filter((line) => line === "ended").length).toBe(1);
    expect(getEventListeners(abort.signal, "abort")).toEqual([]);
  });
});

describe("close", () => {
  it("comes with the end of the page, which is listened for as long as the session lasts", async () => {
    const session = await world.live();
    world.page.dispatchEvent(new Event("pagehide"));
    expect(session.ended).toMatchObject({ reason: "closed_by_user" });
    expect(world.peer.isClosed).toBe(true);
    expect(getEventListeners(world.page, "pagehide")).toEqual([]);
  });

  it("ends a session that was never started, and it can't be started then", async () => {
    const session = world.session();
    session.close();
    expect(world.log).toEqual(["ended", "ended: closed_by_user"]);
    await expect(session.start()).rejects.toMatchObject({ ended: { reason: "closed_by_user" } });
    expect(world.log.length).toBe(2);
  });

  it("ends a session whose signal had been aborted", async () => {
    const session = world.session({ signal: AbortSignal.abort() });
    await expect(session.start()).rejects.toBeInstanceOf(SessionError);
    expect(world.log).toEqual(["ended", "ended: closed_by_user"]);
  });

  it("ends a live session, once", async () => {
    const session = await world.live();
    session.close();
    session.close();
    expect(world.log.slice(-3)).toEqual(["live", "ended", "ended: closed_by_user"]);
    expect(() => session.send({ type: "response.create" })).toThrow("The session is ended");
    await settle(4_000_000);
    expect(world.peers.length).toBe(1);
  });

  it("ends a session that reconnects", async () => {
    const session = await world.live();
    world.peer.ice("failed");
    await settle();
    expect(session.state).toBe("reconnecting");
    session.close();
    await settle(60_000);
    expect(world.peers.length).toBe(1);
  });

  it("ends a session in the middle of a renewal", async () => {
    const session = await world.live({ renewAfter: 10 });
    FakePeer.onAnswered = () => {};
    await settle(10_000);
    expect(world.peers.length).toBe(2);
    session.close();
    await settle();
  });

  it.each([...Array(12).keys()])("leaves nothing %i steps after the greeting", async (steps) => {
    const session = world.session();
    FakePeer.onAnswered = (peer) => {
      peer.connect();
      void (async () => {
        for (let step = 0; step < steps; step++) await null;
        session.close();
      })();
    };
    await Promise.all([session.start().catch(() => {}), settle()]);
    expect(world.log.at(-1)).toBe("ended: closed_by_user");
  });

  it("is the last that is heard of a session", async () => {
    const session = await world.live();
    session.on("event", ({ type }) => world.log.push(type));
    const { channel } = world.peer;
    session.close();
    channel.say({ type: "response.done" });
    expect(world.log.at(-1)).toBe("ended: closed_by_user");
  });

  it.each(["requesting", "connecting", "live", "reconnecting"] as const)(
    "may be called when the state becomes %s",
    async (at) => {
      const session = world.session();
      session.on("state", (state) => state === at && session.close());
      await Promise.all([session.start().catch(() => {}), settle()]);
      if (at === "reconnecting") {
        world.peer.ice("failed");
        await settle(10_000);
      }
      expect(session.ended).toMatchObject({ reason: "closed_by_user" });
      expect(world.log.at(-1)).toBe("ended: closed_by_user");
    },
  );

  it("may be called when a token is there, or an event", async () => {
    const minted = world.session();
    minted.on("minted", () => minted.close());
    await Promise.all([minted.start().catch(() => {}), settle()]);
    expect(world.peers).toEqual([]);
    const greeted = world.session();
    greeted.on("event", () => greeted.close());
    await Promise.all([greeted.start(), settle()]);
    expect(greeted.state).toBe("ended");
  });
});
