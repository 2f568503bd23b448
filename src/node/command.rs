//! What a container's own command does: what is no program of the image cannot be started, and a small shell script of
//! `echo`, `sleep`, `true`, `false` and `exit` is played. Anything else leaves the image's own behaviour in place.
//!
//! The words of a failed start are containerd's and runc's, as the recorded nodes had them.

use crate::api::pod::Container;
use crate::time::{Nanos, SECOND, parse_span};

/// Programs that the images of the lab are taken to have.
const PROGRAMS: [&str; 32] = [
    "app", "ash", "awk", "bash", "cat", "cp", "curl", "date", "echo", "env", "exit", "false", "grep", "head", "hostname",
    "httpd", "kill", "ls", "mkdir", "nc", "nginx", "nslookup", "printenv", "sed", "seq", "sh", "sleep", "tail", "test", "touch",
    "true", "wget",
];
/// Where they lie.
const PLACES: [&str; 8] =
    ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/", "/docker-entrypoint.sh", "/"];

/// What a script that is understood to its end does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// Lines it prints, and when after its start.
    pub lines: Vec<(Nanos, String)>,
    /// When it ends after its start.
    pub ends: Nanos,
    /// With which code.
    pub code: i32,
}

/// Whether an image is one that the lab knows from the inside.
pub fn is_known(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    matches!(name.split([':', '@']).next(), Some("nginx" | "busybox"))
}

/// Why a container's process cannot be started, in the runtime's words; `None` when it can.
pub fn start_error(container: &Container) -> Option<String> {
    let program = container.command.first().filter(|_| is_known(&container.image))?;
    let why = match (program.contains('/'), exists(program)) {
        (_, true) => return None,
        (true, false) => format!("exec: {program:?}: stat {program}: no such file or directory"),
        (false, false) => format!("exec: {program:?}: executable file not found in $PATH"),
    };
    Some(format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: \
         unable to start container process: {why}: unknown"
    ))
}

fn exists(program: &str) -> bool {
    let name = PLACES.iter().find_map(|place| program.strip_prefix(place)).unwrap_or(program);
    program == "/docker-entrypoint.sh" || PROGRAMS.contains(&name)
}

/// The script of a container, if its command is one that the lab can play to its end.
pub fn script(container: &Container) -> Option<Script> {
    let words: Vec<&str> = container.command.iter().chain(&container.args).map(String::as_str).collect();
    // The idle client has no entry point: its arguments are a command.
    let own = !container.command.is_empty() || (is_known(&container.image) && container.image.contains("busybox"));
    (own && !words.is_empty()).then(|| play(&words))?
}

/// The exit code of a command run in a container; what the lab does not understand goes well.
pub fn exit_code(command: &[String]) -> i32 {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    play(&words).map_or(0, |script| script.code)
}

/// How long a command takes; a moment for what the lab does not understand.
pub fn span(command: &[String]) -> Option<Nanos> {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    play(&words).map(|script| script.ends).filter(|ends| *ends > 0)
}

fn play(words: &[&str]) -> Option<Script> {
    let mut script = Script::default();
    let shell = words.first().is_some_and(|w| matches!(w.rsplit('/').next(), Some("sh" | "ash" | "bash")));
    if !shell {
        return step(words, &mut script).then_some(script);
    }
    let place = words.iter().position(|w| w.starts_with('-') && w.ends_with('c'))?;
    let text = words.get(place + 1)?.replace("&&", "\n&").replace("||", "\n|").replace(';', "\n");
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (skip, line) = match (line.strip_prefix('&'), line.strip_prefix('|')) {
            (Some(rest), _) => (script.code != 0, rest),
            (_, Some(rest)) => (script.code == 0, rest),
            _ => (false, line),
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        if skip || words.is_empty() {
            continue;
        }
        if !step(&words, &mut script) {
            return None;
        }
        if words[0] == "exit" {
            break;
        }
    }
    Some(script)
}

/// One simple command. False: not understood.
fn step(words: &[&str], script: &mut Script) -> bool {
    let rest = words.get(1..).unwrap_or_default();
    let odd = |word: &&str| word.contains(['>', '<', '|', '`', '$', '*', '&', '(', '{']);
    if rest.iter().any(odd) {
        return false;
    }
    let Some(name) = words.first().and_then(|word| word.rsplit('/').next()) else { return false };
    let span = |word: &str| word.parse::<u32>().ok().map(|n| u64::from(n) * SECOND).or_else(|| parse_span(word));
    match (name, rest) {
        ("true" | ":", _) => script.code = 0,
        ("false", _) => script.code = 1,
        ("exit", []) => {}
        ("exit", [code, ..]) => match code.parse::<u8>() {
            Ok(code) => script.code = code.into(),
            Err(_) => return false,
        },
        ("sleep", [time]) => match span(time) {
            Some(span) => {
                script.ends += span;
                script.code = 0;
            }
            None => return false,
        },
        ("echo", _) => {
            let text = rest.join(" ").replace(['"', '\''], "");
            script.lines.push((script.ends, text));
            script.code = 0;
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(command: &[&str]) -> Container {
        let command = command.iter().map(|word| word.to_string()).collect();
        Container { image: "busybox:1.37".into(), command, ..Container::default() }
    }

    #[test]
    fn what_is_no_program_cannot_be_started() {
        let why = |command: &[&str]| {
            let text = start_error(&container(command))?;
            text.split_once("container process: ").map(|(_, why)| why.to_string())
        };
        assert_eq!(why(&["nope"]).as_deref(), Some("exec: \"nope\": executable file not found in $PATH: unknown"));
        assert_eq!(why(&["/app/run"]).as_deref(), Some("exec: \"/app/run\": stat /app/run: no such file or directory: unknown"));
        assert_eq!(why(&["/bin/sh", "-c", "x"]), None);
        assert_eq!(why(&[]), None);
    }

    #[test]
    fn small_scripts_are_played() {
        let played = |text: &str| script(&container(&["sh", "-c", text]));
        let end = |text: &str| played(text).map(|s| (s.ends / SECOND, s.code));
        assert_eq!(end("echo hello; sleep 3; exit 2"), Some((3, 2)));
        assert_eq!(end("false || sleep 1 && true"), Some((1, 0)));
        assert_eq!(end("sleep 1 && false && sleep 9"), Some((1, 1)));
        assert_eq!(end("while true; do sleep 1; done"), None);
        assert_eq!(played("echo \"a b\"").map(|s| s.lines), Some(vec![(0, "a b".to_string())]));
        assert_eq!(script(&container(&["sleep", "5"])).map(|s| s.ends), Some(5 * SECOND));
    }
}
