//! Who may know whom. Reads every file of src and holds its references against the table of ARCHITECTURE.md:
//! a room names only the rooms that it stands on, and only the page names a browser's crates.

use std::fs;
use std::path::{Path, PathBuf};

/// What every room may name: it knows nothing of ours.
const GROUND: &str = "sorting";

/// Rooms from the ground up. Each may name itself and what is listed beside it.
const ROOMS: &[(&str, &[&str])] = &[
    (GROUND, &[]),
    ("time", &[]),
    ("api", &[]),
    ("manifest", &["api"]),
    ("cause", &["api", "time"]),
    ("apiserver", &["api", "cause", "time"]),
    ("controllers", &["api", "apiserver", "cause", "time"]),
    ("node", &["api", "apiserver", "cause", "time"]),
    ("network", &["node", "api", "cause", "time"]),
    ("traffic", &["network", "node", "api", "cause", "time"]),
    ("cluster", &["time", "api", "cause", "manifest", "apiserver", "controllers", "node", "network", "traffic"]),
    ("kubectl", &["api", "manifest", "apiserver", "time"]),
    ("diagnosis", BELOW_LAB),
    ("lab", BELOW_LAB),
    // Recorded answers against ours; native only.
    ("vectors", &["api", "apiserver", "controllers", "kubectl", "node", "time"]),
    ("view", BELOW_VIEW),
    ("draw", &["view"]),
    ("ui", BELOW_UI),
    // The two programs: the page starts `ui`, the command line has no page.
    ("main", &["ui"]),
    ("bin", BELOW_BIN),
];
const BELOW_LAB: &[&str] =
    &["time", "api", "cause", "manifest", "apiserver", "controllers", "node", "network", "traffic", "cluster", "kubectl"];
const BELOW_VIEW: &[&str] = &[
    "time",
    "api",
    "cause",
    "manifest",
    "apiserver",
    "controllers",
    "node",
    "network",
    "traffic",
    "cluster",
    "kubectl",
    "diagnosis",
    "lab",
];
const BELOW_UI: &[&str] = &[
    "time",
    "api",
    "cause",
    "manifest",
    "apiserver",
    "controllers",
    "node",
    "network",
    "traffic",
    "cluster",
    "kubectl",
    "diagnosis",
    "lab",
    "view",
    "draw",
];
const BELOW_BIN: &[&str] = &[
    "time",
    "api",
    "manifest",
    "apiserver",
    "controllers",
    "node",
    "network",
    "traffic",
    "cluster",
    "kubectl",
    "lab",
    "diagnosis",
    "vectors",
    "view",
    "draw",
];

/// Crates of the browser, and the rooms that may name them.
const WEB_CRATES: &[&str] = &["yew", "gloo", "web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures"];
const WEB_ROOMS: &[&str] = &["ui", "main"];

#[test]
fn every_room_names_only_what_it_stands_on() {
    let read = |file: PathBuf| (fs::read_to_string(&file).expect("a readable file"), file);
    let sources: Vec<(String, PathBuf)> = rust_files(Path::new("src")).into_iter().map(read).collect();
    let macros = sources.iter().flat_map(|(text, file)| exported_macros(file, text)).collect::<Vec<_>>();
    let problems: Vec<String> = sources.iter().flat_map(|(text, file)| check(file, text, &macros)).collect();
    assert!(problems.is_empty(), "the house's order is broken:\n{}", problems.join("\n"));
}

#[test]
fn a_breach_is_told_with_file_and_line() {
    let told = |file: &str, text: &str| check(Path::new(file), text, &[("record".into(), "api".into())]);
    assert_eq!(
        told("src/time/queue.rs", "//! See crate::lab.\nuse std::cmp;\nuse crate::api::Pod;\n"),
        ["src/time/queue.rs:3: `time` may not know `api` (it may know: nothing)"]
    );
    assert_eq!(
        told("src/draw/dots.rs", "use crate::{\n    view::{Scene, lab},\n    cluster,\n};\n"),
        ["src/draw/dots.rs:3: `draw` may not know `cluster` (it may know: view)"]
    );
    assert_eq!(
        told("src/network/dns.rs", "fn f() -> super::super::traffic::Client {}\n"),
        ["src/network/dns.rs:1: `network` may not know `traffic` (it may know: node, api, cause, time)"]
    );
    assert_eq!(
        told("src/view/mod.rs", "use web_sys::Element;\n"),
        ["src/view/mod.rs:1: `web_sys` is a browser's crate: only src/ui and src/main.rs may name it"]
    );
    assert_eq!(
        told("src/api/pod.rs", "use crate::attic::Box;\n"),
        ["src/api/pod.rs:1: `attic` is no room that tests/layering.rs knows"]
    );
    assert_eq!(
        told("src/time/rng.rs", "use crate::record;\n"),
        ["src/time/rng.rs:1: `time` may not know `api` (it may know: nothing)"]
    );
    assert!(
        told(
            "src/api/pod.rs",
            "use crate::record;\nuse crate::sorting::Arrange;\nuse crate::api::{meta, spec};\nuse super::super::api::x;\n"
        )
        .is_empty()
    );
}

