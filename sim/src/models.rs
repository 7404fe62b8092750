//! The provider's voice models.

use serde_json::{Value, json};

/// What a model is for. A session takes only models of its own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Conversation,
    Transcription,
    Translation,
    /// Has an API of its own, without client secrets.
    Live,
}

/// One voice model.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) id: &'static str,
    pub(crate) purpose: Purpose,
    /// Whether it takes `reasoning`.
    pub(crate) reasons: bool,
    created: i64,
    /// The day in the name of its snapshot, where it has one.
    day: Option<&'static str>,
    shutdown_date: Option<&'static str>,
}

/// The models; a conversation that names none gets the first. `created` and most days are invented, but stay as they
/// are.
static MODELS: [Model; 14] = [
    conversation("gpt-realtime-2.1", 1_783_468_800).dated("2026-07-08").reasoning(),
    conversation("gpt-realtime-2.1-mini", 1_783_468_800).dated("2026-07-08").reasoning(),
    conversation("gpt-realtime-2", 1_776_729_600).dated("2026-04-21").reasoning(),
    conversation("gpt-realtime-1.5", 1_771_372_800).dated("2026-02-18"),
    conversation("gpt-realtime", 1_756_339_200).dated("2025-08-28").until("2027-01-20"),
    conversation("gpt-realtime-mini", 1_765_756_800).dated("2025-12-15").until("2027-01-20"),
    transcription("gpt-live-transcribe", 1_785_888_000).dated("2026-08-05"),
    transcription("gpt-realtime-whisper", 1_776_729_600).dated("2026-04-21"),
    transcription("gpt-transcribe", 1_785_888_000).dated("2026-08-05"),
    transcription("whisper-1", 1_677_532_384).until("2027-02-26"),
    transcription("gpt-4o-transcribe", 1_742_068_463).until("2027-02-26"),
    transcription("gpt-4o-mini-transcribe", 1_765_756_800).dated("2025-12-15").until("2027-02-26"),
    model("gpt-realtime-translate", Purpose::Translation, 1_776_729_600).dated("2026-04-21"),
    model("gpt-live-1", Purpose::Live, 1_788_912_000).dated("2026-09-09"),
];

const fn conversation(id: &'static str, created: i64) -> Model {
    model(id, Purpose::Conversation, created)
}

const fn transcription(id: &'static str, created: i64) -> Model {
    model(id, Purpose::Transcription, created)
}

const fn model(id: &'static str, purpose: Purpose, created: i64) -> Model {
    Model { id, purpose, reasons: false, created, day: None, shutdown_date: None }
}

impl Model {
    const fn dated(mut self, day: &'static str) -> Self {
        self.day = Some(day);
        self
    }

    const fn reasoning(mut self) -> Self {
        self.reasons = true;
        self
    }

    const fn until(mut self, day: &'static str) -> Self {
        self.shutdown_date = Some(day);
        self
    }

    /// The name the provider resolves `id` to.
    pub(crate) fn snapshot(&self) -> String {
        self.day.map_or_else(|| self.id.to_owned(), |day| format!("{}-{day}", self.id))
    }
}

/// What a conversation gets that names no model.
pub(crate) fn default_conversation() -> &'static Model {
    let [first, ..] = &MODELS;
    first
}

/// The model of that id or snapshot.
pub(crate) fn find(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.id == name || model.snapshot() == name)
}

/// The body of `GET /v1/models`.
pub(crate) fn list() -> Value {
    let data: Vec<Value> = MODELS
        .iter()
        .map(|model| {
            json!({
                "id": model.id,
                "object": "model",
                "created": model.created,
                "owned_by": "system",
                "shutdown_date": model.shutdown_date,
            })
        })
        .collect();
    json!({ "object": "list", "data": data })
}
