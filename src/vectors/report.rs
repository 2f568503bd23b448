//! What came of a vector file, and how it is told.

use super::Difference;
use serde_json::Value;
use std::fmt;

/// How many differences of one case are printed.
const SHOWN: usize = 5;

/// What came of one case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case's name.
    pub case: String,
    /// Where our answer is not the recorded one.
    pub differences: Vec<Difference>,
    /// Why the case could not be run to its end.
    pub stopped: Option<String>,
}

impl Outcome {
    /// Whether our answer is the recorded one.
    pub fn passed(&self) -> bool {
        self.differences.is_empty() && self.stopped.is_none()
    }
}

/// What came of all cases of a file, in the file's order. Printed, it ends with `N passed, M failed`.
#[derive(Clone, Debug)]
pub struct Report {
    /// The recorded function, if we have none that does the same; then every case failed.
    pub unmodelled: Option<String>,
    /// One a case.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    pub(super) fn unmodelled(function: &str, cases: &[Value]) -> Report {
        let outcome = |(index, case): (usize, &Value)| Outcome {
            case: name_of(index, case),
            differences: Vec::new(),
            stopped: Some("not modelled".into()),
        };
        Report { unmodelled: Some(function.into()), outcomes: cases.iter().enumerate().map(outcome).collect() }
    }

    /// How many cases passed.
    pub fn passed(&self) -> usize {
        self.outcomes.iter().filter(|o| o.passed()).count()
    }

    /// How many cases failed.
    pub fn failed(&self) -> usize {
        self.outcomes.len() - self.passed()
    }

    /// Whether the function is modelled and no case failed.
    pub fn is_good(&self) -> bool {
        self.unmodelled.is_none() && self.failed() == 0
    }
}

/// The name of a case, or its number (from 1) if it has none.
pub(super) fn name_of(index: usize, case: &Value) -> String {
    case["name"].as_str().map_or_else(|| format!("case {}", index + 1), str::to_string)
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match &self.unmodelled {
            Some(function) => writeln!(out, "Kube Service Lab does not model this function: {function}")?,
            None => self.outcomes.iter().filter(|o| !o.passed()).try_for_each(|o| write!(out, "{o}"))?,
        }
        writeln!(out, "{} passed, {} failed", self.passed(), self.failed())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        writeln!(out, "FAIL {}", self.case)?;
        if let Some(why) = &self.stopped {
            writeln!(out, "  cannot be run: {why}")?;
        }
        for difference in self.differences.iter().take(SHOWN) {
            let place = if difference.place.is_empty() { "answer" } else { &difference.place };
            writeln!(out, "  {place}")?;
            side(out, "expected", &difference.expected)?;
            side(out, "got     ", &difference.got)?;
        }
        match self.differences.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(out, "  and {more} more differences"),
        }
    }
}

/// One side of a difference; a text of several lines stands below its title, line by line.
fn side(out: &mut fmt::Formatter, title: &str, value: &Option<Value>) -> fmt::Result {
    match value {
        None => writeln!(out, "    {title}  nothing"),
        Some(Value::String(text)) if text.contains('\n') => {
            writeln!(out, "    {title}")?;
            text.split('\n').try_for_each(|line| writeln!(out, "      |{line}"))
        }
        Some(value) => writeln!(out, "    {title}  {value}"),
    }
}
