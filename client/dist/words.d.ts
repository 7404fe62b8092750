import type { Reason } from "./reasons.js";
/** Languages that the sentences are in. */
export type Locale = "en" | "es";
/** A sentence for the user. `retryAfter` is in seconds, and shown in whole minutes, rounded up. */
export declare function sentence(reason: Reason, locale: Locale, retryAfter?: number): string;
