//! Amounts of money, in millionths of a currency.

/// An amount, with six digits behind the point.
pub fn decimal(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let amount = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", amount / 1_000_000, amount % 1_000_000)
}

/// An amount for people: two digits behind the point, and more only where they say something.
pub fn plain(millionths: i64) -> String {
    let decimal = decimal(millionths);
    let (shown, small) = decimal.split_at(decimal.len() - 4);
    format!("{shown}{}", small.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_short() {
        for (millionths, exact, short) in [
            (0, "0.000000", "0.00"),
            (1_250_000, "1.250000", "1.25"),
            (152_500, "0.152500", "0.1525"),
            (-7, "-0.000007", "-0.000007"),
            (200_000_000, "200.000000", "200.00"),
        ] {
            assert_eq!((decimal(millionths).as_str(), plain(millionths).as_str()), (exact, short));
        }
    }
}
