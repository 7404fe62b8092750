//! How `[[alerts]]` are read.

use chrono::TimeDelta;

use super::super::budget::{Budget, amount};
use super::super::file::is_slug;
use super::super::mistake::near;
use super::super::prices::Prices;
use super::super::reader::Section;
use super::{AlertRule, Condition, Per, Refused, Usual};

/// Windows of what is counted by quarters of an hour, in minutes. Each divides the day.
const QUARTERLY: [i64; 9] = [15, 30, 60, 120, 180, 240, 360, 720, 1440];

/// Windows of what is counted by the minute. Each divides the hour.
const MINUTELY: [i64; 9] = [1, 2, 3, 5, 10, 15, 20, 30, 60];

/// The most that anything is counted to.
const MOST: i64 = 1_000_000;

/// Reads all of them.
pub(in super::super) fn alerts(root: &mut Section<'_>, prices: &Prices, budget: &Budget) -> Vec<AlertRule> {
    let items = root.array("alerts", "tables that begin with [[alerts]]").unwrap_or_default();
    let sections: Vec<_> =
        items.into_iter().enumerate().filter_map(|(n, item)| root.item("alerts", n, item)).collect();
    let mut rules: Vec<AlertRule> = Vec::with_capacity(sections.len());
    for mut section in sections {
        let name = name(&mut section, &rules);
        let condition = condition(&mut section, prices, budget);
        section.finish(|_| None);
        if let (Some(name), Some(condition)) = (name, condition) {
            rules.push(AlertRule { name, condition });
        }
    }
    rules
}

fn name(section: &mut Section<'_>, others: &[AlertRule]) -> Option<String> {
    if !section.has("name") {
        section.report("name", "is missing", "write a name of its own, such as name = \"daily-cost\"");
    }
    let name = section.text("name")?;
    if !is_slug(&name) {
        section.report("name", format!("{name:?} is no name for a rule"), "use 1 to 64 of a-z, 0-9, _ and -");
    }
    if others.iter().any(|other| other.name == name) {
        section.report("name", format!("another rule is called {name:?} too"), "give each rule its own name");
    }
    Some(name)
}

fn condition(section: &mut Section<'_>, prices: &Prices, budget: &Budget) -> Option<Condition> {
    let known = || format!("write one of {}", Condition::KINDS.join(", "));
    if !section.has("kind") {
        section.report("kind", "is missing", known());
    }
    let kind = section.text("kind")?;
    match kind.as_str() {
        "cost" => cost(section, prices, budget),
        "error_rate" => error_rate(section),
        "refusals" => refusals(section),
        "rapid_minting" => rapid_minting(section),
        "unusual_use" => unusual_use(section),
        "failed_authentications" => failed_authentications(section),
        "key_rotation_due" => Some(Condition::KeyRotationDue),
        other => {
            let meant = near(other, Condition::KINDS).map(|meant| format!("did you mean \"{meant}\"?"));
            section.report("kind", format!("{other:?} is not a kind of alert"), meant.unwrap_or_else(known));
            // Which keys it has, only its kind says.
            section.entries();
            None
        }
    }
}

fn cost(section: &mut Section<'_>, prices: &Prices, budget: &Budget) -> Option<Condition> {
    if !section.has("per") {
        section.report("per", "is missing", "write per = \"day\", or \"hour\" or \"month\"");
    }
    if prices.is_empty() {
        section.report("kind", "there are no prices to reckon by", "add [prices], or take the rule out");
    }
    let words = [("hour", Per::Hour), ("day", Per::Day), ("month", Per::Month)];
    let per = section.word("per", &words);
    if section.has("over") == section.has("share_of_budget") {
        let mend = "write over = 10.0, an amount, or share_of_budget = 0.8, and not both";
        section.report("over", "it has to be said over what", mend);
    }
    let over = amount(section, "over");
    let share = section.number("share_of_budget", 0.01..=10.0);
    let per = per?;
    let over = over.or_else(|| share_of_budget(section, share?, per, budget))?;
    Some(Condition::Cost { per, over })
}

/// A share of the budget, in millionths.
fn share_of_budget(section: &Section<'_>, share: f64, per: Per, budget: &Budget) -> Option<i64> {
    let (whole, mend) = match per {
        Per::Hour => (None, "write per = \"day\" or \"month\", or an amount: over = 1.0"),
        Per::Day => (budget.day, "write day = 10.0 under [budget], or whatever it is"),
        Per::Month => (budget.month, "write month = 200.0 under [budget], or whatever it is"),
    };
    if whole.is_none() {
        section.report("share_of_budget", "there is no budget for this time", mend);
    }
    // No budget has more than 10^15 millionths.
    whole.map(|whole| (whole as f64 * share).round() as i64)
}

fn error_rate(section: &mut Section<'_>) -> Option<Condition> {
    needs(section, "over", "write the share of mints that may fail, such as over = 0.1");
    let over = section.number("over", 0.0..=0.99);
    let at_least = section.integer("at_least", 1..=MOST).unwrap_or(20);
    let window = window(section, &QUARTERLY);
    Some(Condition::ErrorRate { over: over?, at_least, window: window? })
}

