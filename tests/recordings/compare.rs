//! What a comparison of two sessions forgives: the rules of the recordings' own `compare.py` and `compare_objects.py`
//! (`tests/golden/README.md`), so that the project judges itself without them.

use regex::{Captures, Regex};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";

/// A session taken apart: each step with its output, and everything that its author typed.
pub struct Session {
    pub steps: Vec<(String, Vec<String>)>,
    pub typed: String,
}

/// Takes a transcript apart.
pub fn parse(text: &str) -> Session {
    let (mut steps, mut typed): (Vec<(String, Vec<String>)>, Vec<String>) = (vec![], vec![]);
    let (mut in_file, mut current) = (false, false);
    for line in text.split('\n') {
        if in_file {
            typed.push(line.to_string());
            in_file = line != "@end";
        } else if line.starts_with("@file ") {
            (in_file, current) = (true, false);
        } else if line.starts_with("$ ") || line.starts_with("! ") {
            steps.push((line.trim_end().to_string(), vec![]));
            typed.push(line.to_string());
            current = true;
        } else if line.starts_with("= ") || (line.starts_with('#') && !current) {
            current = false;
        } else if current && let Some(last) = steps.last_mut() {
            last.1.push(line.trim_end().to_string());
        }
    }
    for (_, out) in &mut steps {
        while out.last().is_some_and(String::is_empty) {
            out.pop();
        }
    }
    Session { steps, typed: typed.join("\n") }
}

