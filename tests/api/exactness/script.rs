//! What happens in a round, made from a seed.

use ephemint_sim::Fault;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Users of a round. Few, so that they meet their limits.
pub(super) const USERS: usize = 3;

/// Limits that a role of the policy has, each.
pub(super) const LIMITS: [u16; 6] = [0, 1, 2, 3, 5, 8];

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Clients ask all at once, each for a user, of a service; some meet a fault of the provider.
    Burst { asks: Vec<(usize, usize)>, trouble: Option<Trouble> },
    /// A user's limit is another from now on.
    Limit { user: usize, limit: u16 },
    /// The clock is set to where one of the user's stamps leaves the hour, or so many ticks beside that. Then the user
    /// asks alone, and then as often as they may and once more.
    Edge { user: usize, stamp: prop::sample::Index, ticks: i32 },
    /// Time goes on, by milliseconds.
    Forward(i64),
    /// The clock is set back, by milliseconds.
    Back(i64),
}

/// The provider fails so many times.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub(super) fault: Fault,
    pub(super) times: u32,
    /// Whether it is sure that nothing was handed out, so that the spend is given back.
    pub(super) refunds: bool,
}

impl Step {
    /// Whether it takes a clock that can be set.
    pub(super) fn moves_time(&self) -> bool {
        matches!(self, Self::Edge { .. } | Self::Forward(_) | Self::Back(_))
    }
}

/// The script of a seed.
pub(super) fn write(seed: u64) -> Vec<Step> {
    let seed: Vec<u8> = seed.to_le_bytes().repeat(4);
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    prop::collection::vec(step(), 5..10).new_tree(&mut runner).unwrap().current()
}

fn step() -> impl Strategy<Value = Step> {
    let asks = |range| prop::collection::vec((0..USERS, 0_usize..4), range);
    let asks = prop_oneof![9 => asks(1..14), 1 => asks(24..48)];
    let trouble = prop::option::of(trouble());
    prop_oneof![
        4 => (asks, trouble).prop_map(|(asks, trouble)| Step::Burst { asks, trouble }),
        1 => (0..USERS, prop::sample::select(&LIMITS[..])).prop_map(|(user, limit)| Step::Limit { user, limit }),
        3 => (0..USERS, any::<prop::sample::Index>(), -1..=1)
            .prop_map(|(user, stamp, ticks)| Step::Edge { user, stamp, ticks }),
        2 => prop_oneof![0_i64..5, 1_000_i64..600_000, 3_599_990_i64..3_600_010].prop_map(Step::Forward),
        1 => (0_i64..1_800_000).prop_map(Step::Back),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let sure = [
        Fault::Unauthorized,
        Fault::Forbidden,
        Fault::RateLimited { retry_after: 20 },
        Fault::InsufficientQuota,
        Fault::ServerError,
        Fault::Unavailable,
        Fault::Redirect { location: "http://127.0.0.1:9/".to_owned() },
    ];
    let unsure = [Fault::Reset, Fault::Cut, Fault::Garbage, Fault::NoValue];
    let sure = sure.into_iter().map(|fault| (fault, true));
    let all: Vec<_> = sure.chain(unsure.into_iter().map(|fault| (fault, false))).collect();
    (prop::sample::select(all), 1_u32..6).prop_map(|((fault, refunds), times)| Trouble {
        fault,
        times,
        refunds,
    })
}
