//! From what a client wants to what is going to be said.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    client_event::Wanted,
    configuration::Configuration,
    items::Item,
    outbox::Outbox,
    reply::{Language, Prompt},
    response::{Part, Response, millis},
    tokens::Tokens,
    tool_call::ToolCall,
};

/// How long a spoken word takes at least.
const WORD: Duration = Duration::from_millis(150);

/// How long a written word, or a piece of a call, takes.
const WRITTEN: Duration = Duration::from_millis(30);

/// The longest speech that is given back.
const LONGEST_ECHO_MS: u64 = 10_000;

/// What a response is planned from.
pub(super) struct Grounds<'a> {
    pub(super) configuration: &'a Configuration,
    /// What the model gets to see.
    pub(super) context: Vec<&'a Item>,
    /// What it saw the last time.
    pub(super) seen: Tokens,
    pub(super) conversation_id: &'a str,
}

/// What holds for one response: its own wish, else what the session says.
struct Terms<'a> {
    instructions: &'a str,
    modalities: &'a Value,
    tools: &'a Value,
    tool_choice: &'a Value,
    max_output_tokens: &'a Value,
    voice: &'a Value,
}

/// What is going to be said.
struct Speech {
    part: Part,
    pieces: Vec<String>,
    pace: Duration,
}

impl Grounds<'_> {
    /// The response that is wanted.
    pub(super) fn plan(&self, wanted: &Wanted, ids: &mut Outbox, now: Instant) -> Response {
        let prompt = Prompt::of(self.context.iter().copied());
        let terms = self.terms(wanted);
        let Speech { part, pieces, pace } = terms.speech(prompt, ids);
        let id = ids.id("resp");
        let is_aside = wanted.conversation.as_deref() == Some("none");
        let input = self.input(&terms);
        let mut response = Response {
            item_id: ids.id("item"),
            shape: json!({
                "id": id,
                "object": "realtime.response",
                "conversation_id": (!is_aside).then_some(self.conversation_id),
                "output_modalities": terms.modalities,
                "max_output_tokens": terms.max_output_tokens,
                "metadata": wanted.metadata,
                "audio": { "output": {
                    "format": self.configuration.at("/audio/output/format"), "voice": terms.voice,
                } },
            }),
            id,
            is_aside,
            is_echo: part == Part::Sound && matches!(prompt, Prompt::Speech(_)),
            part,
            pieces,
            is_whole: true,
            pace,
            said: 0,
            due: now,
            input,
            cached: input.cached(self.seen),
        };
        if let Some(most) = terms.max_output_tokens.as_u64() {
            response.keep_within(most);
        }
        response
    }

    fn terms<'a>(&'a self, wanted: &'a Wanted) -> Terms<'a> {
        let own_or = |own: &'a Option<Value>, pointer| own.as_ref().unwrap_or(self.configuration.at(pointer));
        Terms {
            instructions: wanted.instructions.as_deref().unwrap_or(self.configuration.instructions()),
            modalities: own_or(&wanted.output_modalities, "/output_modalities"),
            tools: own_or(&wanted.tools, "/tools"),
            tool_choice: own_or(&wanted.tool_choice, "/tool_choice"),
            max_output_tokens: own_or(&wanted.max_output_tokens, "/max_output_tokens"),
            voice: wanted.voice().unwrap_or(self.configuration.at("/audio/output/voice")),
        }
    }

    /// What the model reads before it speaks.
    fn input(&self, terms: &Terms<'_>) -> Tokens {
        let mut input = Tokens::text(terms.instructions);
        if terms.tools.as_array().is_some_and(|tools| !tools.is_empty()) {
            input += Tokens::text(&terms.tools.to_string());
        }
        self.context.iter().for_each(|item| input += item.tokens);
        input
    }
}

impl Terms<'_> {
    fn speech(&self, prompt: Prompt<'_>, ids: &mut Outbox) -> Speech {
        if let Some(ToolCall { name, arguments }) = ToolCall::choose(self.tools, self.tool_choice, prompt) {
            let part = Part::Call { call_id: ids.id("call"), name };
            return Speech { part, pieces: slices(&arguments), pace: WRITTEN };
        }
        let pieces = words(&prompt.answer(Language::of(self.instructions)));
        let is_sound = self.modalities.as_array().is_some_and(|all| all.iter().any(|one| one == "audio"));
        if is_sound {
            let pace = spoken_pace(prompt, pieces.len());
            Speech { part: Part::Sound, pieces, pace }
        } else {
            Speech { part: Part::Text, pieces, pace: WRITTEN }
        }
    }
}

impl Response {
    /// Leaves out what would take more than so many tokens.
    fn keep_within(&mut self, most: u64) {
        let a_piece = if self.part == Part::Sound { Tokens::spoken(millis(self.pace)).total() } else { 0 };
        let mut spent = 0;
        let fits = |piece: &&String| {
            spent += a_piece + Tokens::text(piece).total();
            spent <= most
        };
        let kept = self.pieces.iter().take_while(fits).count();
        self.is_whole = kept == self.pieces.len();
        self.pieces.truncate(kept);
    }
}

impl Wanted {
    /// The voice that was asked for.
    pub(super) fn voice(&self) -> Option<&Value> {
        self.audio.as_ref()?.pointer("/output/voice")
    }
}

/// The user's own speech given back takes as long as it took.
fn spoken_pace(prompt: Prompt<'_>, words: usize) -> Duration {
    let Prompt::Speech(millis) = prompt else { return WORD };
    let words = u32::try_from(words).unwrap_or(u32::MAX).max(1);
    WORD.max(Duration::from_millis(millis.min(LONGEST_ECHO_MS)) / words)
}

/// The words, each but the first with its space.
fn words(text: &str) -> Vec<String> {
    text.split_inclusive(' ')
        .scan("", |space, word| {
            let piece = format!("{space}{}", word.trim_end_matches(' '));
            *space = " ";
            Some(piece)
        })
        .collect()
}

/// Pieces of eight characters.
fn slices(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(8).map(|piece| piece.iter().collect()).collect()
}
