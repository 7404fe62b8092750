//! What was spent, by estimate, against the budget.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::Alerts;
use super::window::Window;
use crate::kernel::calendar::{day_of, month_of};
use crate::policy::{Policy, Spent};
use crate::store::StoreError;
use crate::store::reports::Which;

/// The budget, and what is spent of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Spending {
    /// The currency; none where there are no prices.
    pub currency: Option<String>,
    /// The zone whose day and month they are.
    pub tz: Tz,
    /// The day and the month that it is.
    pub spans: [Span; 2],
}

/// A time for which there may be a budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// `day` or `month`
    pub per: &'static str,
    /// It begins.
    pub from: DateTime<Utc>,
    /// It ends.
    pub to: DateTime<Utc>,
    /// What may be spent, in millionths; none where that is not said.
    pub amount: Option<i64>,
    /// What was spent up to now.
    pub spent: Spent,
}

impl Alerts {
    /// What was spent on the day and in the month that it is, in this zone or the budget's own.
    pub async fn spending(&self, tz: Option<Tz>) -> Result<Spending, StoreError> {
        let (policy, now) = (self.policy.take(), self.clock.now());
        let budget = policy.budget();
        let tz = tz.unwrap_or(budget.tz);
        let span = async |per, (from, to), amount| {
            let spent = self.spent(&policy, Window { from, to }).await?;
            Ok::<_, StoreError>(Span { per, from, to, amount, spent })
        };
        let spans = [
            span("day", day_of(now, tz), budget.day).await?,
            span("month", month_of(now, tz), budget.month).await?,
        ];
        let currency = policy.prices().currency();
        Ok(Spending { currency: (!currency.is_empty()).then(|| currency.to_owned()), tz, spans })
    }

    /// What tokens of this time are taken to cost.
    pub(super) async fn spent(&self, policy: &Policy, window: Window) -> Result<Spent, StoreError> {
        let facts = self.store.mint_facts(&[window.from, window.to], &Which::default()).await?;
        Ok(policy.prices().spent(&facts))
    }
}
