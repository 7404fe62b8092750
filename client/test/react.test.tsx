// @vitest-environment happy-dom
import { act, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useSession, type UseSession } from "../src/react.js";
import type { ConnectOptions } from "../src/index.js";
import { settle, World } from "./world.js";

let world: World;
let root: Root;
/** What the hook gave to the newest render. */
let hook: UseSession;

const Page = (options: ConnectOptions) => {
  hook = useSession(options);
  return <output>{hook.state}</output>;
};
const render = (getJwt: () => string = () => "jwt") =>
  act(async () =>
    root.render(
      <StrictMode>
        <Page endpoint="/client_secrets" getJwt={getJwt} />
      </StrictMode>,
    ),
  );
const start = () =>
  act(async () => {
    void hook.start();
    await settle();
  });

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  world = new World();
  vi.stubGlobal("navigator", { ...navigator, userAgent: "test" });
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await render();
});
afterEach(async () => {
  await act(async () => root.unmount());
  expect(world.leaks()).toEqual([]);
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("useSession", () => {
  it("shows a session from its start to its end", async () => {
    expect(hook).toMatchObject({ session: null, state: "idle", ended: null, minted: null, muted: false });
    expect(() => hook.send({ type: "response.create" })).toThrow("There is no session");
    await start();
    expect(document.body.textContent).toBe("live");
    expect(hook).toMatchObject({ state: "live", muted: false, minted: { role: "student" } });
    act(() => hook.mute());
    expect(hook.muted).toBe(true);
    hook.send({ type: "response.create" });
    expect(world.peer.channel.sent).toEqual([{ type: "response.create" }]);
    act(() => hook.close());
    expect(hook).toMatchObject({ state: "ended", ended: { reason: "closed_by_user" } });
  });

  it("does not reject: why it failed is in ended", async () => {
    world.microphone = new DOMException("no", "NotAllowedError");
    await act(() => hook.start());
    expect(hook).toMatchObject({ state: "ended", ended: { reason: "microphone_denied" } });
  });

  it("keeps one session in strict mode and over renders, and its functions stay the same", async () => {
    const { start: begin, close, mute, send } = hook;
    await start();
    await render();
    expect(world.peers.length).toBe(1);
    expect(hook).toMatchObject({ start: begin, close, mute, send, state: "live" });
  });

  it("asks the newest getJwt", async () => {
    await start();
    await act(() => settle(60_000));
    await render(() => "another");
    await act(async () => {
      world.peer.ice("failed");
      await settle();
    });
    const asked = world.requests.map(({ headers }) => headers.Authorization);
    expect(asked).toEqual(["Bearer jwt", "Bearer ek_1", "Bearer another", "Bearer ek_2"]);
  });

  it("starts anew, and the session before is over and shows no more", async () => {
    await start();
    const before = hook.session;
    await start();
    expect(before?.state).toBe("ended");
    act(() => before?.mute());
    expect(hook.session).not.toBe(before);
    expect(hook).toMatchObject({ state: "live", ended: null, muted: false });
    expect(world.peers.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });

  it("ends the session when the component goes, in the middle of a start too", async () => {
    world.microphone = "never";
    await start();
    const { session } = hook;
    await act(async () => root.unmount());
    expect(session?.ended).toMatchObject({ reason: "closed_by_user" });
    world.allow();
    await settle();
  });
});
