//! The SQL of this store. Each file says what it is for and what its parameters are.

macro_rules! query {
    ($file:literal) => {
        include_str!(concat!("../../../sql/sqlite/queries/", $file))
    };
}

pub(super) const HOUR: &str = query!("ledger/hour.sql");
pub(super) const RECORD: &str = query!("ledger/record.sql");
pub(super) const SETTLE: &str = query!("ledger/settle.sql");
pub(super) const REFUND: &str = query!("ledger/refund.sql");
pub(super) const ENTER: &str = query!("ledger/enter.sql");
pub(super) const GIVE_UP: &str = query!("ledger/give_up.sql");
pub(super) const COUNT_REFUSALS: &str = query!("ledger/count_refusals.sql");
pub(super) const COUNT_TOKENS: &str = query!("ledger/count_tokens.sql");
pub(super) const RECENT: &str = query!("ledger/recent.sql");
pub(super) const NEWEST: &str = query!("ledger/newest.sql");
pub(super) const SINCE: &str = query!("ledger/since.sql");
pub(super) const COUNT_MINTS: &str = query!("ledger/count_mints.sql");
pub(super) const SUM_REFUSALS: &str = query!("ledger/sum_refusals.sql");
pub(super) const STANDING: &str = query!("users/standing.sql");
