//! What the operator's own backends may read.

use secrecy::SecretString;

use super::deployment::{Deployment, Mode};
use super::reader::Reader;
use crate::kernel::provider_name::ProviderName;

/// Keys of the environment that only a developer's own backend gets, beside `OPENAI_API_KEY`.
static OTHERS: [(&str, ProviderName); 3] = [
    ("GEMINI_API_KEY", ProviderName::known("gemini")),
    ("EXA_API_KEY", ProviderName::known("exa")),
    ("COPILOTKIT_API_KEY", ProviderName::known("copilotkit")),
];

/// Which keys backends may read in the clear.
#[derive(Debug, Clone, Default)]
pub struct ServiceKeys {
    /// `SERVICE_KEY_ACCESS`: whether they may read keys of users at all.
    pub is_open: bool,
    /// In local mode, what the one developer's backends get of a provider of which the developer has stored no key:
    /// `OPENAI_API_KEY` and the like. In deployed mode there is nothing of the kind.
    pub stand_ins: Vec<(ProviderName, SecretString)>,
}

impl ServiceKeys {
    /// The names of the settings that are of use in local mode only.
    pub fn local_only() -> impl Iterator<Item = &'static str> {
        OTHERS.iter().map(|(name, _)| *name)
    }

    /// Reads them. `openai` is the operator's key, which has been read already.
    pub fn read(
        reader: &mut Reader<'_>,
        deployment: &Deployment,
        openai: Option<&SecretString>,
    ) -> Option<Self> {
        let is_open = reader.choice("SERVICE_KEY_ACCESS", &[("off", false), ("on", true)]);
        let mut keys: Vec<_> = openai.map(|key| (ProviderName::OPENAI, key.clone())).into_iter().collect();
        for (name, provider) in &OTHERS {
            keys.extend(reader.secret(name, 1)?.map(|key| (provider.clone(), key)));
        }
        let is_open = is_open?;
        if let Some(contradiction) = deployment.contradiction().filter(|_| is_open) {
            // Whoever took this for a developer's machine would hand the operator's own keys to whoever comes.
            let problem = format!("{contradiction}; with SERVICE_KEY_ACCESS=on that is not safe");
            return reader.wrong(contradiction.at(), problem, contradiction.mend());
        }
        let stand_ins = match deployment.mode() {
            Mode::Local => keys,
            Mode::Deployed => Vec::new(),
        };
        Some(Self { is_open, stand_ins })
    }
}