/// The patterns, compiled once.
pub struct Rules {
    simple: Vec<(Regex, &'static str)>,
    hash_word: Regex,
    ip: Regex,
    node_port: Regex,
    age: Regex,
    keeps_ages: Regex,
    crash: Regex,
    late: Vec<(Regex, &'static str)>,
    nodes: Vec<(Regex, &'static str)>,
    spaces: Regex,
}

thread_local! {
    /// Compiling a pattern costs far more than using it.
    static COMPILED: RefCell<BTreeMap<String, Regex>> = const { RefCell::new(BTreeMap::new()) };
}

fn re(pattern: &str) -> Regex {
    COMPILED.with_borrow_mut(|all| {
        if let Some(known) = all.get(pattern) {
            return known.clone();
        }
        let new = Regex::new(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}"));
        all.insert(pattern.to_string(), new.clone());
        new
    })
}

impl Rules {
    pub fn new() -> Rules {
        Rules {
            simple: vec![
                (re(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uid>"),
                (re(r"(containerd://|sha256:)[0-9a-f]{12,}"), "${1}<id>"),
                (re(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
                (re(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"), "<time>"),
                (re(r#"resourceVersion: "\d+""#), r#"resourceVersion: "<rv>""#),
                // The original looks ahead for "no name goes on here"; names end at these characters.
                (re(&format!("-[{SAFE}]{{6,10}}-[{SAFE}]{{5}}(?P<end>$|[^a-z0-9-])")), "-<hash>-<id>${end}"),
            ],
            hash_word: re(&format!(r"([-=: ])[{SAFE}]*[24-9][{SAFE}]{{4,9}}\b")),
            ip: re(r"\b10\.\d+\.\d+\.\d+\b"),
            node_port: re(r"\b3[0-2]\d{3}\b"),
            age: re(r"(?P<before>^|[^=\w.])\d+[smhdy](\d+[smhd])?(?P<after>$|\W)"),
            keeps_ages: re("NoExecute|Grace Period|sleep"),
            crash: re(r"\b(Error|CrashLoopBackOff)(  )"),
            late: vec![(re(r"\b\d+ \(<age> ago\)"), "<restarts>"), (re(r"\b(ErrImagePull|ImagePullBackOff)\b"), "<pull>")],
            nodes: vec![
                (re(r"\bnode-\d+\b"), "<node>"),
                (re(r"\bzone-\w\b"), "<zone>"),
                (re(r"\b192\.0\.2\.1[1-3]\b"), "<nodeip>"),
            ],
            spaces: re(r" {2,}|\t"),
        }
    }

    /// A line without what may honestly differ.
    pub fn normal(&self, line: &str, typed: &str, hide_node: bool) -> String {
        let mut s = line.to_string();
        for (pattern, with) in &self.simple {
            s = replace_until_stable(pattern, &s, with);
        }
        s = self
            .hash_word
            .replace_all(&s, |m: &Captures| {
                let length = m[0].len() - 1;
                if (6..=10).contains(&length) { format!("{}<hash>", &m[1]) } else { m[0].to_string() }
            })
            .into_owned();
        s = re(&format!(r"-[{SAFE}]{{8,10}}\b")).replace_all(&s, "-<hash>").into_owned();
        s = re(&format!(r"-[{SAFE}]{{5}}\b")).replace_all(&s, "-<id>").into_owned();
        s = self
            .ip
            .replace_all(&s, |m: &Captures| {
                let address = &m[0];
                match address {
                    a if a.starts_with("10.244.") => "<podip>".to_string(),
                    a if typed.contains(a) || a == "10.96.0.1" || a == "10.96.0.10" => a.to_string(),
                    _ => "<clusterip>".to_string(),
                }
            })
            .into_owned();
        s = self
            .node_port
            .replace_all(&s, |m: &Captures| if typed.contains(&m[0]) { m[0].to_string() } else { "<nodeport>".into() })
            .into_owned();
        if !self.keeps_ages.is_match(&s) {
            s = replace_until_stable(&self.age, &s, "${before}<age>${after}");
        }
        s = self.late[0].0.replace_all(&s, self.late[0].1).into_owned();
        if s.contains('/') {
            s = self.crash.replace_all(&s, "<crash>$2").into_owned();
        }
        s = self.late[1].0.replace_all(&s, self.late[1].1).into_owned();
        if hide_node {
            for (pattern, with) in &self.nodes {
                s = pattern.replace_all(&s, *with).into_owned();
            }
        }
        self.spaces.replace_all(&s, "  ").trim_end().to_string()
    }

    /// The canonical form of one step's output.
    pub fn key(&self, command: &str, out: &[String], typed: &str) -> Vec<String> {
        let words: Vec<&str> = command.split_whitespace().collect();
        if command.starts_with("! ") {
            return self.traffic_key(&words, out, typed);
        }
        if command.contains("rollout status") {
            let lines: Vec<&String> = out.iter().filter(|l| !l.is_empty()).collect();
            let last = lines.last().map(|l| l.to_string()).unwrap_or_default();
            let before = if lines.len() > 1 && last.starts_with("[exit") {
                re(r"\d+").replace_all(lines[lines.len() - 2], "N").into_owned()
            } else {
                String::new()
            };
            return vec![before, last];
        }
        if re(r"describe nodes?\b").is_match(command) {
            let kept = out.iter().filter(|l| re(r"^(Name|Roles|Unschedulable):|^\s+Ready\s").is_match(l));
            let times = re(r"\w{3}, \d\d .*? [+-]\d{4}");
            return kept.map(|l| times.replace_all(&re(" {2,}").replace_all(l, "  "), "<time>").into_owned()).collect();
        }
        let about_nodes = re(r"\bnodes?\b|cordon|drain").is_match(command);
        let mut lines: Vec<String> = out.iter().map(|l| self.normal(l, typed, !about_nodes)).collect();
        sort_field_errors(&mut lines);
        let trigger = re("(Annotations:  )endpoints.kubernetes.io/last-change-trigger-time: <time>");
        let lists = re(r"<podip>:\d+(, ?<podip>:\d+)+");
        let race = re("probe failed: .*connection refused|FailedToCreateEndpoint");
        let lines: Vec<String> = lines
            .iter()
            .map(|l| trigger.replace_all(l, "${1}<none>").into_owned())
            .map(|l| {
                lists
                    .replace_all(&l, |m: &Captures| {
                        let mut parts: Vec<String> = m[0].replace(' ', "").split(',').map(str::to_string).collect();
                        parts.sort();
                        parts.join(",")
                    })
                    .into_owned()
            })
            .filter(|l| !race.is_match(l))
            .collect();
        if command.contains("get events") || words.contains(&"events") {
            let age = re(r"^<age>( \(.*?\))?  ");
            return lines.iter().map(|l| age.replace(l, "").into_owned()).collect::<BTreeSet<_>>().into_iter().collect();
        }
        if re(r"describe (ep|endpoints)\b").is_match(command) {
            let mut sorted = lines;
            sorted.sort();
            return sorted;
        }
        blocks(&lines, command)
    }

    fn traffic_key(&self, words: &[&str], out: &[String], typed: &str) -> Vec<String> {
        match words.get(1) {
            Some(&"request") => {
                let times = re(r"^\d+ \d+ ");
                let results: Vec<String> =
                    out.iter().filter(|l| !l.is_empty()).map(|l| times.replace(l, "").into_owned()).collect();
                let mut status: Vec<String> =
                    results.iter().map(|r| r.split(" pod=").next().unwrap_or_default().to_string()).collect();
                status.sort();
                let find = |pattern: &str| -> BTreeSet<String> {
                    let pattern = re(pattern);
                    results.iter().filter_map(|r| pattern.captures(r).map(|m| m[1].to_string())).collect()
                };
                let versions = find(r"version=(\S+)");
                match versions.len() {
                    0 => {}
                    1 => status.extend(versions),
                    _ => status.push("<versions>".into()),
                }
                let from: BTreeSet<String> = find(r"from=(\S+)").iter().map(|f| self.normal(f, typed, false)).collect();
                status.extend(from);
                status
            }
            Some(&"collect") => {
                let head = out.iter().find(|l| l.starts_with("requests=")).cloned().unwrap_or_default();
                let none = re(r"failed=(\d+)").captures(&head).is_some_and(|m| &m[1] == "0");
                vec![if none { "failed=0".into() } else { "failed>0".into() }]
            }
            Some(&"resolve") => out
                .iter()
                .map(|l| {
                    let (name, body) = l.split_once(' ').unwrap_or((l, ""));
                    let found = body.split(']').next().unwrap_or_default();
                    let count = re(r"\d+\.\d+\.\d+\.\d+").find_iter(found).count();
                    let kind = if count > 0 {
                        self.normal(found, typed, true).trim_matches([' ', '[']).to_string()
                    } else {
                        "none".into()
                    };
                    let mut kinds: Vec<&str> = kind.split_whitespace().collect();
                    kinds.sort_unstable();
                    format!("{name} {count} {}", kinds.join(" "))
                })
                .collect(),
            _ => vec![],
        }
    }
}

/// Overlapping neighbours share a separator: once is not always enough.
fn replace_until_stable(pattern: &Regex, text: &str, with: &str) -> String {
    let mut s = text.to_string();
    loop {
        let next = pattern.replace_all(&s, with).into_owned();
        if next == s {
            return s;
        }
        s = next;
    }
}

/// Errors about keys of one map come in random order.
fn sort_field_errors(lines: &mut [String]) {
    let mut i = 0;
    while i < lines.len() {
        let head = lines[i].split(": ").next().unwrap_or_default().to_string();
        let mut j = i;
        while j < lines.len() && lines[j].starts_with("* ") && lines[j].split(": ").next() == Some(head.as_str()) {
            j += 1;
        }
        lines[i..j].sort();
        i = j.max(i + 1);
    }
}

/// A table's rows are compared as a multiset, an Events list as a set.
fn blocks(lines: &[String], command: &str) -> Vec<String> {
    let (mut result, mut block, mut events): (Vec<String>, Vec<String>, bool) = (vec![], vec![], false);
    let header = re(r"^[A-Z][A-Z -]+( {2}|$)");
    let age = re(r"  <age>( \(x\d+ over <age>\))?  ");
    let addresses = re(r"^\s+(- )?Addresses:");
    let flush = |block: &mut Vec<String>, events: bool, result: &mut Vec<String>| {
        let mut body = std::mem::take(block);
        if events {
            body =
                body.iter().map(|b| age.replace_all(b, "  <age>  ").into_owned()).collect::<BTreeSet<_>>().into_iter().collect();
        } else if body.first().is_some_and(|b| header.is_match(b)) {
            body[1..].sort();
        } else if command.contains("describe") && body.iter().any(|b| addresses.is_match(b)) {
            body.sort();
        }
        result.extend(body);
    };
    for line in lines.iter().map(String::as_str).chain([""]) {
        if line.is_empty() || line.starts_with("Events:") {
            flush(&mut block, events, &mut result);
            events = line.starts_with("Events:");
            if events {
                result.push(line.to_string());
            }
        } else {
            block.push(line.to_string());
        }
    }
    let lists = re(r"(<podip>(:\S+?)?)(, ?<podip>(:\S+?)?)*( \+|$|\s)");
    result.iter().map(|r| lists.replace_all(r, |m: &Captures| m[0].replace(", ", ",")).into_owned()).collect()
}

fn pick(object: &Value, fields: &[&str]) -> Value {
    let empty = |v: &Value| v.is_null() || v.as_object().is_some_and(Map::is_empty) || v.as_array().is_some_and(Vec::is_empty);
    Value::Object(fields.iter().filter(|f| !empty(&object[**f])).map(|f| (f.to_string(), object[*f].clone())).collect())
}

fn sorted(mut values: Vec<Value>) -> Value {
    values.sort_by_key(ToString::to_string);
    Value::Array(values)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn conditions(status: &Value, reason: bool) -> Value {
    let one = |c: &Value| {
        if reason { json!([c["type"], c["status"], c["reason"].as_str().unwrap_or("")]) } else { json!([c["type"], c["status"]]) }
    };
    sorted(list(&status["conditions"]).iter().map(one).collect())
}

fn owner(meta: &Value) -> Value {
    let owners = list(&meta["ownerReferences"]).iter().filter(|r| r["controller"] == true);
    Value::Array(
        owners.map(|r| json!(format!("{}/{}", r["kind"].as_str().unwrap_or(""), r["name"].as_str().unwrap_or("")))).collect(),
    )
}

fn labels(meta: &Value) -> Value {
    if meta["labels"].is_null() { json!({}) } else { meta["labels"].clone() }
}

fn state(state: &Value) -> Value {
    let one = |(k, v): (&String, &Value)| (k.clone(), pick(v, &["reason", "exitCode"]));
    Value::Object(state.as_object().into_iter().flatten().map(one).collect())
}

/// The fields of an object that a snapshot comparison looks at.
pub fn project(o: &Value) -> Value {
    let (meta, spec, status) = (&o["metadata"], &o["spec"], &o["status"]);
    let annotations = |keep: &dyn Fn(&str) -> bool| -> Value {
        let all = meta["annotations"].as_object().into_iter().flatten();
        Value::Object(all.filter(|(k, _)| keep(k)).map(|(k, v)| (k.clone(), v.clone())).collect())
    };
    let mut out = json!({"kind": o["kind"], "name": meta["name"], "labels": labels(meta)});
    let more = match o["kind"].as_str().unwrap_or_default() {
        "Service" => json!({"spec": spec, "lb": status["loadBalancer"]}),
        "Deployment" => json!({
            "annotations": annotations(&|k| !k.contains("last-applied")),
            "spec": pick(spec, &["replicas", "strategy", "minReadySeconds", "progressDeadlineSeconds", "revisionHistoryLimit", "paused", "selector"]),
            "status": pick(status, &["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "terminatingReplicas", "observedGeneration"]),
            "conditions": conditions(status, true),
        }),
        "ReplicaSet" => json!({
            "owner": owner(meta), "annotations": annotations(&|k| k.starts_with("deployment.kubernetes.io/")), "replicas": spec["replicas"],
            "status": pick(status, &["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "terminatingReplicas"]),
        }),
        "Pod" => {
            let container = |c: &Value| {
                let last = state(&c["lastState"]);
                let has_last = last.as_object().is_some_and(|m| !m.is_empty());
                json!({"name": c["name"], "ready": c["ready"], "started": c["started"], "state": state(&c["state"]), "last": if has_last { json!("some") } else { json!({}) }})
            };
            json!({
                "owner": owner(meta), "deleting": !meta["deletionTimestamp"].is_null(), "grace": meta["deletionGracePeriodSeconds"],
                "phase": status["phase"], "qos": status["qosClass"], "conditions": conditions(status, false),
                "containers": list(&status["containerStatuses"]).iter().map(container).collect::<Vec<_>>(),
            })
        }
        "EndpointSlice" => {
            let endpoint = |e: &Value| {
                let hints: Map<String, Value> =
                    e["hints"].as_object().into_iter().flatten().map(|(k, v)| (k.clone(), json!(list(v).len()))).collect();
                json!({"conditions": e["conditions"], "target": e["targetRef"]["name"], "hints": hints})
            };
            json!({"type": o["addressType"], "ports": sorted(list(&o["ports"]).to_vec()), "endpoints": sorted(list(&o["endpoints"]).iter().map(endpoint).collect())})
        }
        "Endpoints" => {
            let subset = |s: &Value| json!({"ready": list(&s["addresses"]).len(), "notReady": list(&s["notReadyAddresses"]).len(), "ports": sorted(list(&s["ports"]).to_vec())});
            json!({"subsets": sorted(list(&o["subsets"]).iter().map(subset).collect())})
        }
        "Node" => {
            let taints = list(&spec["taints"]).iter().map(|t| json!([t["key"], t["effect"]])).collect();
            let ready: Vec<&Value> =
                list(&status["conditions"]).iter().filter(|c| c["type"] == "Ready").map(|c| &c["status"]).collect();
            return json!({"kind": "Node", "name": meta["name"], "unschedulable": spec["unschedulable"] == true, "taints": sorted(taints), "ready": ready});
        }
        _ => json!({}),
    };
    if let (Some(out), Value::Object(more)) = (out.as_object_mut(), more) {
        out.extend(more);
    }
    out
}

/// An object of a snapshot as comparable text.
pub fn canonical(rules: &Rules, projected: &Value, typed: &str) -> String {
    let mut text = projected.to_string();
    text = text
        .replace("CrashLoopBackOff", "<crash>")
        .replace(r#""terminated":{"exitCode":1,"reason":"Error"}"#, r#""waiting":{"reason":"<crash>"}"#);
    text = text.replace("ErrImagePull", "<pull>").replace("ImagePullBackOff", "<pull>");
    let hide = projected["kind"] != "Node";
    for (mark, with) in [("\"", " "), (",", " , "), ("}", " } "), ("]", " ] "), (":", ": ")] {
        text = text.replace(mark, with);
    }
    rules.normal(&text, typed, hide).replace("resourceVersion", "")
}
