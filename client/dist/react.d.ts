import { Session, type ConnectOptions, type Ended, type Minted, type State } from "./index.js";
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
/**
 * Sessions for a component: one at a time, ended when the component goes. The options of the newest render are those of the
 * next start; of a session that runs, `getJwt` is always the newest.
 */
export declare function useSession(options: ConnectOptions): UseSession;
