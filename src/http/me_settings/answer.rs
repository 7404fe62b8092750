//! The answers: settings and what is in force of them, and a session to look at.

use serde::Serialize;
use serde_json::Value;

use super::super::problem::sentence;
use crate::kernel::clock::rfc3339;
use crate::kernel::session::PersonalSettings;
use crate::policy::{Choices, NotAllowed, Setting};
use crate::settings::{Kept, Preview};

#[derive(Serialize)]
pub(in super::super) struct Shown {
    role: String,
    settings: PersonalSettings,
    updated_at: Option<String>,
    not_in_force: Vec<NotInForce>,
    choices: Choices,
}

#[derive(Serialize)]
pub(in super::super) struct Previewed {
    role: String,
    language: String,
    request: Value,
    not_in_force: Vec<NotInForce>,
}

/// A setting that is left out of sessions.
#[derive(Serialize)]
struct NotInForce {
    setting: Setting,
    reason: String,
}

fn not_in_force(refusals: &[(Setting, NotAllowed)]) -> Vec<NotInForce> {
    let why = |(setting, refusal): &(Setting, NotAllowed)| NotInForce {
        setting: *setting,
        reason: sentence(refusal),
    };
    refusals.iter().map(why).collect()
}

impl From<Kept> for Shown {
    fn from(kept: Kept) -> Self {
        Self {
            role: kept.role,
            settings: kept.held.as_ref().map(|own| (*own.settings).clone()).unwrap_or_default(),
            updated_at: kept.held.map(|own| rfc3339(own.updated_at)),
            not_in_force: not_in_force(&kept.refusals),
            choices: kept.choices,
        }
    }
}

impl From<Preview> for Previewed {
    fn from(preview: Preview) -> Self {
        Self {
            role: preview.role,
            language: preview.language,
            request: preview.body,
            not_in_force: not_in_force(&preview.refusals),
        }
    }
}
