//! What the user says, kept for a while, and what is played to them.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use super::opus;

/// How much of what the user said is kept, in packets: half a minute of 20 ms each.
const KEPT: usize = 1_500;

/// Below this a packet counts as silence, in dBov. Silence after the last words is not played back.
const SILENCE: i8 = -50;

/// How late a packet may be before the clock of the playing is set anew, rather than sending a burst.
const LATE: Duration = Duration::from_millis(200);

/// Packets of the user's, newest last, each with its level.
#[derive(Default)]
pub(super) struct Memory(VecDeque<(Arc<[u8]>, i8)>);

impl Memory {
    /// Keeps a packet.
    pub(super) fn keep(&mut self, packet: Arc<[u8]>, level: i8) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((packet, level));
    }

    /// The last words: so many milliseconds that end with the last packet that was no silence.
    fn last_words(&self, millis: u32) -> VecDeque<Arc<[u8]>> {
        let mut left = millis.saturating_mul(1_000);
        let spoken = self.0.iter().rev().skip_while(|(_, level)| *level < SILENCE);
        let mut words: VecDeque<_> = spoken
            .map_while(|(packet, _)| {
                left = left.checked_sub(opus::micros(packet).max(1))?;
                Some(Arc::clone(packet))
            })
            .collect();
        words.make_contiguous().reverse();
        words
    }
}

type Packets = Box<dyn Iterator<Item = Arc<[u8]>> + Send>;

/// What is being played to the user.
#[derive(Default)]
pub(super) struct Player {
    playing: Option<Playing>,
    /// Where the next packet stands on the time line of the sound, in 48ths of a millisecond.
    position: u64,
    /// When the last packet ended.
    ended: Option<Instant>,
}

struct Playing {
    packets: Packets,
    left_micros: u32,
    due: Instant,
}

/// A packet to be sent now.
pub(super) struct Frame {
    pub(super) packet: Arc<[u8]>,
    /// In 48ths of a millisecond.
    pub(super) position: u64,
    /// Whether the user heard nothing before it.
    pub(super) first: bool,
}

impl Player {
    /// Plays a tone, or the user's last words, instead of whatever was playing.
    pub(super) fn play(&mut self, millis: u32, echo: Option<&Memory>, now: Instant) {
        let words = echo.map(|memory| memory.last_words(millis)).unwrap_or_default();
        let packets: Packets = if words.is_empty() {
            Box::new(opus::tone().map(Arc::from))
        } else {
            Box::new(words.into_iter())
        };
        self.playing = Some(Playing { packets, left_micros: millis.saturating_mul(1_000), due: now });
    }

    /// Stops.
    pub(super) fn hush(&mut self) {
        self.playing = None;
    }

    /// When the next packet is to be sent.
    pub(super) fn due(&self) -> Option<Instant> {
        self.playing.as_ref().map(|playing| playing.due)
    }

    /// The packet that is due, if one is.
    pub(super) fn next(&mut self, now: Instant) -> Option<Frame> {
        let playing = self.playing.as_mut().filter(|playing| playing.due <= now)?;
        let next = if playing.left_micros == 0 { None } else { playing.packets.next() };
        let Some(packet) = next else {
            self.playing = None;
            return None;
        };
        if now > playing.due + LATE {
            playing.due = now;
        }
        let micros = opus::micros(&packet).clamp(2_500, 120_000);
        let silence = self.ended.map(|ended| playing.due.saturating_duration_since(ended));
        let first = silence.is_none_or(|silence| silence > Duration::ZERO);
        self.position += silence.map_or(0, ticks);
        let frame = Frame { packet, position: self.position, first };

        playing.left_micros = playing.left_micros.saturating_sub(micros);
        playing.due += Duration::from_micros(micros.into());
        self.position += ticks(Duration::from_micros(micros.into()));
        self.ended = Some(playing.due);
        Some(frame)
    }
}

fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_micros() * 48 / 1_000).unwrap_or(u64::MAX)
}

/// How loud a packet is, where its sender does not say: silence takes fewer bytes, 3 to 41 from Chromium.
pub(super) fn guessed_level(packet: &[u8]) -> i8 {
    let bytes_in_20_ms = packet.len() as u64 * 20_000 / u64::from(opus::micros(packet).max(2_500));
    if bytes_in_20_ms < 45 { -127 } else { -30 }
}
