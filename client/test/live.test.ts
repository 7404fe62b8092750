import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { microphones, SessionError, speakers, type ClientEvent, type ServerEvent } from "../src/index.js";
import { FakeAudio, FakeAudioContext, FakePeer, FakeStream, FakeTrack } from "./fakes.js";
import { settle, World } from "./world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => {
  expect(world.leaks()).toEqual([]);
  vi.useRealTimers();
});

describe("events", () => {
  it("come and go, in order, and what is none is passed over", async () => {
    const session = await world.live();
    const events: ServerEvent[] = [];
    const sent: ClientEvent[] = [];
    session.on("event", (event) => events.push(event));
    session.on("sent", (event) => sent.push(event));
    session.send({ type: "response.create" });
    session.send({ type: "of.a.later.day", whatever: 1 });
    expect(world.peer.channel.sent).toEqual([{ type: "response.create" }, { type: "of.a.later.day", whatever: 1 }]);
    expect(sent).toEqual(world.peer.channel.sent);
    for (const noise of ["no JSON", "null", "7", "{}", '{"type":7}']) world.peer.channel.say(noise);
    world.peer.channel.say({ type: "response.done", response: { id: "resp_1" } });
    world.peer.channel.say({ type: "of.a.later.day" });
    expect(events.map(({ type }) => type)).toEqual(["response.done", "of.a.later.day"]);
    session.close();
  });

  it("that come before the greeting is told keep their order", async () => {
    FakePeer.onAnswered = (peer) => {
      peer.connect();
      peer.channel.say({ type: "conversation.created" });
    };
    const session = world.session();
    const types: string[] = [];
    session.on("event", ({ type }) => types.push(type));
    await Promise.all([session.start(), settle()]);
    expect(types).toEqual(["session.created", "conversation.created"]);
    session.close();
  });

  it("can't be sent while there is no connection", async () => {
    const session = world.session();
    expect(() => session.send({ type: "response.create" })).toThrow(
      "The session is idle: events can be sent while it is live.",
    );
    await Promise.all([session.start(), settle()]);
    world.peer.ice("failed");
    expect(() => session.send({ type: "response.create" })).toThrow("The session is reconnecting");
    session.close();
    await settle();
  });

  it("are told to every listener, also where one throws, and not to those that have gone", async () => {
    const session = await world.live();
    const heard: string[] = [];
    const off = session.on("event", () => {
      throw new Error("a fault of the page's");
    });
    session.on("event", ({ type }) => heard.push(type));
    world.peer.channel.say({ type: "one" });
    off();
    off();
    world.peer.channel.say({ type: "two" });
    expect(heard).toEqual(["one", "two"]);
    expect(world.log.filter((line) => line.startsWith("reported"))).toEqual(["reported Error: a fault of the page's"]);
    session.close();
  });

  it("are not told to a listener that came because of them", async () => {
    const session = await world.live();
    const late = vi.fn();
    session.on("event", () => session.on("event", late));
    world.peer.channel.say({ type: "one" });
    expect(late).not.toHaveBeenCalled();
    session.close();
  });

  it("are told to a listener as often as it listens", async () => {
    const session = await world.live();
    const listener = vi.fn();
    const off = session.on("event", listener);
    session.on("event", listener);
    world.peer.channel.say({ type: "one" });
    off();
    world.peer.channel.say({ type: "two" });
    expect(listener).toHaveBeenCalledTimes(3);
    session.close();
  });
});

describe("mute", () => {
  it("holds over every microphone and connection", async () => {
    const session = world.session();
    const told: boolean[] = [];
    session.on("muted", (muted) => told.push(muted));
    session.mute();
    await Promise.all([session.start(), settle()]);
    expect(world.tracks[0]?.enabled).toBe(false);
    await session.setMicrophone("headset");
    expect(world.tracks[1]?.enabled).toBe(false);
    session.mute(false);
    expect(world.tracks[1]?.enabled).toBe(true);
    expect(session.muted).toBe(false);
    expect(told).toEqual([true, false]);
    session.close();
  });
});

