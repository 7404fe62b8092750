//! The body: what the caller would like to be otherwise.

use serde::Deserialize;

use super::super::problem::Problem;
use super::super::strict::{Object, Whole, Word};
use crate::auth::Identity;
use crate::kernel::ids::RequestId;
use crate::kernel::session::{Modality, SessionType, Tool};
use crate::mint::Order;
use crate::policy::{Asked, language_tag};

/// The provider's bounds for a token's life, in seconds.
const TTL_SECONDS: std::ops::RangeInclusive<u32> = 10..=7200;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Request {
    role: Option<String>,
    language: Option<String>,
    #[serde(default)]
    session: Object<Session>,
    expires_after: Option<Object<ExpiresAfter>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
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
    output: Object<AudioOutput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AudioOutput {
    voice: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpiresAfter {
    /// Takes one value only, so there is nothing to keep of it.
    #[serde(rename = "anchor")]
    _anchor: Option<Word<Anchor>>,
    seconds: Whole,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Anchor {
    CreatedAt,
}

impl Request {
    /// The request as an order of this user.
    pub(super) fn order(
        self,
        identity: Identity,
        accepted: Vec<String>,
        request_id: RequestId,
    ) -> Result<Order, Problem> {
        let session = self.session.0;
        let asked = Asked {
            session_type: session.kind.map(|word| word.0),
            model: session.model,
            output_modality: session.output_modalities.map(one).transpose()?,
            voice: session.audio.0.output.0.voice,
            instructions: session.instructions,
            tools: session.tools.map(|tools| tools.into_iter().map(|tool| tool.0).collect()),
            ttl_seconds: self.expires_after.map(|after| ttl(after.0.seconds.0)).transpose()?,
        };
        let requested = self.language.map(well_formed).transpose()?;
        // What the token claims is somebody else's to mend: a malformed language there is passed over.
        let claimed = identity.language.as_deref().and_then(language_tag);
        let languages = requested.into_iter().chain(claimed).chain(accepted).collect();
        Ok(Order { identity, request_id, role: self.role, languages, asked })
    }
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

fn ttl(seconds: u32) -> Result<u32, Problem> {
    if TTL_SECONDS.contains(&seconds) {
        return Ok(seconds);
    }
    Err(Problem::invalid("expires_after.seconds", "A token lives 10 to 7200 seconds."))
}

fn well_formed(language: String) -> Result<String, Problem> {
    language_tag(&language)
        .ok_or_else(|| Problem::invalid("language", "Send a language tag such as `es` or `es-MX`."))
}
