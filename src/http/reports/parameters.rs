//! The parameters of a report. One that is not known is refused, and so is one that this report doesn't take.

use actix_web::web::Query as QueryString;
use chrono::{DateTime, Utc};

use crate::http::problem::Problem;
use crate::kernel::code::Code;
use crate::kernel::spelling::near;
use crate::store::reports::Which;
use crate::usage::reports::{Bounds, Cursor, Group, Kind, Query, Window};

/// Users on a page where nothing else is asked for, and at most.
const PAGE: u32 = 100;
const MAX_PAGE: u32 = 1000;

/// The longest name that is looked for.
const MAX_NAME_BYTES: usize = 600;

const KNOWN: [&str; 8] = ["from", "to", "tz", "role", "user", "group_by", "limit", "cursor"];

/// The parameters as they came, each once.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn read(text: &str) -> Result<Self, Problem> {
        let pairs = QueryString::<Vec<(String, String)>>::from_query(text)
            .map_err(|_| Problem::new(Code::InvalidRequest, "The query can't be read."))?
            .into_inner();
        for (n, (name, value)) in pairs.iter().enumerate() {
            if !KNOWN.contains(&name.as_str()) {
                let meant =
                    near(name, KNOWN).map(|meant| format!(" Did you mean `{meant}`?")).unwrap_or_default();
                let detail = format!("There is no such parameter.{meant} Known are {}.", KNOWN.join(", "));
                return Err(Problem::invalid(name.chars().take(40).collect::<String>(), detail));
            }
            if pairs.iter().take(n).any(|(other, _)| other == name) {
                return Err(Problem::invalid(name.clone(), "It is there twice."));
            }
            if value.len() > MAX_NAME_BYTES || value.chars().any(char::is_control) {
                return Err(Problem::invalid(name.clone(), "It is too long, or has control characters."));
            }
        }
        Ok(Self(pairs))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What is asked for.
pub(super) fn read(report: &str, query: &str, now: DateTime<Utc>) -> Result<Query, Problem> {
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.as_str() == report) else {
        let known = Kind::ALL.map(Kind::as_str).join(", ");
        return Err(Problem::new(Code::NotFound, format!("There is no such report. Known are {known}.")));
    };
    let given = Parameters::read(query)?;
    let bounds = Bounds { from: given.get("from"), to: given.get("to"), tz: given.get("tz") };
    let window = Window::read(kind, bounds, now)
        .map_err(|error| Problem::invalid(error.param(), format!("It can't be: {error}.")))?;
    refuse_what_it_does_not_take(kind, &given)?;
    let text = |name| given.get(name).map(str::to_owned);
    Ok(Query {
        kind,
        window,
        which: Which { role: text("role"), user: text("user") },
        group_by: group_by(kind, given.get("group_by"))?,
        limit: limit(given.get("limit"))?,
        cursor: cursor(given.get("cursor"))?,
        now,
    })
}

fn refuse_what_it_does_not_take(kind: Kind, given: &Parameters) -> Result<(), Problem> {
    let refused: &[&str] = match kind {
        Kind::Users => &["user", "group_by"],
        Kind::Latency => &["user", "limit", "cursor"],
        _ => &["limit", "cursor"],
    };
    match refused.iter().find(|name| given.get(name).is_some()) {
        Some(name) => {
            Err(Problem::invalid(*name, format!("The report `{}` does not take it.", kind.as_str())))
        }
        None => Ok(()),
    }
}

fn group_by(kind: Kind, text: Option<&str>) -> Result<Option<Group>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let found = kind.groups().iter().find(|group| group.as_str() == text).copied();
    found.map(Some).ok_or_else(|| {
        let known: Vec<_> = kind.groups().iter().map(|group| group.as_str()).collect();
        let detail = match known.as_slice() {
            [] => format!("The report `{}` is not grouped any further.", kind.as_str()),
            known => format!("The report `{}` is grouped by {}.", kind.as_str(), known.join(", ")),
        };
        Problem::invalid("group_by", detail)
    })
}

fn limit(text: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(PAGE) };
    let number = text.parse().ok().filter(|number| (1..=MAX_PAGE).contains(number));
    number.ok_or_else(|| Problem::invalid("limit", format!("Write a whole number from 1 to {MAX_PAGE}.")))
}

fn cursor(text: Option<&str>) -> Result<Option<Cursor>, Problem> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Problem::invalid("cursor", "Send `next_cursor` as it came, with the parameters that it came for.")
    })
}
