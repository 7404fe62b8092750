import type { Preview, PreviewRequest, ProviderKey, ProviderKeys, Settings, ShownSettings, Usage } from "./service.js";
/** What an account is reached with. */
export interface AccountOptions {
    /** Where the service is, such as `https://voice.example.com`; "" where the page comes from it. */
    base: string | URL;
    /** The JWT of the signed-in user: asked for before every request. */
    getJwt: () => string | Promise<string>;
    /** In place of the browser's own. */
    fetch?: typeof fetch;
}
/** What the signed-in user has used, their provider keys and their settings. Every method fails with a `ProblemError`. */
export declare class Account {
    #private;
    constructor(options: AccountOptions);
    /** What is used and what is left. */
    usage(): Promise<Usage>;
    /** The user's own provider keys. */
    readonly keys: {
        list: () => Promise<ProviderKeys>;
        /** Stores a key, once the provider has taken it. */
        put: (provider: string, key: string, options?: {
            validate?: boolean;
        }) => Promise<ProviderKey>;
        /** Asks the provider whether the key is still good. */
        validate: (provider: string) => Promise<ProviderKey>;
        remove: (provider: string) => Promise<void>;
    };
    /** What the user has set for their own conversations. */
    readonly settings: {
        get: (role?: string) => Promise<ShownSettings>;
        /** Replaces all of them. */
        put: (settings: Settings, role?: string) => Promise<ShownSettings>;
        remove: () => Promise<void>;
        /** What would be asked of the provider with these, or with those that are set. */
        preview: (request?: PreviewRequest) => Promise<Preview>;
    };
}
