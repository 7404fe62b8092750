//! What the operator's own backends may read.

use secrecy::SecretString;

use super::deployment::{Deployment, Mode};
use super::reader::Reader;
use crate::kernel::provider_name::ProviderName;
use crate::keys::ServiceKeys;

/// Keys of the environment that are of use in local mode only. `OPENAI_API_KEY` mints in any.
static LOCAL_ONLY: [(&str, ProviderName); 3] = [
    ("GEMINI_API_KEY", ProviderName::known("gemini")),
    ("EXA_API_KEY", ProviderName::known("exa")),
    ("COPILOTKIT_API_KEY", ProviderName::known("copilotkit")),
];

/// The names of the settings that are of use in local mode only.
pub fn local_only() -> impl Iterator<Item = &'static str> {
    LOCAL_ONLY.iter().map(|(name, _)| *name)
}

/// Reads it: `SERVICE_KEY_ACCESS`, and in local mode the developer's own keys, of which `openai` has been read already. In
/// deployed mode there are none: users' keys come from the database only.
pub(super) fn read(
    reader: &mut Reader<'_>,
    deployment: &Deployment,
    openai: Option<&SecretString>,
) -> Option<ServiceKeys> {
    let is_open = reader.choice("SERVICE_KEY_ACCESS", &[("off", false), ("on", true)]);
    let mut keys: Vec<_> = openai.map(|key| (ProviderName::OPENAI, key.clone())).into_iter().collect();
    for (name, provider) in &LOCAL_ONLY {
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
    Some(ServiceKeys { is_open, stand_ins })
}
