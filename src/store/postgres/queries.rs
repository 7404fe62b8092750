//! The SQL of this store. Each file says what it is for and what its parameters are.

macro_rules! query {
    ($file:literal) => {
        include_str!(concat!("../../../sql/postgres/queries/", $file))
    };
}

pub(super) const SPEND: &str = query!("ledger/spend.sql");
pub(super) const REFUND: &str = query!("ledger/refund.sql");
pub(super) const ENTER: &str = query!("ledger/enter.sql");
pub(super) const GIVE_UP: &str = query!("ledger/give_up.sql");
pub(super) const COUNT_REFUSALS: &str = query!("ledger/count_refusals.sql");
pub(super) const HOUR: &str = query!("ledger/hour.sql");
pub(super) const COUNT_TOKENS: &str = query!("ledger/count_tokens.sql");
pub(super) const RECENT: &str = query!("ledger/recent.sql");
pub(super) const NEWEST: &str = query!("ledger/newest.sql");
pub(super) const SINCE: &str = query!("ledger/since.sql");
pub(super) const COUNT_MINTS: &str = query!("ledger/count_mints.sql");
pub(super) const SUM_REFUSALS: &str = query!("ledger/sum_refusals.sql");
pub(super) const STANDING: &str = query!("users/standing.sql");
pub(super) const DESCRIBE: &str = query!("server/describe.sql");
pub(super) const USERS: &str = query!("users/list.sql");
pub(super) const USER: &str = query!("users/find.sql");
pub(super) const HOLD_USER: &str = query!("users/hold.sql");
pub(super) const PUT_USER: &str = query!("users/put.sql");
pub(super) const DELETE_USER: &str = query!("users/delete.sql");
pub(super) const WRITE_ACT: &str = query!("audit/write.sql");
pub(super) const ACTS: &str = query!("audit/page.sql");
pub(super) const FORGET_PSEUDONYM: &str = query!("audit/forget.sql");
pub(super) const MINTS: &str = query!("ledger/page.sql");
pub(super) const MINTS_OF_USER: &str = query!("ledger/page_of_user.sql");
pub(super) const BEGIN_ERASURE: &str = query!("erasure/begin.sql");
pub(super) const BLANK_MINTS: &str = query!("erasure/blank_mints.sql");
pub(super) const LAPSE_MINTS: &str = query!("erasure/lapse_mints.sql");
pub(super) const MOVE_REFUSALS: &str = query!("erasure/move_refusals.sql");
pub(super) const FINISH_ERASURES: &str = query!("erasure/finish.sql");
