//! The session object, as it stands, and what follows from it.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    echo,
    models::{self, Model},
    validate::Refusal,
};

/// The session object, as it stands.
#[derive(Debug)]
pub(super) struct Configuration {
    object: Value,
    turns: Option<TurnDetection>,
}

/// How it is found out that the user speaks.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum TurnDetection {
    ServerVad {
        threshold: f64,
        prefix_padding_ms: u64,
        silence_duration_ms: u64,
        create_response: bool,
        interrupt_response: bool,
    },
    SemanticVad {
        eagerness: Eagerness,
        create_response: bool,
        interrupt_response: bool,
    },
}

/// How soon silence is the end of a turn.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Eagerness {
    Low,
    Medium,
    High,
    Auto,
}

impl Configuration {
    /// As the session begins.
    pub(super) fn new(object: Value) -> Self {
        Self { turns: turn_detection(&object), object }
    }

    /// The whole object.
    pub(super) fn object(&self) -> &Value {
        &self.object
    }

    /// Changes what an update names. `has_spoken`: whether the model's voice has been heard, as it then has to stay.
    pub(super) fn update(&mut self, sent: &Value, has_spoken: bool) -> Result<(), Refusal> {
        self.allows(sent)?;
        if has_spoken {
            self.keeps_voice(sent.pointer("/audio/output/voice"))?;
        }
        *self = Self::new(echo::updated(self.object.clone(), sent));
        Ok(())
    }

    fn allows(&self, sent: &Value) -> Result<(), Refusal> {
        let fixed = |param, what: &str| {
            let message = format!("`{param}` cannot be changed: {what}.");
            Err(Refusal::new("invalid_value", Some(param), message))
        };
        if sent.get("type") != self.object.get("type") {
            return fixed("session.type", "a session keeps the type it began with");
        }
        let model = sent.get("model").and_then(|model| models::find(model.as_str()?)).map(|model| model.id);
        if model.is_some() && model != self.model().map(|model| model.id) {
            return fixed("session.model", "a session keeps the model it began with");
        }
        let tracing = self.object.get("tracing").filter(|tracing| !tracing.is_null());
        if tracing.is_some() && sent.get("tracing").is_some_and(|sent| Some(sent) != tracing) {
            return fixed("session.tracing", "tracing that was switched on stays as it is");
        }
        Ok(())
    }

    /// Whether that voice is the one that is in use.
    pub(super) fn keeps_voice(&self, voice: Option<&Value>) -> Result<(), Refusal> {
        if voice.is_none() || voice == self.object.pointer("/audio/output/voice") {
            return Ok(());
        }
        let message = "The voice cannot be changed any more: the model has already spoken with it.";
        Err(Refusal::new("cannot_update_voice", None, message))
    }

    /// The model; a transcription has none.
    pub(super) fn model(&self) -> Option<&'static Model> {
        models::find(self.text("/model")?)
    }

    /// Whether anybody answers. In transcriptions and translations nobody does.
    pub(super) fn converses(&self) -> bool {
        self.text("/type") == Some("realtime")
    }

    /// What the model is told.
    pub(super) fn instructions(&self) -> &str {
        self.text("/instructions").unwrap_or_default()
    }

    /// The model that writes down what the user says, if any does.
    pub(super) fn transcriber(&self) -> Option<&str> {
        let transcription = self.object.pointer("/audio/input/transcription")?.as_object()?;
        Some(transcription.get("model").and_then(Value::as_str).unwrap_or("gpt-live-transcribe"))
    }

    /// How it is found out that the user speaks. None: the client says so.
    pub(super) fn turns(&self) -> Option<TurnDetection> {
        self.turns
    }

    /// The value at `pointer`, or null.
    pub(super) fn at(&self, pointer: &str) -> &Value {
        self.object.pointer(pointer).unwrap_or(&Value::Null)
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.object.pointer(pointer)?.as_str()
    }
}

fn turn_detection(object: &Value) -> Option<TurnDetection> {
    object.pointer("/audio/input/turn_detection").and_then(|value| TurnDetection::deserialize(value).ok())
}

impl TurnDetection {
    /// From which level on, in dBov, sound counts as speech.
    pub(super) fn threshold(self) -> f64 {
        let activation = match self {
            Self::ServerVad { threshold, .. } => threshold,
            Self::SemanticVad { .. } => 0.5,
        };
        activation.mul_add(30.0, -60.0)
    }

    /// How much of the sound before the speech belongs to it, in milliseconds.
    pub(super) fn padding_ms(self) -> u64 {
        match self {
            Self::ServerVad { prefix_padding_ms, .. } => prefix_padding_ms,
            Self::SemanticVad { .. } => 300,
        }
    }

    /// How long a silence ends the speech, in milliseconds.
    pub(super) fn silence_ms(self) -> u64 {
        match self {
            Self::ServerVad { silence_duration_ms, .. } => silence_duration_ms,
            Self::SemanticVad { eagerness: Eagerness::High, .. } => 400,
            Self::SemanticVad { eagerness: Eagerness::Auto | Eagerness::Medium, .. } => 800,
            Self::SemanticVad { eagerness: Eagerness::Low, .. } => 1_600,
        }
    }

    /// Whether the model answers when the user has spoken.
    pub(super) fn creates_response(self) -> bool {
        match self {
            Self::ServerVad { create_response, .. } | Self::SemanticVad { create_response, .. } => {
                create_response
            }
        }
    }

    /// Whether the model falls silent when the user speaks.
    pub(super) fn interrupts_response(self) -> bool {
        match self {
            Self::ServerVad { interrupt_response, .. } | Self::SemanticVad { interrupt_response, .. } => {
                interrupt_response
            }
        }
    }
}
