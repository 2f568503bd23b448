//! Words that are put together from names and numbers.

use crate::lab::{Fared, Way};
use crate::time::{Nanos, SECOND};
use crate::view::{Behind, Fate, words};
use std::fmt::Display;

// What there is to do.

pub fn preset_of(number: usize, all: usize) -> String {
    format!("{number} of {all}")
}

pub fn done_of(done: usize, all: usize) -> String {
    format!("{done} of {all} done")
}

/// A button that leads to another preset.
pub fn goes_to(words: &str, title: &str) -> String {
    format!("{words}: {title}")
}

// Workloads and traffic.

pub fn deployment(name: &str) -> String {
    format!("Deployment {name}")
}

pub fn ready_of(ready: i32, wanted: i32) -> String {
    format!("{ready}/{wanted} ready")
}

pub fn per_second(rate: impl Display) -> String {
    format!("{rate}/s")
}

// The scene.

pub fn service(name: &str) -> String {
    format!("Service {name}")
}

pub fn client(name: &str, detail: &str, rate: &str, failing: bool) -> String {
    format!("Client {name}, {detail}, {rate}{}", if failing { ", failing" } else { "" })
}

pub fn rate_of_pod(restarts: i32, rate: u64) -> String {
    if restarts > 0 { format!("↻{restarts} · {rate} rps") } else { format!("{rate} rps") }
}

pub fn one_of(what: &str, place: usize, all: usize, spoken: &str) -> String {
    format!("{what}. {place} of {all}: {spoken}")
}

/// An endpoint with the Pod that it leads to.
pub fn endpoint_of(address: &str, pod: &str) -> String {
    if pod.is_empty() { address.into() } else { format!("{address}, Pod {pod}") }
}

pub fn endpoints_on(count: usize, node: &str) -> String {
    format!("{} on {node}", words::counted(count, "endpoint"))
}

pub fn kube_proxies(count: usize) -> String {
    format!("kube-proxy × {count}")
}

pub fn share_in_sync(percent: usize) -> String {
    format!("{percent} percent of the nodes in sync")
}

pub fn oldest(behind: Behind, node: &str) -> String {
    format!("oldest {}, {node}", behind.lag())
}

pub fn endpoint_slices(count: usize) -> String {
    words::counted(count, "EndpointSlice")
}

pub fn listed(ready: usize, leaving: usize) -> String {
    format!("{ready} ready, {leaving} ending")
}

pub fn requests_a_second(rate: u64) -> String {
    format!("{rate} req/s")
}

pub fn share_answered(answered: u64, failed: u64) -> String {
    format!("{} answered", words::share((answered, failed)))
}

pub fn failed_a_second(failed: u64) -> String {
    format!("{failed} failed / s")
}

/// The button that puts a label on a Pod or a selector (`pod/…`, `service/…`).
pub fn put_on(label: &str, to: &str) -> String {
    format!("Put {label} on {}", to.replace('/', " "))
}

pub fn still(number: usize, now: Nanos) -> String {
    format!("Still {number} · {}", words::clock(now))
}

// The chart.

pub const MOMENT: &str = "Moment of the run";

fn moment(at: Nanos) -> String {
    words::moment((at / SECOND) as i64)
}

pub fn forward_to(end: Nanos) -> String {
    format!("▸▸ to {}", moment(end))
}

pub fn given_up(at: Nanos) -> String {
    format!("The future after {} was given up. ", moment(at))
}

pub fn held_by(holders: &[&str]) -> String {
    format!("held by {}", holders.join(", then by "))
}

pub fn mean_at_most(most: Option<Nanos>) -> String {
    format!("mean of each second, at most {}", words::span(most))
}

pub fn by_revision(counts: &[String]) -> String {
    format!("Pods by revision, now {}", counts.join(" and "))
}

pub fn now(count: &str) -> String {
    format!("now {count}")
}

pub fn last_second(count: &str) -> String {
    format!("in the last second {count}")
}

// The panels.

pub fn event_of(warns: bool, object: &str) -> String {
    format!("{}{object}", if warns { "Warning · " } else { "" })
}

pub fn request_at(number: u64, second: i64, fate: Fate) -> String {
    let ended = match fate {
        Fate::Answered => "answered",
        Fate::Open => "under way",
        Fate::Error | Fate::Failed | Fate::Late => "failed",
    };
    format!("Request #{number} {ended} · {}", words::moment(second))
}

fn way(way: &Way) -> String {
    match way {
        Way::PreStop(seconds) => format!("a preStop sleep of {seconds} s"),
        Way::Attempts(1) => "a second attempt by every client".into(),
        Way::Attempts(most) => format!("{most} more attempts by every client"),
    }
}

/// The button that tries the run otherwise.
pub fn try_it(otherwise: &Way) -> String {
    format!("Try it: {}", way(otherwise))
}

pub fn tries(otherwise: &Way, percent: u64) -> String {
    format!("Runs again with {}: {percent} %", way(otherwise))
}

/// What became of it.
pub fn tried(otherwise: &Way, there: Fared) -> String {
    format!("With {}: {} of {} failed, same seed", way(otherwise), there.failed, there.all)
}

/// Beside it the run as it is.
pub fn as_it_was(here: Fared, seconds: u64) -> String {
    format!("as it was: {} of {}, in the {seconds} s since the first cause", here.failed, here.all)
}

/// Commands that could not be repeated in a trial.
pub fn unlike(commands: usize) -> String {
    format!("{} of the run failed there: what it names is called otherwise", words::counted(commands, "later command"))
}

/// What the client itself printed.
pub fn client_says(own: &str) -> String {
    format!("the client says: {own}")
}

pub fn passed_over(n: usize) -> String {
    format!("… {n} more rules passed over")
}

pub fn more_lines(n: usize) -> String {
    format!("… {n} more lines")
}

/// The objects that hold a Service's list.
pub fn listed_in(slices: &[String]) -> String {
    match slices {
        [first, _, ..] => format!("listed in {}: {first} and {} more", endpoint_slices(slices.len()), slices.len() - 1),
        _ => format!("listed in EndpointSlice {}", slices.concat()),
    }
}

pub fn percent(share: u64) -> String {
    format!("{share} percent")
}