fn refusals(section: &mut Section<'_>) -> Option<Condition> {
    if section.has("over") == section.has("times") {
        let mend = "write over = 100, a number, or times = 5.0, so many times the mean of the last seven days, and not both";
        section.report("over", "it has to be said over what", mend);
    }
    let count = section.integer("over", 1..=MOST).map(Refused::Count);
    let times = section.number("times", 1.0..=1000.0);
    let at_least = match times {
        Some(_) => section.integer("at_least", 1..=MOST).unwrap_or(20),
        None => 0,
    };
    let window = window(section, &QUARTERLY);
    let over = count.or(times.map(|times| Refused::TimesMean { times, at_least }));
    Some(Condition::Refusals { over: over?, window: window? })
}

fn rapid_minting(section: &mut Section<'_>) -> Option<Condition> {
    needs(section, "over", "write how often one user may mint in a window, such as over = 20");
    let over = section.integer("over", 1..=MOST);
    let window = window(section, &MINUTELY);
    Some(Condition::RapidMinting { over: over?, window: window? })
}

fn failed_authentications(section: &mut Section<'_>) -> Option<Condition> {
    needs(section, "over", "write how many refused credentials may come from one address, such as over = 50");
    let over = section.integer("over", 1..=MOST);
    let window = window(section, &MINUTELY);
    Some(Condition::FailedAuthentications { over: over?, window: window? })
}

fn unusual_use(section: &mut Section<'_>) -> Option<Condition> {
    needs(section, "times", "write times = 3.0: so many times what is usual");
    let times = section.number("times", 1.0..=1000.0);
    let words = [("own", Usual::Own), ("everybody", Usual::Everybody)];
    let of = if section.has("of") { section.word("of", &words) } else { Some(Usual::Own) };
    let at_least = section.integer("at_least", 1..=MOST).unwrap_or(20);
    Some(Condition::UnusualUse { times: times?, of: of?, at_least })
}

fn needs(section: &Section<'_>, key: &str, mend: &str) {
    if !section.has(key) {
        section.report(key, "is missing", mend);
    }
}

/// `window`, in minutes; an hour where nothing is said.
fn window(section: &mut Section<'_>, known: &[i64]) -> Option<TimeDelta> {
    if !section.has("window") {
        return Some(TimeDelta::hours(1));
    }
    let minutes: i64 = section.integer("window", 1..=1440)?;
    if known.contains(&minutes) {
        return Some(TimeDelta::minutes(minutes));
    }
    let all: Vec<_> = known.iter().map(ToString::to_string).collect();
    section.report(
        "window",
        format!("{minutes} minutes are no window"),
        format!("write one of {}", all.join(", ")),
    );
    None
}

#[cfg(test)]
mod tests {
    use super::super::super::{Mistake, Policy};
    use super::*;

    const REST: &str = "
        defaults.default_role = 'r'
        defaults.instructions.en = 'Speak.'
        roles.r.hourly_tokens = 1
    ";

    const MONEY: &str = "
        prices = { currency = 'EUR', models = { m = { minutes = 5, per_minute = 0.06 } } }
        budget = { day = 10, month = 200.5, tz = 'Europe/Madrid' }
    ";

    fn load(rules: &str) -> Result<Policy, Vec<String>> {
        let told = |mistakes: Vec<Mistake>| mistakes.iter().map(ToString::to_string).collect();
        Policy::load(&format!("{REST}{rules}")).map_err(told)
    }

    fn one(rule: &str) -> Condition {
        let policy = load(&format!("{MONEY}alerts = [{{ name = 'a', {rule} }}]"));
        policy.unwrap_or_else(|mistakes| panic!("{rule}: {mistakes:?}")).alerts()[0].condition.clone()
    }

    #[test]
    fn rules_say_what_they_mean() {
        let minutes = TimeDelta::minutes;
        let cost = |per, over| Condition::Cost { per, over };
        for (rule, condition) in [
            ("kind = 'cost', per = 'hour', over = 2.5", cost(Per::Hour, 2_500_000)),
            ("kind = 'cost', per = 'day', share_of_budget = 0.8", cost(Per::Day, 8_000_000)),
            ("kind = 'cost', per = 'month', share_of_budget = 1", cost(Per::Month, 200_500_000)),
            (
                "kind = 'error_rate', over = 0.1, window = 15",
                Condition::ErrorRate { over: 0.1, at_least: 20, window: minutes(15) },
            ),
            (
                "kind = 'refusals', over = 100",
                Condition::Refusals { over: Refused::Count(100), window: minutes(60) },
            ),
            (
                "kind = 'refusals', times = 5, at_least = 7",
                Condition::Refusals {
                    over: Refused::TimesMean { times: 5.0, at_least: 7 },
                    window: minutes(60),
                },
            ),
            (
                "kind = 'rapid_minting', over = 9, window = 5",
                Condition::RapidMinting { over: 9, window: minutes(5) },
            ),
            (
                "kind = 'unusual_use', times = 3",
                Condition::UnusualUse { times: 3.0, of: Usual::Own, at_least: 20 },
            ),
            (
                "kind = 'unusual_use', times = 3, of = 'everybody', at_least = 5",
                Condition::UnusualUse { times: 3.0, of: Usual::Everybody, at_least: 5 },
            ),
            (
                "kind = 'failed_authentications', over = 50, window = 10",
                Condition::FailedAuthentications { over: 50, window: minutes(10) },
            ),
            ("kind = 'key_rotation_due'", Condition::KeyRotationDue),
        ] {
            assert_eq!(one(rule), condition, "{rule}");
        }
        assert_eq!(load(MONEY).unwrap().budget().tz, chrono_tz::Tz::Europe__Madrid);
        assert!(load("").unwrap().alerts().is_empty());
    }

