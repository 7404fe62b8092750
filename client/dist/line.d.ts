import { type TokenOptions } from "./token.js";
/** What a line is made with. */
export interface LineOptions extends TokenOptions {
    /**
     * Seconds after which a connection is replaced, before the provider ends it: 3540 unless it says otherwise, a minute
     * before its longest life. 0: never, and the session ends as `expired`.
     */
    renewAfter?: number;
}
