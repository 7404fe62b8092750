//! The provider's names that this version knows. Source: OpenAI's OpenAPI document of 2026-08-21, and its notices of
//! what shuts down.

use super::mistake::near;
use super::reader::Section;

/// Models of realtime sessions. `gpt-realtime` and `gpt-realtime-mini` shut down on 2027-01-20.
pub(super) const MODELS: Known = Known {
    kind: "a model of realtime sessions",
    names: &[
        "gpt-realtime-2.1",
        "gpt-realtime-2.1-mini",
        "gpt-realtime-2",
        "gpt-realtime-1.5",
        "gpt-realtime",
        "gpt-realtime-mini",
    ],
    hints: &[
        ("gpt-realtime-translate", "it goes under translation_session.model"),
        ("gpt-realtime-whisper", "it transcribes: see transcription and transcription_session"),
        ("gpt-live-transcribe", "it transcribes: see transcription and transcription_session"),
        ("gpt-live-1", "it is opened without tokens"),
        ("gpt-4o-realtime-preview", "it was shut down"),
        ("gpt-4o-mini-realtime-preview", "it was shut down"),
    ],
};

/// Voices of realtime sessions.
pub(super) const VOICES: Known = Known {
    kind: "a voice of realtime sessions",
    names: &["marin", "cedar", "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse"],
    hints: &[
        ("nova", "it exists for speech from text, not for realtime"),
        ("fable", "it exists for speech from text, not for realtime"),
        ("onyx", "it exists for speech from text, not for realtime"),
    ],
};

/// Models that write down what the user says. `whisper-1` and the `gpt-4o` ones shut down on 2027-02-26.
pub(super) const TRANSCRIPTION_MODELS: Known = Known {
    kind: "a transcription model",
    names: &[
        "gpt-live-transcribe",
        "gpt-realtime-whisper",
        "gpt-transcribe",
        "gpt-4o-transcribe",
        "gpt-4o-mini-transcribe",
        "whisper-1",
    ],
    hints: &[],
};

/// Models of translation sessions.
pub(super) const TRANSLATION_MODELS: Known =
    Known { kind: "a translation model", names: &["gpt-realtime-translate"], hints: &[] };

/// A list of names, with a word on those that people take for members.
pub(super) struct Known {
    kind: &'static str,
    names: &'static [&'static str],
    hints: &'static [(&'static str, &'static str)],
}

/// The longest name that is taken where unknown ones are.
const MAX_NAME_BYTES: usize = 100;

impl Known {
    /// What is wrong with a name and how to mend it, or `None` when it will do.
    pub(super) fn complaint(&self, name: &str, allow_unknown: bool) -> Option<(String, String)> {
        let fit =
            !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.bytes().all(|b| b.is_ascii_graphic());
        if self.names.contains(&name) || (allow_unknown && fit) {
            return None;
        }
        let hint = self.hints.iter().find(|(known, _)| *known == name);
        let hint = hint.map(|(_, hint)| format!(" ({hint})")).unwrap_or_default();
        let problem = format!("{name:?} is not {}{hint}", self.kind);
        let mend = match near(name, self.names.iter().copied()).filter(|_| hint.is_empty()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("known: {}", self.names.join(", ")),
        };
        let mend = format!("{mend} (newer ones pass with allow_unknown = true under [defaults])");
        Some((problem, mend))
    }
}

impl Section<'_> {
    /// A name from a known list.
    pub(super) fn name(&mut self, key: &'static str, known: &Known, allow_unknown: bool) -> Option<String> {
        let name = self.text(key)?;
        if let Some((problem, mend)) = known.complaint(&name, allow_unknown) {
            self.report(key, problem, mend);
        }
        Some(name)
    }

    /// Names from a known list.
    pub(super) fn names(
        &mut self,
        key: &'static str,
        known: &Known,
        allow_unknown: bool,
    ) -> Option<Vec<String>> {
        let names = self.texts(key)?;
        for (problem, mend) in names.iter().filter_map(|name| known.complaint(name, allow_unknown)) {
            self.report(key, problem, mend);
        }
        Some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_pass_only_where_they_may_and_only_if_they_are_names() {
        assert_eq!(VOICES.complaint("marin", false), None);
        assert_eq!(VOICES.complaint("brandnew", true), None);
        for bad in ["", "two words", "ñandú", &"x".repeat(101)] {
            assert!(VOICES.complaint(bad, true).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn complaints_help() {
        let (problem, mend) = VOICES.complaint("nova", false).unwrap();
        assert!(problem.contains("speech from text") && mend.contains("cedar"), "{problem} {mend}");
        let (_, mend) = MODELS.complaint("gpt-realtime-2.1-mni", false).unwrap();
        assert!(mend.contains("did you mean \"gpt-realtime-2.1-mini\"?"), "{mend}");
    }
}
