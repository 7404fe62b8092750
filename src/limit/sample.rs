//! An ask, for the tests of this module.

use std::sync::Arc;

use chrono::DateTime;

use crate::kernel::ids::{MintId, RequestId};
use crate::kernel::session::SessionType;
use crate::kernel::user::User;
use crate::store::{Ask, KeySource, Standing};

/// What this user asks for, under a limit.
pub(super) fn ask(user: &str, hourly_limit: u16) -> Ask {
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    Ask {
        id: MintId::new(now),
        user: Arc::new(User::new("", user).unwrap()),
        assumed: Standing::default(),
        hourly_limit,
        role: "student".into(),
        language: "en".into(),
        session_type: SessionType::Realtime,
        model: "m".into(),
        key_source: KeySource::Operator,
        request_id: RequestId::new(now),
    }
}
