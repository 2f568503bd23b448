//! "Who held which address" as a chart: the Service's lane, a row for each Pod address, strips of how requests fared,
//! marks of what people did. It is drawn from what was remembered, so it stays when the lab is taken back.

use super::NAMESPACE;
use super::endpoints::services;
use super::lanes::{Lane, Lanes};
use super::samples::{Fared, Samples};
use crate::lab::{Command, Lab};
use crate::sorting::Arrange;
use crate::time::{Nanos, SECOND};
use std::rc::Rc;

/// The chart's width at normal speed.
const WINDOW: Nanos = 60 * SECOND;
/// A run shorter than the window is shown from its beginning, on a chart that grows by these steps.
const STEPS: [Nanos; 4] = [15 * SECOND, 30 * SECOND, 45 * SECOND, WINDOW];
/// Rows that are shown one by one; with more, or over [`CROWD`] Pods at once, revisions are shown as areas.
const SHOWN: usize = 9;
/// Pods that may be there at once before addresses are no longer shown one by one.
const CROWD: usize = 40;
/// Strips and areas have at most so many columns.
const COLUMNS: u64 = 120;

/// What the chart is drawn from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// Who held which address.
    pub lanes: Rc<Lanes>,
    /// The seconds in numbers.
    pub samples: Rc<Samples>,
    /// The version that each revision runs.
    pub versions: Rc<Vec<String>>,
}

/// What the chart is to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The moment of the scene.
    pub now: Nanos,
    /// The latest moment that was reached.
    pub end: Nanos,
    /// Virtual seconds per second: it widens the chart.
    pub speed: f64,
}

/// All holders of one address.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The address.
    pub ip: Rc<str>,
    /// The Pods that held it one after the other.
    pub holders: Vec<Rc<Lane>>,
}

/// One stretch of a success strip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strip {
    /// Its beginning.
    pub from: Nanos,
    /// Its end.
    pub to: Nanos,
    /// Whether any request in it failed.
    pub failed: bool,
    /// Failed ones of a hundred, rounded up.
    pub percent: u64,
}

/// One column of the numbers below the lanes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// Its beginning.
    pub from: Nanos,
    /// Its end.
    pub to: Nanos,
    /// Requests to Services.
    pub service: Fared,
    /// Requests to one Pod's address.
    pub pod: Fared,
    /// Ready endpoints.
    pub ready: usize,
    /// Nodes whose rules were behind.
    pub behind: usize,
    /// Pods by revision.
    pub revisions: Vec<usize>,
}

/// Something that a person did.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// When.
    pub at: Nanos,
    /// In words: the kubectl line, or what was broken.
    pub words: String,
    /// It broke or mended something by a switch, not by kubectl.
    pub fault: bool,
}

/// The chart at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Left edge.
    pub from: Nanos,
    /// Right edge.
    pub to: Nanos,
    /// The moment of the scene.
    pub now: Nanos,
    /// The latest moment that was reached; nothing is known beyond it.
    pub end: Nanos,
    /// The Service's address and since when it has it.
    pub service: Option<(String, Nanos)>,
    /// Addresses, by their first holder; empty when there are too many to show.
    pub rows: Vec<Row>,
    /// Addresses that do not fit.
    pub more: usize,
    /// There are too many Pods to show their addresses: columns tell of revisions, endpoints and rules instead.
    pub crowded: bool,
    /// The version that each revision runs.
    pub versions: Rc<Vec<String>>,
    /// The numbers of the time, column by column.
    pub columns: Vec<Column>,
    /// How requests to Services fared.
    pub through_service: Vec<Strip>,
    /// How requests of clients that hold a Pod's address fared.
    pub to_pod: Vec<Strip>,
    /// What people did, oldest first.
    pub deeds: Vec<Deed>,
}

/// Left and right edge of the chart.
pub fn window(moment: &Moment) -> (Nanos, Nanos) {
    let Moment { now, end, speed } = *moment;
    // Wider when time runs fast, but never wider than what there is to show.
    let wide = (WINDOW * (speed as u64).clamp(1, 10)).min(end.div_ceil(WINDOW).max(1) * WINDOW);
    if end <= wide {
        return (0, STEPS.into_iter().find(|s| end <= *s).unwrap_or(wide));
    }
    if now + wide >= end {
        return (end - wide, end);
    }
    let from = now.saturating_sub(wide / 2);
    (from, from + wide)
}

impl Timeline {
    /// The chart of a lab.
    pub fn of(chart: &Chart, lab: &Lab, moment: &Moment) -> Timeline {
        let (from, to) = window(moment);
        let inside: Vec<&Rc<Lane>> =
            chart.lanes.all().filter(|l| l.born() < to && l.free().is_none_or(|at| at >= from)).collect();
        let there = inside.iter().filter(|l| l.free().is_none()).count();
        let crowded = there > CROWD;
        let (rows, more) = if crowded { (vec![], 0) } else { rows(&inside) };
        // One that is made later does not take its lane away.
        let service = services(lab.cluster(), NAMESPACE).into_iter().min_by_key(|s| s.meta.creation_timestamp.0).map(|s| {
            let age = (lab.cluster().clock().0 - s.meta.creation_timestamp.0).max(0) as u64 * SECOND;
            (s.spec.cluster_ip.clone(), moment.now.saturating_sub(age))
        });
        let columns = columns(&chart.samples, from, to);
        let (through_service, to_pod) = (strips(&columns, |c| c.service), strips(&columns, |c| c.pod));
        let (deeds, versions) = (deeds(lab.commands()), chart.versions.clone());
        let Moment { now, end, .. } = *moment;
        Timeline { from, to, now, end, service, rows, more, crowded, versions, columns, through_service, to_pod, deeds }
    }

