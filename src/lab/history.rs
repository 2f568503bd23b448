//! The whole run so far: each of its moments can be seen again, byte for byte, and gone on from.
//!
//! A run is its beginning and its commands. Copies of the lab ("checkpoints") stand at moments along it; any other moment
//! is reached from the last one before it, by letting time pass and repeating the commands that came then.

use super::limits::HISTORY_BYTES;
use super::{Command, Lab, Trial, Way};
use crate::api::object::KINDS;
use crate::time::{MILLISECOND, Nanos, SECOND};

/// Somebody who looks at the lab as time passes and remembers what was. Goes back with the lab.
pub trait Witness: Clone {
    /// Looks. Called at the same moments of virtual time however time is let pass.
    fn observe(&mut self, lab: &Lab);
}

impl Witness for () {
    fn observe(&mut self, _: &Lab) {}
}

/// A witness looks this often, in virtual time.
const LOOK: Nanos = 100 * MILLISECOND;
/// A run that is tried otherwise begins so long before its cause.
const LEAD: Nanos = SECOND;
/// The distance of checkpoints at the beginning; it doubles whenever they need more than the limit.
pub const CHECKPOINT_EVERY: Nanos = 4 * SECOND;
/// Bytes that one object costs in a copy of a lab: places in the store and in the caches of those who watch (the object
/// itself is shared).
const BYTES_PER_OBJECT: usize = 1500;
/// Bytes that one remembered request costs in a copy.
const BYTES_PER_RECORD: usize = 500;
/// Bytes that one connection costs in a node's table.
const BYTES_PER_FLOW: usize = 250;
/// Bytes that are copied in a second of virtual time at most: a large lab is copied less often.
const BYTES_A_SECOND: usize = 4_000_000;
/// Bytes of everything else in a copy of a small lab.
const BYTES_AT_LEAST: usize = 200_000;

#[derive(Clone)]
struct Checkpoint<W> {
    lab: Lab,
    witness: W,
    bytes: usize,
}

/// A future that was given up for another one.
#[derive(Clone)]
struct Cut {
    at: Nanos,
    commands: Vec<(Nanos, Command)>,
    end: Nanos,
}

/// A lab with its past, and with its future when it was taken back.
#[derive(Clone)]
pub struct History<W = ()> {
    lab: Lab,
    witness: W,
    /// By time; the first is the beginning and stays.
    checkpoints: Vec<Checkpoint<W>>,
    every: Nanos,
    /// All commands since the beginning, also those that are still to come.
    commands: Vec<(Nanos, Command)>,
    /// The latest moment that was ever reached.
    end: Nanos,
    cut: Option<Cut>,
    limit: usize,
}

impl<W: Witness> History<W> {
    /// A history that begins with a lab as it is.
    pub fn new(lab: Lab, mut witness: W) -> History<W> {
        witness.observe(&lab);
        let first = Checkpoint { lab: lab.clone(), witness: witness.clone(), bytes: bytes_of(&lab) };
        let end = lab.now();
        let (checkpoints, every) = (vec![first], CHECKPOINT_EVERY);
        History { lab, witness, checkpoints, every, commands: vec![], end, cut: None, limit: HISTORY_BYTES }
    }

    /// The same with another limit of memory than [`HISTORY_BYTES`].
    pub fn within(mut self, bytes: usize) -> History<W> {
        self.limit = bytes;
        self
    }

    /// How many copies of the lab are kept.
    pub fn checkpoints(&self) -> usize {
        self.checkpoints.len()
    }

    /// The lab at the moment that is shown.
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// What the witness knows at that moment.
    pub fn witness(&self) -> &W {
        &self.witness
    }

    /// The same, to ask it things that it works out when asked.
    pub fn witness_mut(&mut self) -> (&mut W, &Lab) {
        (&mut self.witness, &self.lab)
    }

    /// The moment that is shown.
    pub fn now(&self) -> Nanos {
        self.lab.now()
    }

    /// The latest moment that was reached; later than `now` after going back.
    pub fn end(&self) -> Nanos {
        self.end
    }

    /// The beginning.
    pub fn start(&self) -> Nanos {
        self.checkpoints[0].lab.now()
    }

    /// All commands since the beginning with their moments, also those that come after the moment that is shown.
    pub fn commands(&self) -> &[(Nanos, Command)] {
        &self.commands
    }

    /// Lets time pass until `until`, but handles hardly more than `budget` events. Commands of the future happen when
    /// their moment comes. False when the budget ran out before.
    pub fn advance(&mut self, until: Nanos, budget: u64) -> bool {
        let stop = self.lab.cluster().events().saturating_add(budget);
        self.repeat_due();
        while self.now() < until {
            let look = (self.now() / LOOK + 1) * LOOK;
            let command = self.next_command().unwrap_or(until);
            let target = until.min(look).min(command);
            let left = stop.saturating_sub(self.lab.cluster().events());
            let done = left > 0 && self.lab.advance(target, left);
            self.end = self.end.max(self.now());
            if self.now() == look {
                self.witness.observe(&self.lab);
                self.keep();
            }
            self.repeat_due();
            if !done {
                return false;
            }
        }
        true
    }

