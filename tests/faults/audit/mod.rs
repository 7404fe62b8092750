//! What must hold, looked at afterwards.

mod answers;
mod ledger;

pub(crate) use answers::{GRACE, expect_answers, expect_recovery, expect_recovery_until};
pub(crate) use ledger::expect_exact;