describe("sound", () => {
  it("is played in the page's element, and taken out of it at the end", async () => {
    const audio = new FakeAudio();
    const session = await world.live({ audio: audio as unknown as HTMLAudioElement });
    expect(FakeAudio.all).toEqual([audio]);
    expect(audio.played[0]?.getTracks()).toEqual([world.peer.sound]);
    session.close();
    expect(audio.srcObject).toBeNull();
  });

  it("leaves an element alone that plays something else by now", async () => {
    const audio = new FakeAudio();
    const session = await world.live({ audio: audio as unknown as HTMLAudioElement });
    const other = new FakeStream();
    audio.srcObject = other;
    session.close();
    expect(audio.srcObject).toBe(other);
    audio.srcObject = null;
  });

  it.each([
    ["NotAllowedError", 1],
    ["AbortError", 0],
  ])("that the browser refuses with %s is told %i times", async (name, times) => {
    const audio = new FakeAudio();
    audio.refusal = new DOMException("not now", name);
    const session = world.session({ audio: audio as unknown as HTMLAudioElement });
    const blocked = vi.fn();
    session.on("blocked", blocked);
    await Promise.all([session.start(), settle()]);
    expect(blocked.mock.calls).toEqual(Array.from({ length: times }, () => [audio]));
    session.close();
  });
});

describe("levels", () => {
  it.each([
    [0, 0],
    [0.0005, 0],
    [0.001, 0],
    [Math.sqrt(0.001), 0.5],
    [1, 1],
    [1.4, 1],
  ])("of a sample of %f are %f", async (sample, level) => {
    const session = await world.live();
    FakeAudioContext.sample = sample;
    expect(session.levels().input).toBeCloseTo(level, 3);
    expect(session.levels().output).toBeCloseTo(level, 3);
    session.close();
  });

  it("need nothing before the first look, and one context however often one looks", async () => {
    const session = await world.live({ renewAfter: 10 });
    expect(FakeAudioContext.all).toEqual([]);
    for (let look = 0; look < 3; look++) session.levels();
    const [context] = FakeAudioContext.all;
    expect([context?.state, context?.resumed]).toEqual(["running", 1]);
    expect(context?.sources.length).toBe(2);
    await settle(10_000);
    await session.setMicrophone("headset");
    session.levels();
    expect(FakeAudioContext.all.length).toBe(1);
    expect(context?.sources.map((stream) => stream.getTracks()[0])).toEqual([world.tracks[1], world.peer.sound]);
    session.close();
    expect(context?.state).toBe("closed");
    expect(session.levels()).toEqual({ input: 0, output: 0 });
  });

  it("are nothing before there is sound", () => {
    const session = world.session();
    expect(session.levels()).toEqual({ input: 0, output: 0 });
    expect(FakeAudioContext.all).toEqual([]);
  });
});

