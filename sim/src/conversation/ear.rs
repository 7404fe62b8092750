//! Finds out from the loudness of what comes in when the user begins and ends to speak.

use std::time::{Duration, Instant};

use super::{configuration::TurnDetection, seam::Heard};

/// How much loud sound is speech. Less is a click, or one of the beeps of a browser's fake microphone: 140 ms of them are
/// loud, twice a second, and taken for speech they would never let anybody finish.
const ONSET_MS: u64 = 200;

/// The user's sound so far. All times are of the sound itself, from the beginning of the session.
#[derive(Debug, Default)]
pub(super) struct Ear {
    position_ms: u64,
    /// How much of it was not committed yet.
    held_ms: u64,
    /// How much loud sound there was lately, less what was quiet in between.
    loud_ms: u64,
    speech: Option<Speech>,
}

#[derive(Debug)]
struct Speech {
    start_ms: u64,
    /// How long it has been quiet.
    quiet_ms: u64,
    /// When the last packet came.
    last: Instant,
}

/// What has been noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Speech has begun, counting its padding.
    Started { start_ms: u64 },
    /// Speech has ended; `spoken_ms` is how long it was without the silence after it.
    Stopped { end_ms: u64, spoken_ms: u64 },
}

impl Ear {
    /// Takes in one packet.
    pub(super) fn hear(&mut self, heard: Heard, turns: Option<TurnDetection>, now: Instant) -> Option<Sign> {
        let millis = u64::from(heard.millis);
        self.position_ms += millis;
        self.held_ms += millis;
        let turns = turns?;
        let is_loud = f64::from(heard.level) >= turns.threshold();
        match &mut self.speech {
            Some(speech) => {
                speech.last = now;
                speech.quiet_ms = if is_loud { 0 } else { speech.quiet_ms + millis };
                if speech.quiet_ms >= turns.silence_ms().max(1) { self.stop() } else { None }
            }
            None => self.listen(is_loud, millis, turns, now),
        }
    }

    fn listen(&mut self, is_loud: bool, millis: u64, turns: TurnDetection, now: Instant) -> Option<Sign> {
        self.loud_ms = if is_loud { self.loud_ms + millis } else { self.loud_ms.saturating_sub(millis) };
        if self.loud_ms < ONSET_MS {
            self.held_ms = self.held_ms.min(turns.padding_ms() + self.loud_ms);
            return None;
        }
        let start_ms = self.position_ms.saturating_sub(self.loud_ms + turns.padding_ms());
        self.loud_ms = 0;
        self.speech = Some(Speech { start_ms, quiet_ms: 0, last: now });
        Some(Sign::Started { start_ms })
    }

    /// When the silence will have lasted long enough, if no packet comes any more.
    pub(super) fn patience(&self, turns: Option<TurnDetection>) -> Option<Instant> {
        let (speech, turns) = (self.speech.as_ref()?, turns?);
        let silence = turns.silence_ms().saturating_sub(speech.quiet_ms);
        Some(speech.last + Duration::from_millis(silence))
    }

    /// No packet has come for so long that the speech is over.
    pub(super) fn lose_patience(&mut self, turns: Option<TurnDetection>) -> Option<Sign> {
        let silence_ms = turns?.silence_ms();
        let speech = self.speech.as_mut()?;
        let missing = silence_ms.saturating_sub(speech.quiet_ms);
        speech.quiet_ms = silence_ms;
        self.position_ms += missing;
        self.held_ms += missing;
        self.stop()
    }

    fn stop(&mut self) -> Option<Sign> {
        let Speech { start_ms, quiet_ms, .. } = self.speech.take()?;
        let end_ms = self.position_ms;
        self.held_ms = 0;
        Some(Sign::Stopped { end_ms, spoken_ms: end_ms.saturating_sub(start_ms + quiet_ms) })
    }

    /// How much sound was not committed yet.
    pub(super) fn held_ms(&self) -> u64 {
        self.held_ms
    }

    /// Forgets what was not committed yet.
    pub(super) fn forget(&mut self) {
        self.speech = None;
        self.loud_ms = 0;
        self.held_ms = 0;
    }
}