    /// When the next command that is already known comes.
    fn next_command(&self) -> Option<Nanos> {
        self.commands.get(self.done()).map(|c| c.0)
    }

    /// How many of the commands have been done.
    fn done(&self) -> usize {
        self.lab.log().len() - self.checkpoints[0].lab.log().len()
    }

    fn repeat_due(&mut self) {
        while let Some((_, command)) = self.commands.get(self.done()).filter(|c| c.0 <= self.now()) {
            self.lab.apply(command.clone());
        }
    }

    /// Keeps a copy when the last one is old enough.
    fn keep(&mut self) {
        let last = self.checkpoints.last().map_or(0, |c| c.lab.now());
        if self.now() < last + self.every {
            return;
        }
        let bytes = bytes_of(&self.lab);
        if self.now() < last + bytes as Nanos * SECOND / BYTES_A_SECOND as Nanos {
            return;
        }
        self.checkpoints.push(Checkpoint { lab: self.lab.clone(), witness: self.witness.clone(), bytes });
        while self.checkpoints.len() > 3 && self.checkpoints.iter().map(|c| c.bytes).sum::<usize>() > self.limit {
            self.every *= 2;
            let mut index = 0;
            self.checkpoints.retain(|_| {
                index += 1;
                index % 2 == 1
            });
        }
    }

    /// Goes to a moment of the run, back or forth; beyond its end time passes as ever. The same moment always looks the
    /// same: every command that had come by then has been done.
    pub fn seek(&mut self, at: Nanos) {
        let at = at.max(self.start());
        let nearest = self.checkpoints.iter().rposition(|c| c.lab.now() <= at).unwrap_or(0);
        let checkpoint = &self.checkpoints[nearest];
        if at < self.now() || checkpoint.lab.now() > self.now() {
            self.lab = checkpoint.lab.clone();
            self.witness = checkpoint.witness.clone();
        }
        self.advance(at, u64::MAX);
        self.repeat_due();
    }

    /// Does what a person asked for, now. If there was a future, it ends here: see [`History::undo_cut`].
    pub fn apply(&mut self, command: Command) {
        self.cut_future();
        self.lab.apply(command.clone());
        self.commands.push((self.now(), command));
    }

    /// The same for a command line: its number in the console.
    pub fn kubectl(&mut self, line: &str) -> u64 {
        self.cut_future();
        let id = self.lab.kubectl(line);
        self.commands.push((self.now(), Command::Kubectl { line: line.to_string(), stdin: String::new() }));
        id
    }

    fn cut_future(&mut self) {
        let (now, done) = (self.now(), self.done());
        if self.end <= now && self.commands.len() == done {
            return;
        }
        let end = std::mem::replace(&mut self.end, now);
        self.cut = Some(Cut { at: now, commands: self.commands.clone(), end });
        self.commands.truncate(done);
        self.checkpoints.retain(|c| c.lab.now() <= now);
    }

    /// When the future was given up for the present one, if it was: what [`History::undo_cut`] takes back.
    pub fn cut_at(&self) -> Option<Nanos> {
        self.cut.as_ref().map(|c| c.at)
    }

    /// The run from before a moment until now once more, with one thing otherwise. `None`: that moment is not in this run, or
    /// so long ago that nobody counted the requests since.
    pub fn trial(&self, cause: Nanos, way: &Way) -> Option<Trial> {
        let before = self.checkpoints.iter().rfind(|c| c.lab.now() + LEAD <= cause).or(self.checkpoints.first())?;
        let done = before.lab.log().len() - self.checkpoints[0].lab.log().len();
        let commands = self.commands[done..].iter().filter(|(at, _)| *at <= self.now());
        Trial::new(&before.lab, commands.cloned().collect(), (cause, &self.lab), way)
    }

    /// Gives the future back that was given up last, and goes to the moment at which that was. False when there is none.
    pub fn undo_cut(&mut self) -> bool {
        let Some(cut) = self.cut.take() else { return false };
        let at = cut.at;
        self.checkpoints.retain(|c| c.lab.now() <= at);
        self.commands = cut.commands;
        self.lab = self.checkpoints[0].lab.clone();
        self.witness = self.checkpoints[0].witness.clone();
        self.seek(at);
        self.end = self.end.max(cut.end);
        true
    }
}

/// About how much memory a copy of a lab takes that it does not share.
fn bytes_of(lab: &Lab) -> usize {
    let objects: usize = KINDS.iter().map(|info| lab.cluster().api().store().count(info.kind)).sum();
    let flows: usize = lab.cluster().machines().values().map(|m| m.conntrack.remembered()).sum();
    BYTES_AT_LEAST + objects * BYTES_PER_OBJECT + flows * BYTES_PER_FLOW + lab.traffic().records().len() * BYTES_PER_RECORD
}
