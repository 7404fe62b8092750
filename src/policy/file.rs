//! Reads a whole policy file.

use toml::Table;
use toml::de::DeTable;

use super::alerts::alerts;
use super::budget::budget;
use super::issuers::issuers;
use super::keys::providers;
use super::language::language_tag;
use super::mistake::{Mistakes, near};
use super::prices::prices;
use super::reader::Section;
use super::role::Role;
use super::secrets::{Given, Secrets};
use super::settings::Settings;
use super::texts::{Source, Texts, sources};
use super::{Mistake, Policy};

/// Keys that stand under `[defaults]` only.
const DEFAULTS_ONLY: [&str; 4] =
    ["default_role", "default_language", "allow_unknown", "allow_unvalidated_keys"];

/// The most syntax errors that are reported: one slip can cause many.
const MAX_SYNTAX_ERRORS: usize = 10;

/// The file as a table, or its syntax errors by line and column.
pub(super) fn parse(text: &str) -> Result<Table, Vec<Mistake>> {
    text.parse::<Table>().map_err(|first| {
        let (_, mut errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            errors.push(first);
        }
        let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
        errors.sort_by_key(start);
        errors.truncate(MAX_SYNTAX_ERRORS);
        let mistakes = errors.iter().map(|error| Mistake {
            at: position(text, start(error)),
            problem: format!("is not TOML: {}", error.message().replace('\n', ", ")),
            mend: "mend the syntax first; what the file says is read after that".to_owned(),
        });
        mistakes.collect()
    })
}

/// Line and column of a byte, counted from one.
fn position(text: &str, byte: usize) -> String {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("line {line}, column {column}")
}

/// `[defaults]`, read.
struct Defaults<'s> {
    role: Option<String>,
    /// `None` where what the file says is not a language.
    language: Option<String>,
    given: Given<'s>,
    allow_unvalidated_keys: bool,
    settings: Settings,
    texts: Vec<Source>,
}

/// Reads the policy; `None`, or anything in `mistakes`, means that it can't be used.
pub(super) fn read(table: Table, secrets: Secrets<'_>, mistakes: &Mistakes) -> Option<Policy> {
    let mut root = Section::new(String::new(), table, mistakes);
    let defaults = root.section("defaults");
    let defaults = defaults.unwrap_or_else(|| Section::new("defaults".to_owned(), Table::new(), mistakes));
    let defaults = Defaults::read(defaults, secrets);
    let (names, roles) = read_roles(&mut root, &defaults, mistakes);
    let issuers = issuers(&mut root);
    let prices = prices(&mut root);
    let key_providers = providers(&mut root);
    let budget = budget(&mut root, &prices);
    let alerts = alerts(&mut root, &prices, &budget);
    root.finish(|key| DEFAULTS_ONLY.contains(&key).then_some("[defaults]"));
    let wanted = default_role(&defaults, &names, mistakes)?;
    let (mut default, others): (Vec<_>, Vec<_>) = roles.into_iter().partition(|role| role.name == wanted);
    Some(Policy {
        version: String::new(),
        default_language: defaults.language?,
        default: default.pop()?,
        others,
        issuers,
        prices,
        allow_unvalidated_keys: defaults.allow_unvalidated_keys,
        key_providers,
        budget,
        alerts,
    })
}

impl<'s> Defaults<'s> {
    fn read(mut section: Section<'_>, secrets: Secrets<'s>) -> Self {
        let language = section.text("default_language").unwrap_or_else(|| "en".to_owned());
        let tag = language_tag(&language);
        if tag.is_none() {
            let problem = format!("{language:?} is not a language");
            section.report("default_language", problem, "write a tag such as \"en\", \"es\" or \"pt-BR\"");
        }
        let allow_unknown = section.boolean("allow_unknown").unwrap_or(false);
        let given = Given { allow_unknown, secrets };
        let defaults = Self {
            role: section.text("default_role"),
            language: tag,
            given,
            allow_unvalidated_keys: section.boolean("allow_unvalidated_keys").unwrap_or(false),
            settings: Settings::read(&mut section, &Settings::built_in(), given),
            texts: sources(&mut section),
        };
        section.finish(|key| (key == "self_assignable").then_some("[roles.<name>]"));
        defaults
    }
}

/// The roles, and the names of all that the file speaks of, broken ones too.
fn read_roles(
    root: &mut Section<'_>,
    defaults: &Defaults<'_>,
    mistakes: &Mistakes,
) -> (Vec<String>, Vec<Role>) {
    let mut names = Vec::new();
    let mut roles = Vec::new();
    if let Some(mut table) = root.section("roles") {
        for (name, value) in table.entries() {
            names.push(name.clone());
            if !is_slug(&name) {
                table.report(&name, "is no name for a role", "use 1 to 64 of a-z, 0-9, _ and -");
            }
            let section = table.entry(&name, value);
            roles.extend(section.and_then(|section| read_role(name, section, defaults, mistakes)));
        }
    }
    if names.is_empty() {
        root.report("roles", "there is no role", "add one, such as [roles.student]");
    }
    (names, roles)
}

/// Whether it is a name of ours.
pub(super) fn is_slug(name: &str) -> bool {
    let fit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(fit)
}

fn read_role(
    name: String,
    mut section: Section<'_>,
    defaults: &Defaults<'_>,
    mistakes: &Mistakes,
) -> Option<Role> {
    let self_assignable = section.boolean("self_assignable").unwrap_or(false);
    let settings = Settings::read(&mut section, &defaults.settings, defaults.given);
    let own = sources(&mut section);
    let texts =
        Texts::compile(&section, &name, [&own, &defaults.texts], defaults.language.as_deref(), mistakes);
    section.finish(|key| DEFAULTS_ONLY.contains(&key).then_some("[defaults]"));
    Some(Role { name, self_assignable, settings, texts: texts? })
}

/// The default role's name, if it is one of the roles.
fn default_role<'d>(defaults: &'d Defaults<'_>, names: &[String], mistakes: &Mistakes) -> Option<&'d str> {
    const AT: &str = "defaults.default_role";
    let all = names.join(", ");
    let Some(role) = defaults.role.as_deref() else {
        let first = names.first().map_or("student", String::as_str);
        mistakes.report(AT, "names no role", format!("add default_role = \"{first}\" under [defaults]"));
        return None;
    };
    if !names.iter().any(|name| name == role) {
        let meant =
            near(role, names.iter().map(String::as_str)).map(|meant| format!("did you mean \"{meant}\"?"));
        let mend = meant.unwrap_or_else(|| format!("use one of the roles: {all}"));
        mistakes.report(AT, format!("{role:?} is not a role of this file"), mend);
        return None;
    }
    Some(role)
}