describe("devices", () => {
  it("are listed by kind, and none where the browser has none", async () => {
    expect((await microphones()).map(({ deviceId }) => deviceId)).toEqual(["headset"]);
    expect((await speakers()).map(({ deviceId }) => deviceId)).toEqual(["speaker"]);
    vi.stubGlobal("navigator", {});
    expect(await microphones()).toEqual([]);
  });

  it("change in the middle of a call, and hold for the connections to come", async () => {
    const session = await world.live();
    await settle(30_000);
    await session.setMicrophone("headset");
    expect(world.tracks.map(({ label, readyState }) => [label, readyState])).toEqual([
      ["microphone 0", "ended"],
      ["headset", "live"],
    ]);
    expect(world.peer.senders[0]?.track).toBe(world.tracks[1]);
    world.peer.ice("failed");
    await settle();
    expect(world.peer.senders[0]?.track).toBe(world.tracks[1]);
    await session.setSpeaker("speaker");
    expect(world.audio.sink).toBe("speaker");
    session.close();
  });

  it("that can't be chosen stay as they are", async () => {
    const audio = Object.assign(new FakeAudio(), { setSinkId: undefined });
    const session = world.session({ audio: audio as unknown as HTMLAudioElement });
    await session.setSpeaker("speaker");
    session.close();
  });

  it("are asked for with the page's wishes above our own", async () => {
    const session = await world.live({ microphone: { echoCancellation: false, channelCount: 1 } });
    await session.setMicrophone("headset");
    const wish = { echoCancellation: false, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
    expect(world.wishes).toEqual([wish, { ...wish, deviceId: { exact: "headset" } }]);
    session.close();
  });

  it("can be chosen before the start", async () => {
    const session = world.session({ microphone: { echoCancellation: false } });
    await session.setMicrophone("headset");
    expect(world.log).toEqual([]);
    await Promise.all([session.start(), settle()]);
    expect(world.tracks[0]?.label).toBe("headset");
    session.close();
  });

  it("that change while a connection is made are used in it", async () => {
    FakePeer.onAnswered = () => {};
    const session = world.session();
    const started = session.start();
    await settle();
    await session.setMicrophone("headset");
    world.peer.connect();
    await Promise.all([started, settle()]);
    expect(world.peer.senders[0]?.track).toBe(world.tracks[1]);
    session.close();
  });

  it("that change while there is no connection are used in the next", async () => {
    const session = await world.live();
    world.provider.push(new TypeError("failed to fetch"));
    world.peer.ice("failed");
    await settle();
    expect(session.state).toBe("reconnecting");
    await session.setMicrophone("headset");
    await settle(8_000);
    expect(session.state).toBe("live");
    expect(world.peer.senders[0]?.track).toBe(world.tracks[1]);
    expect(world.tracks[0]?.readyState).toBe("ended");
    session.close();
  });

  it("that the browser refuses leave the one before", async () => {
    const session = await world.live();
    world.microphone = new DOMException("gone", "OverconstrainedError");
    await expect(session.setMicrophone("lost")).rejects.toMatchObject({
      ended: { reason: "microphone_denied", code: "OverconstrainedError" },
    });
    await expect(session.setMicrophone("lost")).rejects.toBeInstanceOf(SessionError);
    expect(session.state).toBe("live");
    expect(world.tracks[0]?.readyState).toBe("live");
    session.close();
  });

  it("that come too late are let go of", async () => {
    const session = await world.live();
    world.microphone = "never";
    const changed = session.setMicrophone("headset");
    session.close();
    world.allow();
    await changed;
  });

  it("that are unplugged give way to what else there is", async () => {
    const session = await world.live({ microphone: { channelCount: 1, deviceId: "headset" } });
    world.tracks[0]?.unplug();
    await settle();
    expect(world.wishes[1]).toMatchObject({ channelCount: 1 });
    expect(world.wishes[1]).not.toHaveProperty("deviceId");
    expect(world.peer.senders[0]?.track).toBe(world.tracks[1]);
    expect(session.state).toBe("live");
    world.microphone = new DOMException("none", "NotFoundError");
    world.tracks[1]?.unplug();
    await settle();
    expect(session.ended).toMatchObject({ reason: "microphone_denied", code: "NotFoundError" });
  });

  it("of the page's own are the page's to look after", async () => {
    const track = new FakeTrack("the page's");
    const session = await world.live({ microphone: new FakeStream([track]) as unknown as MediaStream });
    track.unplug();
    await settle();
    expect(session.state).toBe("live");
    expect(world.wishes).toEqual([]);
    session.close();
  });

  it("of the page's own are not stopped when another takes their place", async () => {
    const track = new FakeTrack("the page's");
    const session = await world.live({ microphone: new FakeStream([track]) as unknown as MediaStream });
    await session.setMicrophone("headset");
    expect(track.readyState).toBe("live");
    session.close();
  });
});
