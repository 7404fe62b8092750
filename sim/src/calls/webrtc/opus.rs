//! What can be told of an Opus packet without decoding it, and a tone that is made of some.

/// One second of a soft chord (A major from 440 Hz, swelling twice), to be repeated: fifty packets of 20 ms, mono,
/// each after its length as two bytes, the higher first. How it was made is in the README.
static TONE: &[u8] = include_bytes!("tone.bin");

/// How long the sound of a packet is, from its first bytes (RFC 6716, section 3.1).
pub(super) fn micros(packet: &[u8]) -> u32 {
    let Some(&toc) = packet.first() else { return 0 };
    let frame = match toc >> 3 {
        config @ 0..=11 => [10_000, 20_000, 40_000, 60_000].get(usize::from(config & 3)),
        config @ 12..=15 => [10_000, 20_000].get(usize::from(config & 1)),
        config => [2_500, 5_000, 10_000, 20_000].get(usize::from(config & 3)),
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => packet.get(1).map_or(0, |count| u32::from(count & 63)),
    };
    frame.copied().unwrap_or_default() * frames
}

/// The packets of the tone, without end.
pub(super) fn tone() -> impl Iterator<Item = &'static [u8]> + Send {
    let mut rest = TONE;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            rest = TONE;
        }
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (packet, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        Some(packet)
    })
}

#[cfg(test)]
mod tests {
    use super::{micros, tone};

    #[test]
    fn the_tone_is_whole_and_comes_again() {
        let packets: Vec<&[u8]> = tone().take(100).collect();
        assert!(packets.iter().all(|packet| micros(packet) == 20_000));
        assert_eq!(packets[..50], packets[50..]);
        assert_eq!(packets[..50].iter().map(|packet| packet.len() + 2).sum::<usize>(), super::TONE.len());
    }

    #[test]
    fn a_packet_says_how_long_it_is() {
        let cases: [(&[u8], u32); 7] = [
            (&[], 0),
            (&[0x08], 20_000),
            (&[0x18], 60_000),
            (&[0x78], 20_000),
            (&[0xf9], 40_000),
            (&[0x80], 2_500),
            (&[0xfb, 3], 60_000),
        ];
        for (packet, expected) in cases {
            assert_eq!(micros(packet), expected, "{packet:x?}");
        }
    }
}
