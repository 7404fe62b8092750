//! What things cost in tokens, plausibly.

use std::ops::AddAssign;

use serde_json::{Value, json};

/// How long the user speaks for one token.
const HEARD_MS: u64 = 100;

/// How long the model speaks for one token.
const SPOKEN_MS: u64 = 50;

/// What the provider's cache is counted in.
const CACHE_BLOCK: u64 = 64;

/// What one image costs.
const IMAGE: u64 = 255;

/// Tokens, by what they stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    pub(super) text: u64,
    pub(super) audio: u64,
    pub(super) image: u64,
}

impl Tokens {
    /// Four characters are one token.
    pub(super) fn text(text: &str) -> Self {
        let characters = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        Self { text: characters.div_ceil(4), ..Self::default() }
    }

    /// Speech of the user's.
    pub(super) fn heard(millis: u64) -> Self {
        Self { audio: millis.div_ceil(HEARD_MS), ..Self::default() }
    }

    /// Speech of the model's.
    pub(super) fn spoken(millis: u64) -> Self {
        Self { audio: millis.div_ceil(SPOKEN_MS), ..Self::default() }
    }

    /// One image.
    pub(super) fn image() -> Self {
        Self { image: IMAGE, ..Self::default() }
    }

    pub(super) fn total(self) -> u64 {
        self.text + self.audio + self.image
    }

    /// What of these was there the last time, and so comes from the cache.
    pub(super) fn cached(self, before: Self) -> Self {
        let blocks = |now: u64, before: u64| now.min(before) / CACHE_BLOCK * CACHE_BLOCK;
        Self {
            text: blocks(self.text, before.text),
            audio: blocks(self.audio, before.audio),
            image: blocks(self.image, before.image),
        }
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, more: Self) {
        self.text += more.text;
        self.audio += more.audio;
        self.image += more.image;
    }
}

/// The `usage` of a response.
pub(super) fn usage(input: Tokens, cached: Tokens, output: Tokens) -> Value {
    json!({
        "total_tokens": input.total() + output.total(),
        "input_tokens": input.total(),
        "output_tokens": output.total(),
        "input_token_details": {
            "text_tokens": input.text,
            "audio_tokens": input.audio,
            "image_tokens": input.image,
            "cached_tokens": cached.total(),
            "cached_tokens_details": {
                "text_tokens": cached.text,
                "audio_tokens": cached.audio,
                "image_tokens": cached.image,
            },
        },
        "output_token_details": { "text_tokens": output.text, "audio_tokens": output.audio },
    })
}
