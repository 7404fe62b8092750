//! `[prices]`: what sessions are taken to cost, for estimates.

use std::collections::BTreeMap;

use super::reader::Section;
use crate::store::reports::MintFact;

/// The dearest minute that makes sense, in whatever currency.
const MAX_PER_MINUTE: f64 = 1_000_000.0;

/// The longest session that the provider allows is an hour; leave it room.
const MAX_MINUTES: f64 = 1440.0;

pub(super) const MILLION: f64 = 1_000_000.0;

/// Prices by model. A model without one has none: it is never taken to be free.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prices {
    currency: String,
    models: BTreeMap<String, Price>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Price {
    minutes: f64,
    per_token_millionths: i64,
}

impl Prices {
    /// The currency, by the operator's own name for it; empty where there are no prices.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Whether no model has one.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// What these mints are taken to have cost the operator.
    pub fn spent(&self, facts: &[MintFact]) -> Spent {
        let mut spent = Spent::default();
        for fact in facts.iter().filter(|fact| fact.is_paid_by_operator()) {
            match self.per_token(&fact.model).and_then(|price| price.checked_mul(fact.count)) {
                Some(cost) => spent.millionths = spent.millionths.saturating_add(cost),
                None => spent.unpriced_tokens += fact.count,
            }
        }
        spent
    }

    /// How long a session with this model is taken to be, in minutes.
    pub fn minutes(&self, model: &str) -> Option<f64> {
        self.models.get(model).map(|price| price.minutes)
    }

    /// What a token for this model is taken to cost, in millionths of the currency.
    pub fn per_token(&self, model: &str) -> Option<i64> {
        self.models.get(model).map(|price| price.per_token_millionths)
    }
}

/// What was spent, by estimate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// In millionths of the currency.
    pub millionths: i64,
    /// Tokens for models without a price, which are not in it.
    pub unpriced_tokens: i64,
}

/// Reads them; the file may have none.
pub(super) fn prices(root: &mut Section<'_>) -> Prices {
    let Some(mut section) = root.section("prices") else {
        return Prices::default();
    };
    let currency = section.text("currency");
    let fits = |name: &String| name.len() == 3 && name.bytes().all(|b| b.is_ascii_uppercase());
    if !currency.as_ref().is_some_and(fits) {
        section.report("currency", "is no currency", "write its three capitals, such as currency = \"USD\"");
    }
    let mut found = BTreeMap::new();
    match section.section("models") {
        Some(mut models) => {
            for (name, value) in models.entries() {
                let price = models.entry(&name, value).and_then(price);
                found.extend(price.map(|price| (name, price)));
            }
        }
        None => section.report("models", "is missing", "add [prices.models.\"<name>\"] for each model"),
    }
    section.finish(|_| None);
    Prices { currency: currency.unwrap_or_default(), models: found }
}

fn price(mut section: Section<'_>) -> Option<Price> {
    for key in ["minutes", "per_minute"] {
        if !section.has(key) {
            section.report(key, "is missing", format!("write {key} = 0.5, or whatever it is"));
        }
    }
    let minutes = section.number("minutes", 0.0..=MAX_MINUTES);
    let per_minute = section.number("per_minute", 0.0..=MAX_PER_MINUTE);
    section.finish(|_| None);
    let (minutes, per_minute) = (minutes?, per_minute?);
    // Below 10^16: far from the bounds of the type.
    Some(Price { minutes, per_token_millionths: (minutes * per_minute * MILLION).round() as i64 })
}

#[cfg(test)]
mod tests {
    use super::super::Policy;

    fn load(prices: &str) -> Result<Policy, Vec<String>> {
        let rest =
            "defaults.default_role = 'r'\ndefaults.instructions.en = 'Speak.'\nroles.r.hourly_tokens = 1\n";
        Policy::load(&format!("{rest}{prices}"))
            .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn prices_are_by_model_and_exact() {
        let policy = load(
            "prices = { currency = 'EUR', models = { 'gpt-realtime-2.1' = { minutes = 2.5, per_minute = 0.061 }, free = { minutes = 5, per_minute = 0 } } }",
        );
        let policy = policy.unwrap();
        let prices = policy.prices();
        assert_eq!((prices.currency(), prices.per_token("gpt-realtime-2.1")), ("EUR", Some(152_500)));
        assert_eq!((prices.per_token("free"), prices.per_token("another")), (Some(0), None));
        assert_eq!(load("").unwrap().prices().per_token("gpt-realtime-2.1"), None);
    }

    #[test]
    fn mistakes_in_prices_are_named() {
        for (prices, place) in [
            ("prices = {}", "prices.currency"),
            ("prices = { currency = 'euro', models = {} }", "prices.currency"),
            ("prices = { currency = 'EUR' }", "prices.models"),
            ("prices = { currency = 'EUR', models = { m = { minutes = 5 } } }", "prices.models.m.per_minute"),
            (
                "prices = { currency = 'EUR', models = { m = { minutes = -5, per_minute = 1 } } }",
                "prices.models.m.minutes",
            ),
            (
                "prices = { currency = 'EUR', models = { m = { minutes = 5, per_minute = 1, x = 1 } } }",
                "prices.models.m.x",
            ),
            ("prices = { currency = 'EUR', models = {}, per_minute = 1 }", "prices.per_minute"),
        ] {
            let mistakes = load(prices).err().unwrap_or_else(|| panic!("{prices} was taken"));
            assert!(mistakes.iter().any(|mistake| mistake.starts_with(place)), "{prices}: {mistakes:?}");
        }
    }
}
