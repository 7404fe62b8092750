//! An alert as answers, messages and the command have it.

use serde::Serialize;
use serde_json::{Number, Value};

use crate::kernel::clock::rfc3339;
use crate::store::AlertRow;

/// What is said of an alert.
#[derive(Debug, Clone, Serialize)]
pub struct ShownAlert {
    /// Its name.
    pub id: String,
    /// The rule that it comes of.
    pub rule: String,
    /// The rule's kind.
    pub kind: String,
    /// The user or address that it is about.
    pub subject: Option<String>,
    /// From when on it was looked.
    pub window_start: String,
    /// Until when.
    pub window_end: String,
    /// When it was raised.
    pub raised_at: String,
    /// What was found.
    pub value: Value,
    /// What it is over.
    pub threshold: Value,
    /// The same in a sentence.
    pub summary: String,
}

/// The same with what became of its delivery.
#[derive(Debug, Clone, Serialize)]
pub struct ListedAlert {
    /// The alert.
    #[serde(flatten)]
    pub alert: ShownAlert,
    /// `none`, `pending`, `delivered` or `given_up`.
    pub delivery: String,
    /// When it was delivered.
    pub delivered_at: Option<String>,
}

impl From<&AlertRow> for ShownAlert {
    fn from(row: &AlertRow) -> Self {
        Self {
            id: row.id.0.to_string(),
            rule: row.rule.clone(),
            kind: row.kind.clone(),
            subject: row.subject.clone(),
            window_start: rfc3339(row.window_start),
            window_end: rfc3339(row.window_end),
            raised_at: rfc3339(row.raised_at),
            value: number(row.value),
            threshold: number(row.threshold),
            summary: row.summary.clone(),
        }
    }
}

impl From<&AlertRow> for ListedAlert {
    fn from(row: &AlertRow) -> Self {
        Self {
            alert: ShownAlert::from(row),
            delivery: row.delivery.clone(),
            delivered_at: row.delivered_at.map(rfc3339),
        }
    }
}

/// Whole numbers without a point, as counts are written.
fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        return (value as i64).into();
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
