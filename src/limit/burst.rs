//! How many requests may come at once, from an address and of a user. Decided in this process alone, before anything
//! else is looked at: it protects the verification of tokens and the store.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::kernel::clock::Clock;
use crate::kernel::user::UserKey;

/// How many requests a second, which is also how many at once. None: any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BurstSettings {
    /// Of one user.
    pub per_user: Option<NonZeroU32>,
    /// From one address.
    pub per_address: Option<NonZeroU32>,
}

/// Too many at once. The texts are fit for callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Burst {
    /// From one address, whoever sent them.
    #[error("too many requests at once from this address")]
    Address {
        /// When the next one can pass.
        wait: Duration,
    },
    /// Of one user, wherever from.
    #[error("too many requests of this user at once")]
    User {
        /// When the next one can pass.
        wait: Duration,
    },
}

impl Burst {
    /// Whole seconds, at least one, after which another request can pass.
    pub fn retry_after(&self) -> u32 {
        let (Self::Address { wait } | Self::User { wait }) = self;
        u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
    }
}

/// Holds bursts. What is kept of an address or a user is forgotten by [`Bursts::forget_idle`].
#[derive(Debug)]
pub struct Bursts {
    users: Option<Keyed<UserKey>>,
    addresses: Option<Keyed<IpAddr>>,
}

type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, Monotonic, NoOpMiddleware<Instant>>;

/// Our clock, as the library wants it.
#[derive(Debug, Clone)]
struct Monotonic(Arc<dyn Clock>);

impl governor::clock::Clock for Monotonic {
    type Instant = Instant;

    fn now(&self) -> Instant {
        self.0.instant()
    }
}

impl Bursts {
    /// Nobody has asked for anything yet.
    pub fn new(settings: BurstSettings, clock: &Arc<dyn Clock>) -> Self {
        Self { users: keyed(settings.per_user, clock), addresses: keyed(settings.per_address, clock) }
    }

    /// Lets a request from this address pass, or not.
    pub fn address(&self, address: IpAddr) -> Result<(), Burst> {
        check(self.addresses.as_ref(), &network(address)).map_err(|wait| Burst::Address { wait })
    }

    /// Lets a request of this user pass, or not.
    pub fn user(&self, user: &UserKey) -> Result<(), Burst> {
        check(self.users.as_ref(), user).map_err(|wait| Burst::User { wait })
    }

    /// Forgets whoever could send a whole burst again: they are as good as new.
    pub fn forget_idle(&self) {
        sweep(self.users.as_ref());
        sweep(self.addresses.as_ref());
    }

    /// Users and addresses that something is kept of.
    pub fn held(&self) -> (usize, usize) {
        (self.users.as_ref().map_or(0, RateLimiter::len), self.addresses.as_ref().map_or(0, RateLimiter::len))
    }
}

fn keyed<K: Hash + Eq + Clone>(per_second: Option<NonZeroU32>, clock: &Arc<dyn Clock>) -> Option<Keyed<K>> {
    let quota = Quota::per_second(per_second?);
    Some(RateLimiter::new(quota, HashMapStateStore::default(), Monotonic(clock.clone())))
}

fn check<K: Hash + Eq + Clone>(limiter: Option<&Keyed<K>>, key: &K) -> Result<(), Duration> {
    let Some(limiter) = limiter else {
        return Ok(());
    };
    limiter.check_key(key).map_err(|until| {
        let now = governor::clock::Clock::now(limiter.clock());
        until.wait_time_from(now)
    })
}

fn sweep<K: Hash + Eq + Clone>(limiter: Option<&Keyed<K>>) {
    if let Some(limiter) = limiter {
        limiter.retain_recent();
        limiter.shrink_to_fit();
    }
}

/// What stands for an address: IPv4 whole; IPv6 by /64, which is the least that one customer gets.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        whole => whole,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::kernel::clock::ManualClock;
    use crate::kernel::user::User;

    fn bursts(per_user: u32, per_address: u32) -> (Bursts, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
        let settings =
            BurstSettings { per_user: NonZeroU32::new(per_user), per_address: NonZeroU32::new(per_address) };
        (Bursts::new(settings, &(clock.clone() as Arc<dyn Clock>)), clock)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn so_many_pass_at_once_and_then_one_after_the_other() {
        let (bursts, clock) = bursts(5, 0);
        let ana = User::new("", "ana").unwrap().key;
        for _ in 0..5 {
            assert_eq!(bursts.user(&ana), Ok(()));
        }
        let burst = bursts.user(&ana).unwrap_err();
        assert_eq!(burst, Burst::User { wait: Duration::from_millis(200) });
        assert_eq!(burst.retry_after(), 1);
        assert_eq!(
            bursts.user(&User::new("", "bea").unwrap().key),
            Ok(()),
            "others have a burst of their own"
        );
        clock.advance(TimeDelta::milliseconds(199));
        assert!(bursts.user(&ana).is_err());
        clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(bursts.user(&ana), Ok(()));
        assert!(bursts.user(&ana).is_err());
    }

    #[test]
    fn an_address_is_ipv4_whole_and_ipv6_by_its_network() {
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
            ("2001:db8::1", "2001:db8::ffff:2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            let (bursts, _) = bursts(0, 1);
            assert_eq!(bursts.address(address(one)), Ok(()));
            assert_eq!(bursts.address(address(other)).is_err(), same, "{one} {other}");
        }
    }

    #[test]
    fn nothing_is_kept_of_who_is_idle() {
        let (bursts, clock) = bursts(2, 2);
        for n in 0..1000_u32 {
            bursts.address(IpAddr::from(n.to_be_bytes())).unwrap();
        }
        bursts.user(&User::new("", "ana").unwrap().key).unwrap();
        bursts.forget_idle();
        assert_eq!(bursts.held(), (1, 1000), "they are not idle yet");
        clock.advance(TimeDelta::seconds(2));
        bursts.address(address("192.0.2.1")).unwrap();
        bursts.forget_idle();
        assert_eq!(bursts.held(), (0, 1));
    }

    #[test]
    fn without_a_limit_nothing_is_kept() {
        let (bursts, _) = bursts(0, 0);
        for _ in 0..1000 {
            assert_eq!(bursts.address(address("192.0.2.1")), Ok(()));
        }
        assert_eq!(bursts.held(), (0, 0));
    }
}
