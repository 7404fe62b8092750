/**
 * What the service takes and answers with, as its openapi.yaml says: a test holds the two equal. Answers may gain members.
 */

/** The allowance of the user's role. */
export interface RateLimit {
  /** Tokens in any sixty minutes. */
  limit: number;
  /** Tokens left now. */
  remaining: number;
  /** Seconds until `remaining` next grows; 0 while nothing is spent. */
  reset_seconds: number;
}

/** A function in the page that the model may call. */
export interface Tool {
  type: "function";
  name: string;
  description?: string | null;
  /** JSON Schema of its arguments. */
  parameters?: Record<string, unknown> | null;
}

/** What of a session a request may ask for. What the policy does not give is refused by name. */
export interface SessionRequest {
  type?: "realtime" | "transcription" | "translation" | null;
  model?: string | null;
  output_modalities?: ("audio" | "text")[] | null;
  audio?: {
    input?: { transcription?: { language?: string | null } };
    output?: { voice?: string | null; language?: string | null };
  };
  instructions?: string | null;
  tools?: Tool[] | null;
}

/** The session of a token for a conversation. */
export interface RealtimeSession {
  id: string;
  type: "realtime";
  /** As the provider resolved it. */
  model: string;
  /** The provider's own; 0 while the session has not begun. */
  expires_at: number;
  output_modalities: ("audio" | "text")[];
  /** Only where the model speaks. */
  audio?: { output: { voice: string } };
}

/** The session of a token for speech to text. */
export interface TranscriptionSession {
  id: string;
  type: "transcription";
  /** As it was asked for. */
  model: string;
  /** The provider's own; 0 while the session has not begun. */
  expires_at: number;
  /** Only where the language spoken was said beforehand. */
  audio?: { input: { transcription: { language: string } } };
}

/** The session of a token for speech in another language. */
export interface TranslationSession {
  id?: string;
  type: "translation";
  /** As the provider resolved it. */
  model: string;
  /** The provider's own; 0 while the session has not begun. */
  expires_at: number;
  /** The language that is heard. */
  audio: { output: { language: string } };
}

/** A token's session, as far as the page may know it. */
export type MintedSession = RealtimeSession | TranscriptionSession | TranslationSession;

/** A token, and what the page may know of its session. */
export interface ClientSecret {
  /** The token: for this one page; don't store or log it. */
  value: string;
  /** When the token expires, in seconds since 1970. */
  expires_at: number;
  mode: "realtime";
  session: MintedSession;
  role: string;
  language: string;
  /** Where the SDP offer goes. */
  connect_url: string;
  rate_limit: RateLimit;
  /** Seconds that a call may last, from its start; only where the policy says so. */
  max_call_seconds?: number;
}

/** A mint of the user's. */
export interface RecentMint {
  /** RFC 3339. */
  created_at: string;
  role: string;
  language: string;
  outcome: "pending" | "issued" | "refunded" | "unconfirmed";
}

/** What is used and what is left. */
export interface Usage {
  role: string;
  rate_limit: RateLimit;
  tokens: { last_hour: number; last_day: number; last_30_days: number };
  /** The newest first, at most twenty. */
  recent: RecentMint[];
}

/** A provider key of the user's own, masked. Times are RFC 3339. */
export interface ProviderKey {
  provider: string;
  masked: string;
  state: "unvalidated" | "valid" | "refused" | "no_quota" | "no_access" | "unreadable";
  /** Whether it is time for another one. */
  is_old: boolean;
  created_at: string;
  updated_at: string;
  last_used_at: string | null;
  last_validated_at: string | null;
}

/** The user's keys, and the providers that keys may be of. */
export interface ProviderKeys {
  keys: ProviderKey[];
  providers: string[];
}

/** An MCP server that asks for no credentials. */
export interface OpenServer {
  type: "mcp";
  server_label: string;
  server_url: string;
  server_description?: string | null;
  allowed_tools?: string[] | null;
  require_approval?: "always" | "never" | null;
}

/** What a user sets for their own conversations. */
export interface Settings {
  system_prompt?: string | null;
  greeting?: string | null;
  voice?: string | null;
  language?: string | null;
  /** 0.25 to 1.5; 1 is the provider's own. */
  speed?: number | null;
  tools?: (Tool | OpenServer)[] | null;
}

/** A setting by its name; `mcp_tools` are the `tools` that are MCP servers. */
export type Setting = "system_prompt" | "greeting" | "voice" | "language" | "speed" | "tools" | "mcp_tools";

/** A setting that is left out of sessions, and why. */
export interface NotInForce {
  setting: Setting;
  reason: string;
}

/** What is set, what of it is in force, and what the role leaves to the user. */
export interface ShownSettings {
  role: string;
  settings: Settings;
  /** RFC 3339; null where nothing is set. */
  updated_at: string | null;
  not_in_force: NotInForce[];
  choices: {
    settings: Setting[];
    voices: string[];
    languages: string[];
    max_system_prompt_chars: number;
    max_greeting_chars: number;
    max_tools: number;
  };
}

/** What to preview; left out, what is set. */
export interface PreviewRequest {
  role?: string | null;
  language?: string | null;
  settings?: Settings | null;
}

/** What would be asked of the provider. */
export interface Preview {
  role: string;
  language: string;
  /** In the provider's own shape, the operator's texts blanked out. */
  request: Record<string, unknown>;
  not_in_force: NotInForce[];
}
