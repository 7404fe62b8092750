//! Bytes in hexadecimal digits.

const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

/// Two lower-case digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.filter_map(|half| DIGITS.get(usize::from(half))).collect()
}

/// The bytes of as many pairs of digits; none where something else is among them.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: &u8| char::from(*c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_its_two_digits() {
        for byte in 0..=u8::MAX {
            assert_eq!(super::hex(&[byte]), format!("{byte:02x}"));
            assert_eq!(super::unhex(&super::hex(&[byte, 7])), Some(vec![byte, 7]));
        }
        assert_eq!(super::hex(&[0x0f, 0xf0]), "0ff0");
        for bad in ["0", "0g", "é", " 1", "+1"] {
            assert_eq!(super::unhex(bad), None, "{bad}");
        }
    }
}
