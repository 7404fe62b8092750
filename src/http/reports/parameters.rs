//! The parameters of a report. One that is not known is refused, and so is one that this report doesn't take.

use actix_web::web::Query as QueryString;
use chrono::{DateTime, Utc};

use crate::http::problem::{Problem, sentence};
use crate::kernel::code::Code;
use crate::kernel::spelling::near;
use crate::usage::reports::{Asked, Kind, Query};

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

    fn asked(&self) -> Asked<'_> {
        Asked {
            from: self.get("from"),
            to: self.get("to"),
            tz: self.get("tz"),
            role: self.get("role"),
            user: self.get("user"),
            group_by: self.get("group_by"),
            limit: self.get("limit"),
            cursor: self.get("cursor"),
        }
    }
}

/// What is asked for.
pub(super) fn read(report: &str, query: &str, now: DateTime<Utc>) -> Result<Query, Problem> {
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.as_str() == report) else {
        let known = Kind::ALL.map(Kind::as_str).join(", ");
        return Err(Problem::new(Code::NotFound, format!("There is no such report. Known are {known}.")));
    };
    let given = Parameters::read(query)?;
    given.asked().of(kind, now).map_err(|error| Problem::invalid(error.param(), sentence(&error)))
}
