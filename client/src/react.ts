import { useCallback, useEffect, useRef, useState } from "react";
import { Session, type ConnectOptions, type Ended, type Minted, type SessionEvents, type State } from "./index.js";

/** A session, as a component sees it. */
export interface UseSession {
  /** The newest session; null before the first start. Listen to it in an effect. */
  session: Session | null;
  state: State;
  ended: Ended | null;
  minted: Minted | null;
  muted: boolean;
  /** Starts a session in the place of the one before. It never rejects: `ended` says what came of it. */
  start(): Promise<void>;
  close(): void;
  mute(on?: boolean): void;
  send: Session["send"];
}

/** What a component shows of a session. */
type View = Pick<UseSession, "session" | "state" | "ended" | "minted" | "muted">;

const IDLE: View = { session: null, state: "idle", ended: null, minted: null, muted: false };

const SHOWN: readonly (keyof SessionEvents)[] = ["state", "minted", "muted", "ended"];

/**
 * Sessions for a component: one at a time, ended when the component goes. The options of the newest render are those of the
 * next start; of a session that runs, `getJwt` is always the newest.
 */
export function useSession(options: ConnectOptions): UseSession {
  const newest = useRef(options);
  const current = useRef<Session | null>(null);
  const [view, setView] = useState(IDLE);

  useEffect(() => {
    newest.current = options;
  });
  useEffect(() => () => current.current?.close(), []);

  const start = useCallback(async () => {
    current.current?.close();
    const session = new Session({ ...newest.current, getJwt: () => newest.current.getJwt() });
    current.current = session;
    const show = () => {
      const { state, ended, minted, muted } = session;
      if (current.current === session) setView({ session, state, ended, minted, muted });
    };
    for (const name of SHOWN) session.on(name, show);
    show();
    // Why it failed is in `ended`.
    await session.start().catch(() => {});
  }, []);
  const close = useCallback(() => current.current?.close(), []);
  const mute = useCallback((on?: boolean) => current.current?.mute(on), []);
  const send = useCallback<Session["send"]>((event) => {
    if (!current.current) throw new Error("There is no session: start one.");
    current.current.send(event);
  }, []);

  return { ...view, start, close, mute, send };
}
