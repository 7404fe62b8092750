//! The SQL of this store. Each file says what it is for and what its parameters are.

macro_rules! query {
    ($file:literal) => {
        include_str!(concat!("../../../sql/sqlite/queries/", $file))
    };
}

pub(super) const TABLES: &str = query!("schema/tables.sql");
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
pub(super) const MOVE_USER_DAYS: &str = query!("erasure/move_user_days.sql");
pub(super) const DROP_USER_DAYS: &str = query!("erasure/drop_user_days.sql");
pub(super) const FINISH_ERASURES: &str = query!("erasure/finish.sql");
pub(super) const NAME_USER: &str = query!("audit/name.sql");
pub(super) const DROP_REFUSALS: &str = query!("erasure/drop_refusals.sql");
pub(super) const NEXT_QUARTER: &str = query!("rollup/next.sql");
pub(super) const TAKE_MARKS: &str = query!("rollup/take_marks.sql");
pub(super) const CLEAR_MINTS: &str = query!("rollup/clear_mints.sql");
pub(super) const CLEAR_LATENCIES: &str = query!("rollup/clear_latencies.sql");
pub(super) const CLEAR_REFUSALS: &str = query!("rollup/clear_refusals.sql");
pub(super) const CLEAR_USERS: &str = query!("rollup/clear_users.sql");
pub(super) const ADD_MINTS: &str = query!("rollup/add_mints.sql");
pub(super) const ADD_LATENCIES: &str = query!("rollup/add_latencies.sql");
pub(super) const ADD_REFUSALS: &str = query!("rollup/add_refusals.sql");
pub(super) const ADD_USERS: &str = query!("rollup/add_users.sql");
pub(super) const ADVANCE: &str = query!("rollup/advance.sql");
pub(super) const ROLLUP_STATE: &str = query!("rollup/state.sql");
pub(super) const LET_GO: &str = query!("rollup/let_go.sql");
pub(super) const DELETE_MINTS: &str = query!("rollup/delete_mints.sql");
pub(super) const DELETE_REFUSALS: &str = query!("rollup/delete_refusals.sql");
pub(super) const MINT_FACTS: &str = query!("reports/mints.sql");
pub(super) const MINT_FACTS_OF_USER: &str = query!("reports/mints_of_user.sql");
pub(super) const REFUSAL_FACTS: &str = query!("reports/refusals.sql");
pub(super) const LATENCY_FACTS: &str = query!("reports/latencies.sql");
pub(super) const ACTIVE_USERS: &str = query!("reports/active_users.sql");
pub(super) const TOP_USERS: &str = query!("reports/top_users.sql");
pub(super) const PROVIDER_KEYS: &str = query!("keys/list.sql");
pub(super) const PUT_PROVIDER_KEY: &str = query!("keys/put.sql");
pub(super) const ADD_PROVIDER_KEY: &str = query!("keys/add.sql");
pub(super) const JUDGE_PROVIDER_KEY: &str = query!("keys/judge.sql");
pub(super) const DELETE_PROVIDER_KEY: &str = query!("keys/delete.sql");
pub(super) const ERASE_PROVIDER_KEYS: &str = query!("keys/erase.sql");
pub(super) const NOTE_KEY_USE: &str = query!("keys/note_use.sql");
pub(super) const COUNT_PROVIDER_KEYS: &str = query!("keys/count.sql");
pub(super) const PAGE_OF_PROVIDER_KEYS: &str = query!("keys/page.sql");
pub(super) const RESEAL_PROVIDER_KEY: &str = query!("keys/reseal.sql");
pub(super) const PUT_SETTINGS: &str = query!("settings/put.sql");
pub(super) const DELETE_SETTINGS: &str = query!("settings/delete.sql");
