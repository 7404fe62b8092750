//! The `session` of the body: which kind of session, and what may be otherwise in one of that kind.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::problem::Problem;
use super::super::strict::{Object, Word};
use crate::kernel::code::Code;
use crate::kernel::session::{Function, Modality, SessionType};
use crate::policy::{AskedRealtime, AskedSession, AskedTranscription, AskedTranslation};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    #[serde(rename = "type")]
    kind: Option<Word<SessionType>>,
    model: Option<String>,
    output_modalities: Option<Vec<Word<Modality>>>,
    #[serde(default)]
    audio: Object<Audio>,
    instructions: Option<String>,
    tools: Option<Vec<Object<Tool>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Audio {
    #[serde(default)]
    input: Object<AudioInput>,
    #[serde(default)]
    output: Object<AudioOutput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AudioInput {
    #[serde(default)]
    transcription: Object<Transcription>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transcription {
    language: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AudioOutput {
    voice: Option<String>,
    language: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool {
    Function(Function),
    /// Known, so that it can be refused for what it is.
    Mcp(IgnoredAny),
}

const SPOKEN: &str = "session.audio.input.transcription.language";
const HEARD: &str = "session.audio.output.language";
const VOICE: &str = "session.audio.output.voice";

impl Session {
    /// What is asked for. A session that says no type is a conversation.
    pub(super) fn asked(self) -> Result<AskedSession, Problem> {
        let kind = self.kind.as_ref().map_or(SessionType::Realtime, |word| word.0);
        self.expect_sense(kind)?;
        let (model, audio) = (self.model, self.audio.0);
        Ok(match kind {
            SessionType::Realtime => AskedSession::Realtime(AskedRealtime {
                model,
                output_modality: self.output_modalities.map(one).transpose()?,
                voice: audio.output.0.voice,
                instructions: self.instructions,
                tools: self.tools.map(functions).transpose()?,
            }),
            SessionType::Transcription => AskedSession::Transcription(AskedTranscription {
                model,
                language: audio.input.0.transcription.0.language,
            }),
            SessionType::Translation => {
                AskedSession::Translation(AskedTranslation { model, language: audio.output.0.language })
            }
        })
    }

    /// Refuses what a session of this kind does not have.
    fn expect_sense(&self, kind: SessionType) -> Result<(), Problem> {
        use SessionType::{Realtime, Transcription, Translation};
        let (input, output) = (&self.audio.0.input.0, &self.audio.0.output.0);
        let members = [
            ("session.output_modalities", self.output_modalities.is_some(), Realtime),
            (VOICE, output.voice.is_some(), Realtime),
            ("session.instructions", self.instructions.is_some(), Realtime),
            ("session.tools", self.tools.is_some(), Realtime),
            (SPOKEN, input.transcription.0.language.is_some(), Transcription),
            (HEARD, output.language.is_some(), Translation),
        ];
        for (param, is_there, home) in members {
            if is_there && home != kind {
                let (kind, home) = (kind.as_str(), home.as_str());
                let detail = format!("A {kind} session has no such member; it belongs to {home} sessions.");
                return Err(Problem::invalid(param, detail));
            }
        }
        Ok(())
    }
}

fn functions(tools: Vec<Object<Tool>>) -> Result<Vec<Function>, Problem> {
    let function = |tool: Object<Tool>| match tool.0 {
        Tool::Function(function) => Ok(function),
        Tool::Mcp(_) => Err(Problem::new(
            Code::NotAllowed,
            "MCP tools come from the policy of this service alone; send functions, or leave them out.",
        )
        .at("session.tools")),
    };
    tools.into_iter().map(function).collect()
}

fn one(modalities: Vec<Word<Modality>>) -> Result<Modality, Problem> {
    match modalities.as_slice() {
        [Word(one)] => Ok(*one),
        _ => Err(Problem::invalid(
            "session.output_modalities",
            "Send [\"audio\"] or [\"text\"], exactly one of them.",
        )),
    }
}
