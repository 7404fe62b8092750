//! Numbers in a row, as a line of little bars.

/// From nothing to the most.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The longest line.
const MOST_BARS: usize = 60;

/// A bar for each number, from 0 up to the greatest; a gap where there is none. Where there are too many, neighbours share a
/// bar, which is that of the greatest. Only 0 has the lowest.
pub(super) fn sparkline(numbers: &[Option<f64>]) -> String {
    let together = numbers.len().div_ceil(MOST_BARS).max(1);
    let greatest = |some: &[Option<f64>]| some.iter().flatten().copied().reduce(f64::max);
    let most = greatest(numbers).unwrap_or(0.0);
    numbers.chunks(together).map(|some| greatest(some).map_or(' ', |number| bar(number, most))).collect()
}

fn bar(number: f64, most: f64) -> char {
    let steps = BARS.len() - 1;
    let step = if number > 0.0 && most > 0.0 {
        // Between 1 and `steps`, whatever is divided.
        ((number / most * steps as f64).round() as usize).clamp(1, steps)
    } else {
        0
    };
    BARS.get(step).copied().unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(numbers: &[i32]) -> String {
        sparkline(&numbers.iter().map(|&number| Some(f64::from(number))).collect::<Vec<_>>())
    }

    #[test]
    fn bars_are_as_high_as_their_numbers() {
        assert_eq!(line(&[0, 1, 50, 100]), "▁▂▅█");
        assert_eq!(line(&[0, 0]), "▁▁");
        assert_eq!(line(&[7]), "█");
        assert_eq!(line(&[]), "");
        assert_eq!(sparkline(&[Some(1.0), None, Some(0.5)]), "█ ▅");
    }

    #[test]
    fn a_long_line_keeps_its_peaks() {
        let mut numbers = vec![0; 400];
        numbers[399] = 9;
        let line = line(&numbers);
        assert_eq!(line.chars().count(), 58, "seven neighbours share a bar");
        assert_eq!(line.chars().last(), Some('█'));
    }
}
