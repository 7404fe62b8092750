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
    /// The dated name the provider resolves `id` to.
    pub(crate) snapshot: &'static str,
    pub(crate) purpose: Purpose,
    /// Whether it takes `reasoning`.
    pub(crate) reasons: bool,
    created: i64,
    shutdown_date: Option<&'static str>,
}

/// The models; a conversation that names none gets the first. `created` and most snapshot dates are invented, but they do not change.
static MODELS: [Model; 14] = [
    model("gpt-realtime-2.1", "gpt-realtime-2.1-2026-07-08", 1_783_468_800).reasoning(),
    model(
        "gpt-realtime-2.1-mini",
        "gpt-realtime-2.1-mini-2026-07-08",
        1_783_468_800,
    )
    .reasoning(),
    model("gpt-realtime-2", "gpt-realtime-2-2026-04-21", 1_776_729_600).reasoning(),
    model("gpt-realtime-1.5", "gpt-realtime-1.5-2026-02-18", 1_771_372_800),
    model("gpt-realtime", "gpt-realtime-2025-08-28", 1_756_339_200).until("2027-01-20"),
    model("gpt-realtime-mini", "gpt-realtime-mini-2025-12-15", 1_765_756_800).until("2027-01-20"),
    model(
        "gpt-live-transcribe",
        "gpt-live-transcribe-2026-08-05",
        1_785_888_000,
    )
    .of(Purpose::Transcription),
    model(
        "gpt-realtime-whisper",
        "gpt-realtime-whisper-2026-04-21",
        1_776_729_600,
    )
    .of(Purpose::Transcription),
    model("gpt-transcribe", "gpt-transcribe-2026-08-05", 1_785_888_000).of(Purpose::Transcription),
    model("whisper-1", "whisper-1", 1_677_532_384)
        .of(Purpose::Transcription)
        .until("2027-02-26"),
    model("gpt-4o-transcribe", "gpt-4o-transcribe", 1_742_068_463)
        .of(Purpose::Transcription)
        .until("2027-02-26"),
    model(
        "gpt-4o-mini-transcribe",
        "gpt-4o-mini-transcribe-2025-12-15",
        1_765_756_800,
    )
    .of(Purpose::Transcription)
    .until("2027-02-26"),
    model(
        "gpt-realtime-translate",
        "gpt-realtime-translate-2026-04-21",
        1_776_729_600,
    )
    .of(Purpose::Translation),
    model("gpt-live-1", "gpt-live-1-2026-09-09", 1_788_912_000).of(Purpose::Live),
];

const fn model(id: &'static str, snapshot: &'static str, created: i64) -> Model {
    Model {
        id,
        snapshot,
        created,
        purpose: Purpose::Conversation,
        reasons: false,
        shutdown_date: None,
    }
}

impl Model {
    const fn of(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    const fn reasoning(mut self) -> Self {
        self.reasons = true;
        self
    }

    const fn until(mut self, date: &'static str) -> Self {
        self.shutdown_date = Some(date);
        self
    }
}

/// What a conversation gets that names no model.
pub(crate) fn default_conversation() -> &'static Model {
    let [first, ..] = &MODELS;
    first
}

/// The model of that id or snapshot.
pub(crate) fn find(name: &str) -> Option<&'static Model> {
    MODELS
        .iter()
        .find(|model| model.id == name || model.snapshot == name)
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
