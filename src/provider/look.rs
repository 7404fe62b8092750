//! A look at the provider that costs nothing: its list of models.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::error::{ProviderError, refusal};
use crate::net::header::{DATE, HeaderMap};

/// What the provider answers when it is asked for its models.
#[derive(Debug)]
pub struct Look {
    /// Its clock, to the second.
    pub date: Option<DateTime<Utc>>,
    /// The models that the key may use, or why they are not told.
    pub models: Result<Vec<Model>, ProviderError>,
}

/// A model of the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its name.
    pub id: String,
    /// When it is shut down, where that is known.
    pub shutdown_date: Option<NaiveDate>,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    #[serde(default)]
    shutdown_date: Value,
}

impl Look {
    /// Reads a whole answer.
    pub(super) fn read(status: u16, date: Option<DateTime<Utc>>, body: &[u8]) -> Self {
        let models = match serde_json::from_slice::<List>(body) {
            _ if status != 200 => Err(refusal(status, None, body)),
            Ok(list) => Ok(list.data.into_iter().map(Model::from).collect()),
            Err(_) => Err(ProviderError::Unreadable("not a list of models")),
        };
        Self { date, models }
    }
}

impl From<Item> for Model {
    fn from(item: Item) -> Self {
        let day = match &item.shutdown_date {
            // `2027-01-20`, also with a time behind it.
            Value::String(text) => text.get(..10).and_then(|day| day.parse().ok()),
            Value::Number(seconds) => seconds
                .as_i64()
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
                .map(|at| at.date_naive()),
            _ => None,
        };
        Self { id: item.id, shutdown_date: day }
    }
}

/// The `Date` of an answer.
pub(super) fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shutdown_date_is_read_in_every_form_it_may_have() {
        let body = br#"{"object":"list","data":[{"id":"a","shutdown_date":"2027-01-20"},{"id":"b","shutdown_date":1800403200},
            {"id":"c","shutdown_date":"2027-01-20T00:00:00Z"},{"id":"d","shutdown_date":null},{"id":"e"},
            {"id":"f","shutdown_date":"soon"}]}"#;
        let models = Look::read(200, None, body).models.unwrap();
        let days: Vec<_> =
            models.iter().map(|model| model.shutdown_date.map(|day| day.to_string())).collect();
        let day = Some("2027-01-20".to_owned());
        assert_eq!(days, [day.clone(), day.clone(), day, None, None, None]);
    }

    #[test]
    fn what_is_no_list_is_no_list() {
        assert!(matches!(Look::read(200, None, b"{}").models, Err(ProviderError::Unreadable(_))));
        let refused = Look::read(401, None, br#"{"data":[]}"#).models;
        assert!(matches!(refused, Err(ProviderError::Rejected { status: 401, .. })));
    }
}
