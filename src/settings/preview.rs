//! The session that somebody would get, for them to look at.

use serde_json::Value;

use super::{Asking, OwnSettings, SettingsError, allowed, role};
use crate::kernel::session::PersonalSettings;
use crate::policy::{Languages, NotAllowed, Setting};
use crate::provider::mint_body;

/// What a mint would ask the provider for.
#[derive(Debug)]
pub struct Preview {
    /// The role.
    pub role: String,
    /// The language of the instructions.
    pub language: String,
    /// What would be sent, without the operator's texts and tools.
    pub body: Value,
    /// What of the settings is not in force, and why.
    pub refusals: Vec<(Setting, NotAllowed)>,
}

impl OwnSettings {
    /// The conversation that somebody would get with these settings; without any, with those that they have set. Nothing is
    /// kept, nothing is spent, and the provider is not asked.
    pub async fn preview(
        &self,
        asking: Asking<'_>,
        languages: &Languages,
        settings: Option<PersonalSettings>,
    ) -> Result<Preview, SettingsError> {
        let (policy, standing) = (self.policy.take(), self.standing(asking).await?);
        let role = role(&policy, asking, &standing)?;
        let settings = match settings {
            Some(tried) => allowed(role, tried)?,
            None => standing.settings.map(|own| (*own.settings).clone()).unwrap_or_default(),
        };
        let language = role.language(languages.wanted(role.language_of(&settings)));
        let words = format!("[the instructions of role {} in {language}]", role.name());
        let grant = role.preview(&words, &settings)?;
        Ok(Preview {
            role: role.name().to_owned(),
            language: language.to_owned(),
            body: serde_json::to_value(mint_body(&grant.session, grant.ttl_seconds)).unwrap_or_default(),
            refusals: role.refusals(&settings),
        })
    }
}
