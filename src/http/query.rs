//! Strict queries: parameters that are not known, and values that can't be read, are refused by name.

use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::web;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::kernel::code::Code;

/// Pages have so many rows where the query doesn't say.
const ROWS: u16 = 50;

/// Pages have so many rows at most.
const MOST_ROWS: u16 = 500;

/// The parameters of a request, as they came. An operation lists those it takes; each may be there once.
pub(super) fn read<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    match web::Query::<T>::from_query(request.query_string()) {
        Ok(query) => Ok(query.into_inner()),
        Err(error) => {
            let said = error.to_string();
            let what = said.rsplit_once("error: ").map_or(said.as_str(), |(_, what)| what);
            let what: String = what.chars().take(200).collect();
            Err(Problem::new(
                Code::InvalidRequest,
                format!("The query is not what this operation takes: {what}."),
            ))
        }
    }
}

/// How many rows a page has, 1 to 500.
pub(super) fn limit(written: Option<&str>) -> Result<u16, Problem> {
    let bad = || Problem::invalid("limit", format!("A page has 1 to {MOST_ROWS} rows."));
    let limit = written.map_or(Ok(ROWS), |text| text.parse().map_err(|_| bad()))?;
    if (1..=MOST_ROWS).contains(&limit) { Ok(limit) } else { Err(bad()) }
}

/// A time, by RFC 3339.
pub(super) fn time(param: &'static str, written: Option<&str>) -> Result<Option<DateTime<Utc>>, Problem> {
    let Some(text) = written else { return Ok(None) };
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => Ok(Some(time.to_utc())),
        Err(_) => Err(Problem::invalid(
            param,
            format!(
                "Write `{param}` as RFC 3339 has it: 2026-11-20T12:00:00Z, or with an offset (its + as %2B)."
            ),
        )),
    }
}

/// Where the last page ended.
pub(super) fn cursor<T: FromStr>(written: Option<&str>) -> Result<Option<T>, Problem> {
    let bad = |_| Problem::invalid("cursor", "Send `next_cursor` of the page before, as it is.");
    written.map(|text| text.parse().map_err(bad)).transpose()
}

/// Where the next page begins, by the last row of this one; none where this one is not full.
pub(super) fn next_cursor<T>(rows: &[T], limit: u16, cursor: impl FnOnce(&T) -> String) -> Option<String> {
    rows.last().filter(|_| rows.len() == usize::from(limit)).map(cursor)
}
