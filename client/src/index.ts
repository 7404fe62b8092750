import { Session, type ConnectOptions } from "./session.js";

/**
 * Starts a session. Call it in the user's gesture: the browser asks for the microphone first.
 *
 * @throws SessionError when the session ends before it is live; its `ended` says why.
 */
export const connect = (options: ConnectOptions): Promise<Session> => new Session(options).start();

export { Account, type AccountOptions } from "./account.js";
export type * from "./events.js";
export { microphones, speakers } from "./microphone.js";
export { ProblemError } from "./problem.js";
export { SessionError, type Ended, type Reason } from "./reasons.js";
export type * from "./service.js";
export { Session, type ConnectOptions, type SessionEvents, type State } from "./session.js";
export type { Minted } from "./token.js";
export type { Locale } from "./words.js";
