//! Sound in events: base64 of 16-bit PCM at 24 kHz, or of G.711 at 8 kHz.

use std::f64::consts::TAU;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::seam::Heard;

const HERTZ: f64 = 440.0;
const AMPLITUDE: f64 = 6_000.0;

/// How much of a client's sound is weighed at once.
const FRAME_MS: u32 = 20;

/// How samples are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Pcm,
    MuLaw,
    ALaw,
}

impl Format {
    /// The format of that name.
    pub(super) fn named(name: Option<&str>) -> Self {
        match name {
            Some("audio/pcmu") => Self::MuLaw,
            Some("audio/pcma") => Self::ALaw,
            _ => Self::Pcm,
        }
    }

    /// A tone of that length.
    pub(super) fn tone(self, millis: u64) -> String {
        let rate = self.samples_a_ms() * 1_000;
        let samples = u32::try_from(millis).unwrap_or(u32::MAX).saturating_mul(self.samples_a_ms());
        let bytes: Vec<u8> = (0..samples).flat_map(|n| self.bytes(height(n, rate))).collect();
        BASE64_STANDARD.encode(bytes)
    }

    /// How loud the sound in an event is, piece by piece. None where it is no base64, or half a sample.
    pub(super) fn levels(self, audio: &str) -> Option<Vec<Heard>> {
        let bytes = BASE64_STANDARD.decode(audio).ok()?;
        let samples = self.samples(&bytes)?;
        let frame = usize::try_from(FRAME_MS * self.samples_a_ms()).ok()?;
        Some(samples.chunks(frame).map(|frame| self.weigh(frame)).collect())
    }

    fn weigh(self, frame: &[i16]) -> Heard {
        let count = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        let energy: f64 = frame.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        let decibels = 20.0 * ((energy / f64::from(count.max(1))).sqrt() / f64::from(i16::MAX)).log10();
        #[expect(clippy::cast_possible_truncation, reason = "held within what eight bits can say")]
        let level = decibels.clamp(-127.0, 0.0) as i8;
        Heard { level, millis: count.div_ceil(self.samples_a_ms()) }
    }

    fn samples(self, bytes: &[u8]) -> Option<Vec<i16>> {
        match self {
            Self::Pcm => {
                let (pairs, rest) = bytes.as_chunks::<2>();
                rest.is_empty().then(|| pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
            }
            Self::MuLaw => Some(bytes.iter().map(|byte| mu_law(*byte)).collect()),
            Self::ALaw => Some(bytes.iter().map(|byte| a_law(*byte)).collect()),
        }
    }

    fn bytes(self, sample: i16) -> Vec<u8> {
        match self {
            Self::Pcm => sample.to_le_bytes().to_vec(),
            Self::MuLaw => vec![nearest(sample, mu_law)],
            Self::ALaw => vec![nearest(sample, a_law)],
        }
    }

    fn samples_a_ms(self) -> u32 {
        match self {
            Self::Pcm => 24,
            Self::MuLaw | Self::ALaw => 8,
        }
    }
}

fn height(n: u32, rate: u32) -> i16 {
    let height = (f64::from(n) / f64::from(rate) * HERTZ * TAU).sin() * AMPLITUDE;
    #[expect(clippy::cast_possible_truncation, reason = "the amplitude is far below what 16 bits hold")]
    let height = height as i16;
    height
}

/// The byte that comes nearest to a sample: there are only 256.
fn nearest(sample: i16, decode: fn(u8) -> i16) -> u8 {
    let distance = |byte: &u8| i32::from(decode(*byte)).abs_diff(i32::from(sample));
    (0..=u8::MAX).min_by_key(distance).unwrap_or_default()
}

fn mu_law(byte: u8) -> i16 {
    let (is_negative, exponent, mantissa) = parts(!byte);
    let magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84;
    if is_negative { -magnitude } else { magnitude }
}

fn a_law(byte: u8) -> i16 {
    let (is_positive, exponent, mantissa) = parts(byte ^ 0x55);
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    if is_positive { magnitude } else { -magnitude }
}

/// The top bit, the three after it, and the last four.
fn parts(byte: u8) -> (bool, i16, i16) {
    (byte & 0x80 != 0, i16::from((byte >> 4) & 7), i16::from(byte & 15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_sounds_the_same_in_every_format() {
        for format in [Format::Pcm, Format::MuLaw, Format::ALaw] {
            let heard = format.levels(&format.tone(150)).unwrap();
            assert_eq!(heard.iter().map(|heard| heard.millis).sum::<u32>(), 150, "{format:?}");
            // A sine of 6,000 in 32,767.
            assert!(heard.iter().all(|heard| (-19..=-16).contains(&heard.level)), "{format:?} {heard:?}");
        }
    }

    /// The values of ITU-T G.711.
    #[test]
    fn decodes_what_g711_says() {
        for (byte, sample) in [(0x00, -32_124), (0x80, 32_124), (0x7f, 0), (0xff, 0), (0x9f, 8_316)] {
            assert_eq!(mu_law(byte), sample, "{byte:#x}");
        }
        for (byte, sample) in [(0x55, -8), (0xd5, 8), (0x2a, -32_256), (0xaa, 32_256)] {
            assert_eq!(a_law(byte), sample, "{byte:#x}");
        }
    }

    #[test]
    fn silence_is_silent_and_half_a_sample_is_none() {
        let silence = BASE64_STANDARD.encode([0; 960]);
        assert_eq!(Format::Pcm.levels(&silence), Some(vec![Heard { level: -127, millis: 20 }]));
        assert_eq!(Format::Pcm.levels(&BASE64_STANDARD.encode([0; 3])), None);
        assert_eq!(Format::Pcm.levels("no base64"), None);
    }
}
