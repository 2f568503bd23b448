//! How a refused change of a Pod is shown: a unified diff of both specs without a head, `-` as stored, `+` as wanted
//! (`staging/apimachinery/pkg/util/diff`).

use super::pod_internal::lines;
use crate::api::codec::Json;
use crate::api::pod::PodSpec;

/// Unchanged lines that are shown around a change.
const CONTEXT: usize = 3;
/// Lines beyond which the whole is shown as replaced: comparing costs the product of both lengths.
const MAX_LINES: usize = 2000;

/// The diff, every line with its end.
pub(super) fn diff(new: &PodSpec, old: &PodSpec) -> String {
    let (new, old) = (lines(&new.encode()), lines(&old.encode()));
    let marked = compare(&old, &new);
    let mut shown = vec![false; marked.len()];
    for (i, _) in marked.iter().enumerate().filter(|(_, (mark, _))| *mark != ' ') {
        let (from, to) = (i.saturating_sub(CONTEXT), (i + CONTEXT + 1).min(marked.len()));
        shown[from..to].fill(true);
    }
    let mut out = String::new();
    let (mut line_new, mut line_old, mut i) = (0, 0, 0);
    while i < marked.len() {
        let end = (i..marked.len()).find(|j| shown[*j] != shown[i]).unwrap_or(marked.len());
        let hunk = &marked[i..end];
        let count = |other: char| hunk.iter().filter(|(mark, _)| *mark != other).count();
        let (in_old, in_new) = (count('+'), count('-'));
        if shown[i] {
            out.push_str(&format!("@@ -{} +{} @@\n", range(line_old, in_old), range(line_new, in_new)));
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

    /// The Pod, the answer and its line numbers are published outputs of a 1.37 cluster.
    #[test]
    fn a_changed_line_stands_between_three_others() {
        let spec = |port: i32| {
            let token = json!({"name": "kube-api-access-x", "projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
                {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}}
            ]}});
            let container =
                json!({"name": "nginx", "image": "nginx:1.27-alpine", "ports": [{"containerPort": port, "protocol": "TCP"}]});
            let value = json!({"volumes": [token], "containers": [container]});
            PodSpec::decode(&value, &mut Decoder::default()).unwrap()
        };
        let expected = "@@ -104,7 +104,7 @@
     {
      \"Name\": \"\",
      \"HostPort\": 0,
-     \"ContainerPort\": 80,
+     \"ContainerPort\": 8080,
      \"Protocol\": \"TCP\",
      \"HostIP\": \"\"
     }
";
        assert_eq!(diff(&spec(8080), &spec(80)), expected);
    }
}
