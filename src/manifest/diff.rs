//! What changed between two texts, line by line, as `diff -u` shows it.
//!
//! Promises: applying the changes to the old text gives the new one; few changes are found exactly (Myers), beyond a limit of work the
//! middle is shown as replaced. Must not know: what the texts say.

use crate::sorting::Arrange;
use std::fmt::Write as _;

/// Changes that are still looked for exactly.
const MAX_CHANGES: usize = 1_000;
/// Lines shown around a change.
const CONTEXT: usize = 3;

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Same,
    Removed,
    Added,
}

/// Every line of both texts in order, line breaks included; what is removed stands before what is added in its place.
pub fn diff<'a>(old: &'a str, new: &'a str) -> Vec<(Change, &'a str)> {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let rest = a[start..].iter().rev().zip(b[start..].iter().rev());
    let end = rest.take_while(|(x, y)| x == y).count();
    let (mid_a, mid_b) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    let mut lines: Vec<(Change, &str)> = a[..start].iter().map(|&line| (Change::Same, line)).collect();
    match myers(mid_a, mid_b) {
        Some(middle) => lines.extend(middle),
        None => {
            lines.extend(mid_a.iter().map(|&line| (Change::Removed, line)));
            lines.extend(mid_b.iter().map(|&line| (Change::Added, line)));
        }
    }
    lines.extend(a[a.len() - end..].iter().map(|&line| (Change::Same, line)));
    slide_down(&mut lines);
    lines
}

/// The shortest way from `a` to `b`; `None` beyond the limit.
fn myers<'a>(a: &[&'a str], b: &[&'a str]) -> Option<Vec<(Change, &'a str)>> {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let most = (a.len() + b.len()).min(MAX_CHANGES) as isize;
    let offset = most + 1;
    // reach[k + offset]: how far into `a` the best way on diagonal k (x - y) has come.
    let mut reach = vec![0isize; 2 * offset as usize + 1];
    let mut history: Vec<Vec<isize>> = Vec::new();
    for d in 0..=most {
        history.push(reach[(offset - d - 1) as usize..=(offset + d + 1) as usize].to_vec());
        for k in (-d..=d).step_by(2) {
            let at = (k + offset) as usize;
            let down = k == -d || (k != d && reach[at - 1] < reach[at + 1]);
            let mut x = if down { reach[at + 1] } else { reach[at - 1] + 1 };
            while x < n && x - k < m && x - k >= 0 && a[x as usize] == b[(x - k) as usize] {
                x += 1;
            }
            reach[at] = x;
            if x >= n && x - k >= m {
                return Some(way_back(a, b, &history));
            }
        }
    }
    None
}

/// From the end back to the start, over the stored reaches (`history[d]` is centred on diagonal 0).
fn way_back<'a>(a: &[&'a str], b: &[&'a str], history: &[Vec<isize>]) -> Vec<(Change, &'a str)> {
    let (mut x, mut y) = (a.len() as isize, b.len() as isize);
    let mut lines = Vec::new();
    for (d, reach) in history.iter().enumerate().rev() {
        let d = d as isize;
        let centre = d + 1;
        let k = x - y;
        let at = (k + centre) as usize;
        let down = k == -d || (k != d && reach[at - 1] < reach[at + 1]);
        let from_k = if down { k + 1 } else { k - 1 };
        let from_x = if d == 0 { 0 } else { reach[(from_k + centre) as usize] };
        let from_y = if d == 0 { 0 } else { from_x - from_k };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            lines.push((Change::Same, a[x as usize]));
        }
        if d > 0 && down {
            y -= 1;
            lines.push((Change::Added, b[y as usize]));
        } else if d > 0 {
            x -= 1;
            lines.push((Change::Removed, a[x as usize]));
        }
    }
    lines.reverse();
    lines
}

/// Of equal ways takes diff's own: a block of changes stands as far down as it can, and removals before additions.
fn slide_down(lines: &mut [(Change, &str)]) {
    let mut start = 0;
    while start < lines.len() {
        if lines[start].0 == Change::Same {
            start += 1;
            continue;
        }
        let mut end = start;
        while end < lines.len() && lines[end].0 != Change::Same {
            end += 1;
        }
        let kind = lines[start].0;
        let pure = lines[start..end].iter().all(|(change, _)| *change == kind);
        if pure && end < lines.len() && lines[end].1 == lines[start].1 {
            // The same line stands in front of the block and at its end: the block is one further down.
            lines[start].0 = Change::Same;
            lines[end].0 = kind;
            start += 1;
            continue;
        }
        lines[start..end].arrange_by_key(|(change, _)| *change == Change::Added);
        start = end;
    }
}

/// `diff -u`: the two file headers and the changed parts with three lines around; empty if nothing changed.
pub fn unified(old: &str, new: &str, old_name: &str, new_name: &str) -> String {
    let lines = diff(old, new);
    let mut out = String::new();
    for (from, to) in hunks(&lines) {
        if out.is_empty() {
            let _ = write!(out, "--- {old_name}\n+++ {new_name}\n");
        }
        write_hunk(&mut out, &lines, from, to);
    }
    out
}

/// Ranges of lines around changes; changes with at most six equal lines between them share a hunk.
fn hunks(lines: &[(Change, &str)]) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for (i, _) in lines.iter().enumerate().filter(|(_, (change, _))| *change != Change::Same) {
        let (from, to) = (i.saturating_sub(CONTEXT), (i + CONTEXT + 1).min(lines.len()));
        match hunks.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => hunks.push((from, to)),
        }
    }
    hunks
}

fn write_hunk(out: &mut String, lines: &[(Change, &str)], from: usize, to: usize) {
    let count = |lines: &[(Change, &str)], other: Change| lines.iter().filter(|(change, _)| *change != other).count();
    let range = |other: Change| {
        let (before, inside) = (count(&lines[..from], other), count(&lines[from..to], other));
        match inside {
            0 => format!("{before},0"),
            1 => format!("{}", before + 1),
            _ => format!("{},{inside}", before + 1),
        }
    };
    let _ = writeln!(out, "@@ -{} +{} @@", range(Change::Added), range(Change::Removed));
    for (change, line) in &lines[from..to] {
        out.push(match change {
            Change::Same => ' ',
            Change::Removed => '-',
            Change::Added => '+',
        });
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}