/// The breaches of one file, each as `file:line: sentence`.
fn check(file: &Path, text: &str, macros: &[(String, String)]) -> Vec<String> {
    let room = room_of(file);
    if room == "lib" {
        return Vec::new();
    }
    let at = |line: usize, what: String| format!("{}:{}: {what}", file.display(), line);
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![at(1, format!("`{room}` is no room that tests/layering.rs knows"))];
    };
    let code = without_comments(text);
    let mut problems = Vec::new();
    for (line, name) in rooms_named(&code, depth_of(file)) {
        let home = macros.iter().find(|(exported, _)| *exported == name);
        let other = home.map_or(name, |(_, room)| room.clone());
        if !ROOMS.iter().any(|(name, _)| *name == other) {
            problems.push(at(line, format!("`{other}` is no room that tests/layering.rs knows")));
        } else if other != room && other != GROUND && !allowed.contains(&other.as_str()) {
            let may = if allowed.is_empty() { "nothing".to_string() } else { allowed.join(", ") };
            problems.push(at(line, format!("`{room}` may not know `{other}` (it may know: {may})")));
        }
    }
    for (index, line) in code.lines().enumerate() {
        for name in WEB_CRATES.iter().filter(|name| !WEB_ROOMS.contains(&room.as_str()) && has_word(line, name)) {
            problems.push(at(index + 1, format!("`{name}` is a browser's crate: only src/ui and src/main.rs may name it")));
        }
    }
    problems
}

/// `#[macro_export]` puts a macro at the crate's root, wherever it is written: its name, and the room that it belongs to.
fn exported_macros(file: &Path, text: &str) -> Vec<(String, String)> {
    let after_mark = text.split("#[macro_export]").skip(1);
    let name = |rest: &str| rest.split_once("macro_rules! ")?.1.split(|c| !is_word(c)).next().map(str::to_string);
    after_mark.filter_map(name).map(|name| (name, room_of(file))).collect()
}

/// `src/node/proxy/mod.rs` is in `node`, `src/cluster.rs` in `cluster`.
fn room_of(file: &Path) -> String {
    let first = file.iter().nth(1).unwrap_or_default().to_string_lossy();
    first.strip_suffix(".rs").unwrap_or(&first).to_string()
}

/// How many `super::` lead from the top of this file to the crate's root.
fn depth_of(file: &Path) -> usize {
    file.iter().count() - if file.ends_with("mod.rs") { 2 } else { 1 }
}

/// The rooms that the code names, with lines: after `crate::`, after the crate's own name, and after enough `super::`.
fn rooms_named(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for root in ["crate::", "kube_service_lab::"] {
        for (start, _) in code.match_indices(root) {
            let before = code[..start].chars().next_back();
            if !before.is_some_and(is_word) {
                found.extend(heads(code, start + root.len()));
            }
        }
    }
    let up = "super::".repeat(depth);
    for (start, _) in code.match_indices(&up) {
        // Inside an inline module the same path ends within the room, so only names of rooms count here.
        let named = heads(code, start + up.len()).into_iter();
        found.extend(named.filter(|(_, name)| ROOMS.iter().any(|(room, _)| room == name)));
    }
    found
}

/// The first names after a path's root: of `api::Pod` it is `api`, of `{api::Pod, time}` they are `api` and `time`.
fn heads(code: &str, start: usize) -> Vec<(usize, String)> {
    let word_at = |from: usize| code[from..].chars().take_while(|c| is_word(*c)).collect::<String>();
    let line_of = |offset: usize| code[..offset].matches('\n').count() + 1;
    if !code[start..].starts_with('{') {
        return vec![(line_of(start), word_at(start))];
    }
    let (mut depth, mut fresh, mut found) = (0, true, Vec::new());
    for (offset, c) in code[start..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => fresh = true,
            c if fresh && is_word(c) => {
                found.push((line_of(start + offset), word_at(start + offset)));
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// The text with every line cut at its comment; lines keep their numbers. `://` is part of an address, not a comment.
fn without_comments(text: &str) -> String {
    let cut = |line: &str| {
        let comment = line.match_indices("//").find(|(start, _)| !line[..*start].ends_with(':'));
        line[..comment.map_or(line.len(), |(start, _)| start)].to_string()
    };
    text.lines().map(|line| cut(line) + "\n").collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
