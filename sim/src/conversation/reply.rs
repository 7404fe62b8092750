//! What the model says: short, always the same, and in the language it is instructed in.

use serde_json::Value;

use super::items::Item;

/// Longer texts are quoted up to here, in words.
const QUOTED_WORDS: usize = 24;

/// The languages that the model speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Spanish,
}

/// What the model answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt<'a> {
    /// Nobody has said anything.
    Beginning,
    /// Nothing was said since the last answer.
    Silence,
    /// The user wrote.
    Text(&'a str),
    /// The user spoke, for so many milliseconds.
    Speech(u64),
    /// The user showed an image.
    Image,
    /// A function gave this back.
    Result(&'a str),
}

impl Language {
    /// The language that a text is written in: the one whose little words are more frequent.
    pub(super) fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let words = || text.split(|c: char| !c.is_alphabetic());
        let count = |little: &[&str]| words().filter(|word| little.contains(word)).count();
        let spanish = count(&["de", "la", "el", "los", "que", "con", "en", "una", "un", "por", "eres", "y"]);
        let english = count(&["the", "of", "and", "to", "you", "with", "in", "is", "are", "for", "be", "a"]);
        if spanish > english { Self::Spanish } else { Self::English }
    }
}

impl<'a> Prompt<'a> {
    /// What the newest of these items ask for.
    pub(super) fn of(items: impl DoubleEndedIterator<Item = &'a Item>) -> Self {
        let mut newest_first = items.rev().peekable();
        if newest_first.peek().is_none() {
            return Self::Beginning;
        }
        let mut answered = false;
        for item in newest_first {
            match Self::of_item(item) {
                Some(prompt) if !answered => return prompt,
                Some(_) => return Self::Silence,
                None => answered |= is_answer(item),
            }
        }
        if answered { Self::Silence } else { Self::Beginning }
    }

    fn of_item(item: &'a Item) -> Option<Self> {
        let text = |key: &str| item.object.get(key).and_then(Value::as_str);
        match (text("type"), text("role")) {
            (Some("function_call_output"), _) => Some(Self::Result(text("output").unwrap_or_default())),
            (Some("message"), Some("user")) => {
                let parts = item.object.get("content").and_then(Value::as_array)?;
                parts.iter().rev().find_map(|part| Self::of_part(part, item.audio_ms))
            }
            _ => None,
        }
    }

    fn of_part(part: &'a Value, audio_ms: u64) -> Option<Self> {
        match part.get("type")?.as_str()? {
            "input_text" => Some(Self::Text(part.get("text")?.as_str()?)),
            "input_audio" => Some(Self::Speech(audio_ms)),
            "input_image" => Some(Self::Image),
            _ => None,
        }
    }

    /// The answer.
    pub(super) fn answer(self, language: Language) -> String {
        match (self, language) {
            (Self::Beginning, Language::English) => {
                "Hello! I am a simulated voice. Say something, and I will repeat it.".to_owned()
            }
            (Self::Beginning, Language::Spanish) => {
                "¡Hola! Soy una voz simulada. Di algo y lo repetiré.".to_owned()
            }
            (Self::Silence, Language::English) => "I am still here, and listening.".to_owned(),
            (Self::Silence, Language::Spanish) => "Sigo aquí, escuchando.".to_owned(),
            (Self::Text(text), Language::English) => format!("You said: {}", quoted(text)),
            (Self::Text(text), Language::Spanish) => format!("Has dicho: {}", quoted(text)),
            (Self::Speech(millis), Language::English) => {
                format!("I heard you for {} seconds. This is how you sounded.", seconds(millis, language))
            }
            (Self::Speech(millis), Language::Spanish) => {
                format!("Te he oído durante {} segundos. Así has sonado.", seconds(millis, language))
            }
            (Self::Image, Language::English) => "I see your picture.".to_owned(),
            (Self::Image, Language::Spanish) => "Veo tu imagen.".to_owned(),
            (Self::Result(result), Language::English) => format!("The answer is: {}", quoted(result)),
            (Self::Result(result), Language::Spanish) => format!("La respuesta es: {}", quoted(result)),
        }
    }
}

/// What is written down of a user's speech.
pub(super) fn transcript(millis: u64, language: Language) -> String {
    match language {
        Language::English => format!("({} seconds of speech)", seconds(millis, language)),
        Language::Spanish => format!("({} segundos de voz)", seconds(millis, language)),
    }
}

fn is_answer(item: &Item) -> bool {
    let is = |key: &str, value: &str| item.object.get(key).is_some_and(|found| found == value);
    is("role", "assistant") || is("type", "function_call")
}

fn seconds(millis: u64, language: Language) -> String {
    let comma = match language {
        Language::English => '.',
        Language::Spanish => ',',
    };
    let tenths = millis.div_ceil(100);
    format!("{}{comma}{}", tenths / 10, tenths % 10)
}

/// The beginning of a text, on one line.
fn quoted(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(QUOTED_WORDS + 1).collect();
    match words.get(..QUOTED_WORDS) {
        Some(beginning) if words.len() > QUOTED_WORDS => format!("{} …", beginning.join(" ")),
        _ => words.join(" "),
    }
}
