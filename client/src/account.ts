import { problemOf } from "./problem.js";
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
export class Account {
  readonly #options: AccountOptions;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  /** What is used and what is left. */
  usage(): Promise<Usage> {
    return this.#ask("GET", "usage");
  }

  /** The user's own provider keys. */
  readonly keys = {
    list: (): Promise<ProviderKeys> => this.#ask("GET", "keys"),
    /** Stores a key, once the provider has taken it. */
    put: (provider: string, key: string, options: { validate?: boolean } = {}): Promise<ProviderKey> =>
      this.#ask("PUT", `keys/${encodeURIComponent(provider)}`, { key, ...options }),
    /** Asks the provider whether the key is still good. */
    validate: (provider: string): Promise<ProviderKey> => this.#ask("POST", `keys/${encodeURIComponent(provider)}/validate`),
    remove: (provider: string): Promise<void> => this.#ask("DELETE", `keys/${encodeURIComponent(provider)}`),
  };

  /** What the user has set for their own conversations. */
  readonly settings = {
    get: (role?: string): Promise<ShownSettings> => this.#ask("GET", `settings${about(role)}`),
    /** Replaces all of them. */
    put: (settings: Settings, role?: string): Promise<ShownSettings> => this.#ask("PUT", `settings${about(role)}`, settings),
    remove: (): Promise<void> => this.#ask("DELETE", "settings"),
    /** What would be asked of the provider with these, or with those that are set. */
    preview: (request: PreviewRequest = {}): Promise<Preview> => this.#ask("POST", "settings/preview", request),
  };

  async #ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const { base, getJwt, fetch: ask = fetch } = this.#options;
    const response = await ask(`${String(base).replace(/\/$/, "")}/v1/me/${path}`, {
      method,
      headers: { Authorization: `Bearer ${await getJwt()}`, ...(body && { "Content-Type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await problemOf(response);
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  }
}

const about = (role: string | undefined): string => (role === undefined ? "" : `?role=${encodeURIComponent(role)}`);
