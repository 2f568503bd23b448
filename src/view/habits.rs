//! What can be set about a client, as choices in plain words, each with the change that it stands for.

use super::choice::{Choice, values};
use crate::time::{MILLISECOND, Nanos, SECOND};
use crate::traffic::{ClientChange, ClientSetting, Pattern, Retries};

/// Requests of a burst, and workers of a closed loop.
const MANY: u32 = 10;
/// Pause of a worker between two requests.
const THINK: Nanos = 200 * MILLISECOND;
const TIMEOUTS: [(&str, Nanos); 4] =
    [("0.5 s", 500 * MILLISECOND), ("2 s", 2 * SECOND), ("10 s", 10 * SECOND), ("30 s", 30 * SECOND)];
const HELD: [(&str, Nanos); 3] = [("not at all", 0), ("30 s", 30 * SECOND), ("for ever", Nanos::MAX)];
const HEDGES: [(&str, Option<Nanos>); 3] =
    [("never", None), ("after 20 ms", Some(20 * MILLISECOND)), ("after 0.2 s", Some(200 * MILLISECOND))];

/// All choices about a client.
pub fn choices(setting: &ClientSetting) -> Vec<Choice<ClientChange>> {
    vec![pattern(setting), connections(setting), timeout(setting), attempts(setting), hedge(setting), held(setting)]
}

fn pattern(setting: &ClientSetting) -> Choice<ClientChange> {
    let rate = match setting.pattern.rate_milli() {
        0 => 5000,
        rate => rate,
    };
    let span = 1000 * SECOND / rate;
    let ways = [
        ("at equal distances", Pattern::Every(span)),
        ("at random moments", Pattern::Poisson(span)),
        ("ten at a time", Pattern::Bursts { size: MANY, every: span * u64::from(MANY) }),
        ("each after the last answer", Pattern::Sequence),
        ("from ten workers that wait for answers", Pattern::Loop { workers: MANY, think: THINK }),
    ];
    let same = |way: &Pattern| std::mem::discriminant(way) == std::mem::discriminant(&setting.pattern);
    let chosen = ways.iter().position(|(_, way)| same(way));
    let options = ways.into_iter().map(|(words, way)| (words, ClientChange::Pattern(way))).collect();
    Choice { label: "requests come", options, chosen }
}

fn connections(setting: &ClientSetting) -> Choice<ClientChange> {
    let ways = [("a new one each", false, 1), ("one that is kept", true, 1), ("one for ten at once, as HTTP/2", true, MANY)];
    let now = (setting.keep_alive, if setting.keep_alive { setting.habits.streams } else { 1 });
    let chosen = ways.iter().position(|(_, keep, streams)| (*keep, *streams) == now);
    let change = |keep, streams| ClientChange::All(vec![ClientChange::KeepAlive(keep), ClientChange::Streams(streams)]);
    let options = ways.into_iter().map(|(words, keep, streams)| (words, change(keep, streams))).collect();
    Choice { label: "connections", options, chosen }
}

fn timeout(setting: &ClientSetting) -> Choice<ClientChange> {
    values("time-out", &TIMEOUTS, setting.timeout, ClientChange::Timeout)
}

fn attempts(setting: &ClientSetting) -> Choice<ClientChange> {
    let change = |most| ClientChange::Retries(Retries { most, ..Retries::default() });
    values("more attempts", &[("none", 0), ("1", 1), ("3", 3)], setting.habits.retries.most, change)
}

fn hedge(setting: &ClientSetting) -> Choice<ClientChange> {
    values("a second beside the first", &HEDGES, setting.habits.hedge_after, ClientChange::HedgeAfter)
}

fn held(setting: &ClientSetting) -> Choice<ClientChange> {
    values("keeps DNS answers", &HELD, setting.holds_name, ClientChange::HoldsName)
}

#[cfg(test)]
mod tests {
    use crate::lab::{Command, Lab};
    use crate::time::SECOND;

    #[test]
    fn every_choice_that_is_made_is_the_one_that_is_shown() {
        let mut lab = Lab::start("first", 1);
        let now = |lab: &Lab| super::choices(&lab.traffic().client("curl-1").unwrap().setting);
        assert!(now(&lab).iter().all(|choice| choice.chosen == Some(if choice.label == "time-out" { 1 } else { 0 })));
        for (i, choice) in now(&lab).into_iter().enumerate() {
            for (n, (words, change)) in choice.options.into_iter().enumerate() {
                lab.apply(Command::ChangeClient { client: "curl-1".into(), change });
                assert_eq!(now(&lab)[i].chosen, Some(n), "{}: {words}", choice.label);
                lab.advance(lab.now() + SECOND, u64::MAX);
            }
        }
    }
}
