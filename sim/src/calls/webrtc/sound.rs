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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{KEPT, Memory, Player};

    /// 20 ms that are told from others by their number.
    fn packet(number: u16) -> Vec<u8> {
        [&[0x78], &number.to_be_bytes()[..]].concat()
    }

    fn remembering(levels: &[i8]) -> Memory {
        let mut memory = Memory::default();
        for (number, level) in (0..).zip(levels) {
            memory.keep(packet(number).into(), *level);
        }
        memory
    }

    fn numbers(memory: &Memory, millis: u32) -> Vec<u8> {
        memory.last_words(millis).iter().filter_map(|packet| packet.last().copied()).collect()
    }

    #[test]
    fn the_last_words_end_with_the_last_sound() {
        let memory = remembering(&[-20, -90, -20, -20, -50, -51, -90]);
        assert_eq!(numbers(&memory, 60), [2, 3, 4]);
        assert_eq!(numbers(&memory, 79), [2, 3, 4]);
        assert_eq!(numbers(&memory, 80), [1, 2, 3, 4]);
        assert_eq!(numbers(&memory, 60_000), [0, 1, 2, 3, 4]);
        assert!(numbers(&memory, 0).is_empty());
        assert!(numbers(&remembering(&[-90; 5]), 60).is_empty());
    }

    #[test]
    fn what_was_said_long_ago_is_forgotten() {
        let memory = remembering(&vec![-20; KEPT + 3]);
        assert_eq!(memory.last_words(u32::MAX).len(), KEPT);
    }

    #[test]
    fn packets_come_when_they_are_due_and_the_time_line_counts_the_pauses() {
        #[expect(clippy::disallowed_methods, reason = "any moment will do")]
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut player = Player::default();
        let mut sent = Vec::new();
        player.play(60, None, at(0));
        for millis in (0..200).step_by(10) {
            sent.extend(player.next(at(millis)).map(|frame| (millis, frame.position, frame.first)));
        }
        assert_eq!(sent, [(0, 0, true), (20, 960, false), (40, 1_920, false)]);
        assert_eq!(player.due(), None);

        player.play(40, None, at(1_000));
        let frame = player.next(at(1_000)).map(|frame| (frame.position, frame.first));
        assert_eq!(frame, Some((48_000, true)));
        player.hush();
        assert!(player.due().is_none() && player.next(at(2_000)).is_none());
    }

    #[test]
    fn who_was_held_up_for_long_does_not_send_all_at_once() {
        #[expect(clippy::disallowed_methods, reason = "any moment will do")]
        let start = Instant::now();
        let mut player = Player::default();
        player.play(60_000, None, start);
        let late = start + Duration::from_secs(5);
        let mut burst = 0;
        while player.next(late).is_some() {
            burst += 1;
        }
        assert_eq!(burst, 1);
    }
}
