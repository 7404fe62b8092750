/** JSON, as it comes and goes on the data channel. */
type Json = Record<string, unknown>;
declare const unlisted: unique symbol;
/** A type that is not listed here. With plain `string` in its place, `switch (event.type)` would not tell the listed ones apart. */
type Unlisted = `${string}.${string}` & {
    readonly [unlisted]: true;
};
/** An event that is not listed here: tell it by `event.type as string`. Its members are the provider's. */
export interface OtherServerEvent extends Json {
    type: Unlisted;
}
interface Event<Type extends string> {
    type: Type;
    event_id?: string;
}
/** A session or a change of it. `session` is the provider's session object. */
export interface SessionEvent extends Event<"session.created" | "session.updated"> {
    session: Json;
}
/** What the provider did not like. The session goes on, as a rule. */
export interface ErrorEvent extends Event<"error"> {
    error: {
        type: string;
        message: string;
        code?: string | null;
        param?: string | null;
        /** The client event that it is about. */
        event_id?: string | null;
    };
}
/** A response has begun, or is over: `response.usage` says what it cost. */
export interface ResponseEvent extends Event<"response.created" | "response.done"> {
    response: {
        id: string;
        status?: string;
        output?: Item[];
        usage?: Json | null;
    } & Json;
}
/** A piece of what the model says, or writes. */
export interface DeltaEvent extends Event<"response.output_audio_transcript.delta" | "response.output_text.delta"> {
    response_id: string;
    item_id: string;
    delta: string;
}
/** All of what the model said. */
export interface TranscriptEvent extends Event<"response.output_audio_transcript.done"> {
    response_id: string;
    item_id: string;
    transcript: string;
}
/** All of what the model wrote. */
export interface TextEvent extends Event<"response.output_text.done"> {
    response_id: string;
    item_id: string;
    text: string;
}
/** The model calls a function of the page; `arguments` is JSON. */
export interface FunctionCallEvent extends Event<"response.function_call_arguments.done"> {
    response_id: string;
    item_id: string;
    call_id: string;
    name?: string;
    arguments: string;
}
/** The user begins or ceases to speak. */
export interface SpeechEvent extends Event<"input_audio_buffer.speech_started" | "input_audio_buffer.speech_stopped"> {
    item_id: string;
}
/** A piece of what the user said. */
export interface HeardDeltaEvent extends Event<"conversation.item.input_audio_transcription.delta"> {
    item_id: string;
    delta: string;
}
/** All of what the user said. */
export interface HeardEvent extends Event<"conversation.item.input_audio_transcription.completed"> {
    item_id: string;
    transcript: string;
    usage?: Json;
}
/** What the user said could not be written down. */
export interface NotHeardEvent extends Event<"conversation.item.input_audio_transcription.failed"> {
    item_id: string;
    error: Json;
}
/** An item of the conversation. */
export type Item = {
    id: string;
    type: string;
} & Json;
/** The conversation has a new item, it is complete, or it was asked for. */
export interface ItemEvent extends Event<"conversation.item.added" | "conversation.item.done" | "conversation.item.retrieved"> {
    item: Item;
}
/** What the user said became an item, or an item was cut short or deleted. */
export interface ItemChangeEvent extends Event<"input_audio_buffer.committed" | "conversation.item.truncated" | "conversation.item.deleted"> {
    item_id: string;
}
/** A response has a new item, or it is complete. */
export interface OutputItemEvent extends Event<"response.output_item.added" | "response.output_item.done"> {
    response_id: string;
    output_index: number;
    item: Item;
}
/** What is left of the provider's own limits. */
export interface RateLimitsEvent extends Event<"rate_limits.updated"> {
    rate_limits: {
        name: string;
        limit: number;
        remaining: number;
        reset_seconds: number;
    }[];
}
/** The model's sound begins, has been played, or was cut off. */
export interface SoundEvent extends Event<"output_audio_buffer.started" | "output_audio_buffer.stopped" | "output_audio_buffer.cleared"> {
    response_id: string;
}
/** An event of the provider's that the library knows. */
export type KnownServerEvent = SessionEvent | ErrorEvent | ResponseEvent | DeltaEvent | TranscriptEvent | TextEvent | FunctionCallEvent | SpeechEvent | HeardDeltaEvent | HeardEvent | NotHeardEvent | ItemEvent | ItemChangeEvent | OutputItemEvent | RateLimitsEvent | SoundEvent;
/** What comes from the provider: `switch` on its `type`. */
export type ServerEvent = KnownServerEvent | OtherServerEvent;
/** An event for the provider that the library knows. */
export type KnownClientEvent = (Event<"session.update"> & {
    session: Json;
}) | (Event<"conversation.item.create"> & {
    item: Json;
    previous_item_id?: string;
}) | (Event<"conversation.item.delete" | "conversation.item.retrieve"> & {
    item_id: string;
}) | (Event<"conversation.item.truncate"> & {
    item_id: string;
    content_index: number;
    audio_end_ms: number;
}) | (Event<"response.create"> & {
    response?: Json;
}) | (Event<"response.cancel"> & {
    response_id?: string;
}) | Event<"input_audio_buffer.clear" | "input_audio_buffer.commit" | "output_audio_buffer.clear">;
/** What goes to the provider. Others than the known ones go as they are. */
export type ClientEvent = KnownClientEvent | ({
    type: string;
} & Json);
export {};
