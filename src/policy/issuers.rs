//! `[[issuers]]`: whose tokens are believed beside those that the environment names.
//!
//! Only the shape is read here. What the values mean is for whoever verifies tokens.

use toml::Value;

use super::reader::Section;
use super::values::as_text;

/// How far an issuer's clock may be off ours, in seconds, where nothing is said.
const LEEWAY_SECONDS: u32 = 30;

/// An issuer, as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerEntry {
    /// Where it stands in the file: `issuers[0]`.
    pub at: String,
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Where its key set is. Without this and without a secret, its own configuration says where.
    pub jwks_url: Option<String>,
    /// The setting that has the secret shared with it. The secret itself has no place in the file.
    pub secret_env: Option<String>,
    /// The names of the algorithms it may use.
    pub algorithms: Option<Vec<String>>,
    /// One of these has to be in `aud`, where there are any.
    pub audience: Vec<String>,
    /// One of these has to be the `azp`, where there are any.
    pub authorized_parties: Vec<String>,
    /// Where the role stands.
    pub role_claim: Option<String>,
    /// Where the name stands.
    pub name_claim: Option<String>,
    /// Where the language stands.
    pub language_claim: Option<String>,
    /// How far its clock may be off ours, in seconds.
    pub leeway_seconds: u32,
}

/// Reads all of them.
pub(super) fn issuers(root: &mut Section<'_>) -> Vec<IssuerEntry> {
    let items = root.array("issuers", "tables that begin with [[issuers]]").unwrap_or_default();
    let sections: Vec<_> =
        items.into_iter().enumerate().filter_map(|(n, item)| root.item("issuers", n, item)).collect();
    sections.into_iter().filter_map(issuer).collect()
}

fn issuer(mut section: Section<'_>) -> Option<IssuerEntry> {
    const MEND: &str = "write issuer = \"…\": the `iss` of its tokens, to the letter";
    if !section.has("issuer") {
        section.report("issuer", "is missing", MEND);
    }
    let issuer = section.text("issuer");
    if issuer.as_deref() == Some("") {
        section.report("issuer", "is empty", MEND);
    }
    let entry = IssuerEntry {
        at: section.at().to_owned(),
        issuer: issuer.unwrap_or_default(),
        jwks_url: section.text("jwks_url"),
        secret_env: section.text("secret_env"),
        algorithms: section.texts("algorithms"),
        audience: text_or_texts(&mut section, "audience"),
        authorized_parties: section.texts("authorized_parties").unwrap_or_default(),
        role_claim: section.text("role_claim"),
        name_claim: section.text("name_claim"),
        language_claim: section.text("language_claim"),
        leeway_seconds: section.integer("leeway_seconds", 0..=300).unwrap_or(LEEWAY_SECONDS),
    };
    section.finish(|key| (key == "secret").then_some("an environment variable that secret_env names"));
    (!entry.issuer.is_empty()).then_some(entry)
}

/// One string, or an array of them.
fn text_or_texts(section: &mut Section<'_>, key: &'static str) -> Vec<String> {
    let texts = match section.take(key) {
        None => return Vec::new(),
        Some(Value::Array(items)) => items.into_iter().map(as_text).collect::<Result<Vec<_>, _>>(),
        Some(one) => as_text(one).map(|text| vec![text]),
    };
    texts.unwrap_or_else(|other| {
        section.report_type(key, &other, "a string in quotes, or an array of them");
        Vec::new()
    })
}
