//! The users of a day, put together in a few bytes for each: what reports over months read instead of a row for each.
//!
//! Roles come one after the other: the length of the name, the name, how many users. A user is the distance of their number from
//! the one before, their mints, their tokens, and six bytes each for the quarters before and after noon. Numbers are written as in
//! LEB128, and bytes with the lowest first.

/// Bytes for the 48 quarters of half a day.
const HALF_BYTES: usize = 6;

/// What a user had on a day, for one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedUser {
    /// The user's number.
    pub(super) number: u32,
    /// Mints, whatever became of them.
    pub(super) mints: i64,
    /// Those that were issued, or may have been.
    pub(super) tokens: i64,
    /// Quarters with tokens before noon, as in [`DayPart`](super::reports::DayPart).
    pub(super) early: i64,
    /// The same after noon.
    pub(super) late: i64,
}

/// All users of a day, by role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PackedDay {
    roles: Vec<(String, Vec<PackedUser>)>,
}

/// Bytes that nobody here has put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the users of a day are not put together as they should be; delete the day from packed_days")]
pub(super) struct Malformed;

impl PackedDay {
    /// Adds a user. They come by role and number, ascending.
    pub(super) fn push(&mut self, role: String, user: PackedUser) {
        match self.roles.last_mut().filter(|(last, _)| *last == role) {
            Some((_, users)) => users.push(user),
            None => self.roles.push((role, vec![user])),
        }
    }

    /// The users of a role, or of all: somebody who had several comes several times.
    pub(super) fn users(&self, role: Option<&str>) -> impl Iterator<Item = &PackedUser> {
        let wanted = self.roles.iter().filter(move |(name, _)| role.is_none_or(|role| role == name));
        wanted.flat_map(|(_, users)| users)
    }

    /// Puts them together.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (role, users) in &self.roles {
            write(&mut bytes, role.len() as u64);
            bytes.extend(role.as_bytes());
            write(&mut bytes, users.len() as u64);
            let mut before = 0;
            for user in users {
                write(&mut bytes, u64::from(user.number.wrapping_sub(before)));
                write(&mut bytes, user.mints.unsigned_abs());
                write(&mut bytes, user.tokens.unsigned_abs());
                bytes.extend(user.early.to_le_bytes().iter().take(HALF_BYTES));
                bytes.extend(user.late.to_le_bytes().iter().take(HALF_BYTES));
                before = user.number;
            }
        }
        bytes
    }

    /// Takes them apart.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = Reader(bytes);
        let mut day = Self::default();
        while !rest.0.is_empty() {
            let length = rest.number()?;
            let role = std::str::from_utf8(rest.take(length)?).map_err(|_| Malformed)?.to_owned();
            let count: usize = rest.number()?;
            // Whatever is said, there can't be more than there are bytes.
            let mut users = Vec::with_capacity(count.min(rest.0.len()));
            let mut number = 0_u32;
            for _ in 0..count {
                number = number.checked_add(rest.number()?).ok_or(Malformed)?;
                users.push(PackedUser {
                    number,
                    mints: rest.number()?,
                    tokens: rest.number()?,
                    early: rest.half()?,
                    late: rest.half()?,
                });
            }
            day.roles.push((role, users));
        }
        Ok(day)
    }
}

fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number<T: TryFrom<u64>>(&mut self) -> Result<T, Malformed> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(Malformed)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return T::try_from(number).map_err(|_| Malformed);
            }
        }
        Err(Malformed)
    }

    fn half(&mut self) -> Result<i64, Malformed> {
        let mut bytes = [0; 8];
        let taken = self.take(HALF_BYTES)?;
        bytes.iter_mut().zip(taken).for_each(|(byte, taken)| *byte = *taken);
        Ok(i64::from_le_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn user() -> impl Strategy<Value = (u32, i64, i64, i64, i64)> {
        let half = 0..1_i64 << 48;
        (any::<u32>(), 0..i64::MAX, prop_oneof![0..300_i64, 0..i64::MAX], half.clone(), half)
    }

    fn day() -> impl Strategy<Value = PackedDay> {
        let users = prop::collection::vec(user(), 1..20).prop_map(|mut users| {
            users.sort_unstable();
            let packed =
                |(number, mints, tokens, early, late)| PackedUser { number, mints, tokens, early, late };
            users.into_iter().map(packed).collect::<Vec<_>>()
        });
        let roles = prop::collection::btree_map(".{0,200}", users, 0..4);
        roles.prop_map(|roles| PackedDay { roles: roles.into_iter().collect() })
    }

    proptest! {
        #[test]
        fn days_are_read_as_they_are_written(day in day()) {
            prop_assert_eq!(PackedDay::parse(&day.to_bytes()), Ok(day));
        }

        #[test]
        fn no_bytes_are_too_strange_to_be_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = PackedDay::parse(&bytes);
        }

        #[test]
        fn a_day_that_was_cut_off_is_refused(day in day().prop_filter("empty", |day| !day.roles.is_empty())) {
            let bytes = day.to_bytes();
            prop_assert_eq!(PackedDay::parse(&bytes[..bytes.len() - 1]), Err(Malformed));
        }
    }
}
