//! How a refused change of a Pod is shown: a unified diff of both specs, `-` as wanted, `+` as stored
//! (`staging/apimachinery/pkg/util/diff`).

use super::pod_internal::lines;
use crate::api::codec::Json;
use crate::api::pod::PodSpec;

/// Unchanged lines that are shown around a change.
const CONTEXT: usize = 10;
/// Lines beyond which the whole is shown as replaced: comparing costs the product of both lengths.
const MAX_LINES: usize = 2000;

/// The diff, every line with its end.
pub(super) fn diff(new: &PodSpec, old: &PodSpec) -> String {
    let (new, old) = (lines(&new.encode()), lines(&old.encode()));
    let marked = compare(&new, &old);
    let mut shown = vec![false; marked.len()];
    for (i, _) in marked.iter().enumerate().filter(|(_, (mark, _))| *mark != ' ') {
        let (from, to) = (i.saturating_sub(CONTEXT), (i + CONTEXT + 1).min(marked.len()));
        shown[from..to].fill(true);
    }
    let mut out = "--- expected\n+++ got\n".to_string();
    let (mut line_new, mut line_old, mut i) = (0, 0, 0);
    while i < marked.len() {
        let end = (i..marked.len()).find(|j| shown[*j] != shown[i]).unwrap_or(marked.len());
        let hunk = &marked[i..end];
        let count = |other: char| hunk.iter().filter(|(mark, _)| *mark != other).count();
        let (in_new, in_old) = (count('+'), count('-'));
        if shown[i] {
            out.push_str(&format!("@@ -{} +{} @@\n", range(line_new, in_new), range(line_old, in_old)));
            hunk.iter().for_each(|(mark, line)| out.push_str(&format!("{mark}{line}\n")));
        }
        (line_new, line_old, i) = (line_new + in_new, line_old + in_old, end);
    }
    out
}

/// Lines `start..start + length` (from 0) as a hunk's head names them.
fn range(start: usize, length: usize) -> String {
    match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    }
}

/// The longest common subsequence, the plain way.
fn compare<'a>(a: &'a [String], b: &'a [String]) -> Vec<(char, &'a str)> {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let mut out: Vec<(char, &str)> = a[..same].iter().map(|l| (' ', l.as_str())).collect();
    let tail = a[same..].iter().rev().zip(b[same..].iter().rev()).take_while(|(a, b)| a == b).count();
    middle(&a[same..a.len() - tail], &b[same..b.len() - tail], &mut out);
    out.extend(a[a.len() - tail..].iter().map(|l| (' ', l.as_str())));
    out
}

fn middle<'a>(a: &'a [String], b: &'a [String], out: &mut Vec<(char, &'a str)>) {
    if a.len() > MAX_LINES || b.len() > MAX_LINES {
        out.extend(a.iter().map(|l| ('-', l.as_str())));
        out.extend(b.iter().map(|l| ('+', l.as_str())));
        return;
    }
    let width = b.len() + 1;
    let mut common = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i * width + j] = if a[i] == b[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            out.push((' ', a[i].as_str()));
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            out.push(('-', a[i].as_str()));
            i += 1;
        } else {
            out.push(('+', b[j].as_str()));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::codec::Decoder;
    use serde_json::json;

    #[test]
    fn one_changed_line_stands_between_ten_others() {
        let spec = |port: i32| {
            let value = json!({"containers": [{"name": "web", "image": "nginx", "ports": [{"containerPort": port}]}]});
            PodSpec::decode(&value, &mut Decoder::default()).unwrap()
        };
        let text = diff(&spec(81), &spec(80));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..3], ["--- expected", "+++ got", "@@ -5,21 +5,21 @@"]);
        assert_eq!(lines.len(), 3 + 22);
        let changed: Vec<&&str> = lines[3..].iter().filter(|l| !l.starts_with(' ')).collect();
        assert_eq!(changed, [&"-          \"ContainerPort\": 81,", &"+          \"ContainerPort\": 80,"]);
    }
}