    /// The lane of a Pod, if it is shown.
    pub fn lane(&self, uid: &str) -> Option<&Rc<Lane>> {
        self.rows.iter().flat_map(|row| &row.holders).find(|l| &*l.uid == uid)
    }

    /// The last moment before `at` at which something happened: a Pod's phase, or something that a person did.
    pub fn before(&self, at: Nanos) -> Option<Nanos> {
        let phases = self.rows.iter().flat_map(|row| &row.holders).flat_map(|l| l.phases.iter().map(|p| p.0));
        phases.chain(self.deeds.iter().map(|d| d.at)).chain([0]).filter(|moment| *moment < at).max()
    }

    /// The same with what was done in the whole run, also after the lab's moment.
    pub fn with_deeds(mut self, commands: &[(Nanos, Command)]) -> Timeline {
        self.deeds = deeds(commands);
        self
    }
}

/// Lanes by address. When there are too many, those that ended first are left out.
fn rows(lanes: &[&Rc<Lane>]) -> (Vec<Row>, usize) {
    let mut rows: Vec<Row> = vec![];
    for lane in lanes {
        match rows.iter_mut().find(|row| row.ip == lane.ip) {
            Some(row) => row.holders.push((*lane).clone()),
            None => rows.push(Row { ip: lane.ip.clone(), holders: vec![(*lane).clone()] }),
        }
    }
    let more = rows.len().saturating_sub(SHOWN);
    if more > 0 {
        let freed = |row: &Row| row.holders.last().and_then(|l| l.free()).unwrap_or(Nanos::MAX);
        let mut ends: Vec<Nanos> = rows.iter().map(freed).collect();
        ends.arrange();
        let last = ends[more - 1];
        let mut left = more;
        rows.retain(|row| {
            let drop = left > 0 && freed(row) <= last;
            left -= usize::from(drop);
            !drop
        });
    }
    (rows, more)
}

fn columns(samples: &Samples, from: Nanos, to: Nanos) -> Vec<Column> {
    let each = ((to - from) / SECOND).div_ceil(COLUMNS).max(1);
    let mut columns: Vec<Column> = vec![];
    for sample in samples.between(from, to) {
        let begin = sample.second / each * each * SECOND;
        if columns.last().is_none_or(|c| c.from != begin) {
            columns.push(Column { from: begin, ..Column::default() });
        }
        let Some(column) = columns.last_mut() else { continue };
        column.to = (sample.second + 1) * SECOND;
        column.service = column.service.plus(sample.service);
        column.pod = column.pod.plus(sample.pod);
        column.ready = sample.ready;
        column.behind = column.behind.max(sample.behind);
        column.revisions.clone_from(&sample.revisions);
    }
    columns
}

/// Columns side by side that fared alike are one stretch; seconds without an end of a request belong to the one before.
fn strips(columns: &[Column], of: impl Fn(&Column) -> Fared) -> Vec<Strip> {
    let mut strips: Vec<Strip> = vec![];
    for column in columns {
        let fared = of(column);
        let total = fared.answered + fared.failed;
        if total == 0 {
            if let Some(last) = strips.last_mut().filter(|s| s.to + 2 * SECOND > column.to) {
                last.to = column.to;
            }
            continue;
        }
        let percent = (fared.failed * 100).div_ceil(total);
        match strips.last_mut() {
            Some(last) if last.percent == percent && last.to == column.from => last.to = column.to,
            _ => strips.push(Strip { from: column.from, to: column.to, failed: percent > 0, percent }),
        }
    }
    strips
}

/// Command lines that only look.
const LOOKING: &[&str] = &["get", "describe", "logs", "explain", "api-resources", "version", "top", "wait", "events"];

/// What people did of what changes something.
fn deeds(commands: &[(Nanos, Command)]) -> Vec<Deed> {
    let deed = |(at, command): &(Nanos, Command)| {
        let (words, fault) = match command {
            Command::Kubectl { line, .. } => {
                let verb = line.split_whitespace().nth(1).unwrap_or_default();
                let looks = LOOKING.contains(&verb) || line.contains("rollout status") || line.contains("rollout history");
                if looks {
                    return None;
                }
                (line.clone(), false)
            }
            Command::NodeDown(node) => (format!("{node} cut off"), true),
            Command::NodeUp(node) => (format!("{node} back"), true),
            Command::Crash(key) => (format!("{} crashes", key.name), true),
            Command::Well(key, well) => (format!("{} is {}", key.name, if *well { "well again" } else { "not well" }), !*well),
            _ => return None,
        };
        Some(Deed { at: *at, words, fault })
    };
    commands.iter().filter_map(deed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(now: u64, end: u64, speed: f64) -> (u64, u64) {
        let (from, to) = window(&Moment { now: now * SECOND, end: end * SECOND, speed });
        (from / SECOND, to / SECOND)
    }

    #[test]
    fn the_chart_begins_with_the_run_and_holds_the_moment_that_is_shown() {
        assert_eq!(at(5, 5, 1.0), (0, 15));
        assert_eq!(at(16, 16, 1.0), (0, 30));
        assert_eq!(at(59, 59, 1.0), (0, 60));
        assert_eq!(at(70, 70, 1.0), (10, 70));
        assert_eq!(at(20, 200, 1.0), (0, 60), "far in the past");
        assert_eq!(at(150, 200, 1.0), (140, 200), "within the last minute nothing moves");
        assert_eq!(at(500, 500, 10.0), (0, 540));
        assert_eq!(at(20, 20, 10.0), (0, 30));
    }
}
