//! The provider fails, under load.

mod answers;
mod names;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ephemint::kernel::clock::{Clock, SystemClock};
use ephemint::kernel::code::Code;
use ephemint_test_support::ServiceProcess;

use crate::load::{Load, Shot};
use crate::site::Site;

const CLIENTS: usize = 12;

/// Failures that are seen of each fault, at least.
const SEEN: usize = 30;

/// Load on a service, through one fault after another.
struct Siege<'a> {
    site: &'a Site,
    service: &'a ServiceProcess,
    shots: Vec<Shot>,
}

/// What a fault makes of a mint.
#[derive(Debug, Clone, Copy)]
struct Made {
    code: Code,
    outcome: &'static str,
}

impl<'a> Siege<'a> {
    fn of(site: &'a Site, service: &'a ServiceProcess) -> Self {
        Self { site, service, shots: Vec::new() }
    }

    /// Begins a fault under load and ends it; gives what was asked meanwhile, and when it ended.
    async fn meet(&mut self, begin: impl FnOnce(), end: impl FnOnce(), made: Made) -> (Vec<Shot>, Instant) {
        let load = Load::start(&[self.service.base()], CLIENTS);
        load.until_tokens(CLIENTS).await;
        begin();
        load.until(SEEN, |shot| failed_as(shot, made.code)).await;
        end();
        let ended = SystemClock.instant();
        load.until_tokens(CLIENTS).await;
        let shots = load.stop().await;
        expect_outcomes(self.site, &shots, made).await;
        self.shots.extend(shots.iter().cloned());
        (shots, ended)
    }
}

fn failed_as(shot: &Shot, code: Code) -> bool {
    shot.answer.as_ref().is_ok_and(|answer| answer.code() == code.as_str())
}

/// Waits until each mint's outcome is written: what failed ended like this, what did not was issued.
async fn expect_outcomes(site: &Site, shots: &[Shot], made: Made) {
    let mut wrong = outcomes_that_differ(site, shots, made).await;
    for _ in 0..100 {
        if wrong.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        wrong = outcomes_that_differ(site, shots, made).await;
    }
    panic!("{} mints that met {made:?} ended otherwise: {:?}", wrong.len(), wrong.first());
}

async fn outcomes_that_differ(site: &Site, shots: &[Shot], made: Made) -> Vec<String> {
    let sql = "SELECT request_id || '|' || outcome || '|' || coalesce(error_code, '') FROM mints";
    let rows = site.database.texts(sql).await;
    let rows: HashMap<_, _> = rows.iter().filter_map(|row| row.split_once('|')).collect();
    let failed = format!("{}|{}", made.outcome, made.code.as_str());
    let differs = |shot: &Shot| {
        let expected = match shot.status() {
            200 => Some("issued|"),
            429 => None,
            _ => Some(failed.as_str()),
        };
        let row = rows.get(shot.request_id.as_str()).copied();
        (row != expected).then(|| format!("{} ({}): {row:?}", shot.request_id, shot.status()))
    };
    shots.iter().filter_map(differs).collect()
}