    #[test]
    fn the_example_in_the_built_in_policy_is_right_once_it_is_uncommented() {
        let is_setting = |line: &&str| {
            let key = line.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == '_').trim_start();
            line.starts_with('[') || (key.len() < line.len() && key.starts_with('='))
        };
        let lines = Policy::BUILT_IN.lines().filter_map(|line| line.strip_prefix("# "));
        let settings: Vec<_> = lines.filter(is_setting).skip_while(|line| *line != "[prices]").collect();
        let policy = Policy::load(&format!("{}\n{}", Policy::BUILT_IN, settings.join("\n")));
        let policy = policy.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let kinds: Vec<_> = policy.alerts().iter().map(|rule| rule.condition.kind()).collect();
        assert_eq!(kinds, Condition::KINDS);
        assert_eq!(policy.budget().month, Some(200_000_000));
    }

    #[test]
    fn mistakes_in_rules_are_named() {
        for (rule, place) in [
            ("kind = 'cost', per = 'day', over = 1", "alerts[0].name"),
            ("name = 'A b', kind = 'rapid_minting', over = 1", "alerts[0].name"),
            ("name = 'a', over = 1", "alerts[0].kind"),
            ("name = 'a', kind = 'rapid_mintin', over = 1", "alerts[0].kind"),
            ("name = 'a', kind = 'key_rotation_due', over = 1", "alerts[0].over"),
            ("name = 'a', kind = 'cost', over = 1", "alerts[0].per"),
            ("name = 'a', kind = 'cost', per = 'week', over = 1", "alerts[0].per"),
            ("name = 'a', kind = 'cost', per = 'day'", "alerts[0].over"),
            ("name = 'a', kind = 'cost', per = 'day', over = 0", "alerts[0].over"),
            ("name = 'a', kind = 'cost', per = 'day', over = 1, share_of_budget = 1", "alerts[0].over"),
            ("name = 'a', kind = 'cost', per = 'hour', share_of_budget = 1", "alerts[0].share_of_budget"),
            ("name = 'a', kind = 'error_rate'", "alerts[0].over"),
            ("name = 'a', kind = 'error_rate', over = 1.5", "alerts[0].over"),
            ("name = 'a', kind = 'error_rate', over = 0.5, window = 25", "alerts[0].window"),
            ("name = 'a', kind = 'refusals'", "alerts[0].over"),
            ("name = 'a', kind = 'refusals', over = 5, at_least = 3", "alerts[0].at_least"),
            ("name = 'a', kind = 'refusals', over = 5, times = 3", "alerts[0].over"),
            ("name = 'a', kind = 'rapid_minting'", "alerts[0].over"),
            ("name = 'a', kind = 'rapid_minting', over = 1, window = 120", "alerts[0].window"),
            ("name = 'a', kind = 'unusual_use', of = 'own'", "alerts[0].times"),
            ("name = 'a', kind = 'unusual_use', times = 2, of = 'all'", "alerts[0].of"),
            ("name = 'a', kind = 'failed_authentications'", "alerts[0].over"),
            ("name = 'a', kind = 'failed_authentications', over = 1, per = 'day'", "alerts[0].per"),
        ] {
            let mistakes = load(&format!("{MONEY}alerts = [{{ {rule} }}]")).err();
            let mistakes = mistakes.unwrap_or_else(|| panic!("{rule} was taken"));
            assert!(mistakes.iter().any(|mistake| mistake.starts_with(place)), "{rule}: {mistakes:?}");
        }
        let twice = "{ name = 'a', kind = 'rapid_minting', over = 1 }";
        for (file, place) in [
            (format!("alerts = [{twice}, {twice}]"), "alerts[1].name"),
            ("alerts = 'all'".to_owned(), "alerts"),
            ("alerts = [{ name = 'a', kind = 'cost', per = 'day', over = 1 }]".to_owned(), "alerts[0].kind"),
            (MONEY.replace("day = 10", "week = 10"), "budget.week"),
            ("budget.day = 1".to_owned(), "budget"),
            ("budget.tz = 'Mars/Olympus'".to_owned(), "budget.tz"),
            (MONEY.replace("day = 10", "day = -10"), "budget.day"),
        ] {
            let mistakes = load(&file).err().unwrap_or_else(|| panic!("{file} was taken"));
            assert!(mistakes.iter().any(|mistake| mistake.starts_with(place)), "{file}: {mistakes:?}");
        }
    }
}
