//! `wget` (BusyBox 1.37) and `curl`: what they ask for, and what they say of what came back.

use super::{Ran, seconds};
use crate::cluster::Cluster;
use crate::kubectl::exec::{Executing, Pending};
use crate::time::{MILLISECOND, Nanos, SECOND};
use crate::traffic::{ClientSetting, Failure, Habits, Outcome, Pattern, Record, Source, Url};

/// When the kernel gives a connection up whose SYNs nobody answers (six are sent again).
const KERNEL: Nanos = 127 * SECOND;
/// How long an answer is waited for without an option (wget: 900 s).
const ANSWER: Nanos = 900 * SECOND;

/// What is asked for, and how it is told.
pub(super) struct Ask {
    curl: bool,
    url: Url,
    /// `-T`, `-m`
    timeout: Option<Nanos>,
    /// `--connect-timeout`
    connect: Option<Nanos>,
    /// `-q`, `-s`
    quiet: bool,
    /// `-S` of curl
    errors: bool,
    /// `-f` of curl
    fail: bool,
    /// `-i`, `-I`
    head: bool,
    /// The body is shown: not with `-I`, `-o FILE`, `--spider`.
    body: bool,
    /// wget writes the body to a file.
    file: bool,
    /// `-w`
    write: String,
}

/// What is said in place of a request, and the exit code.
type Refused = (String, i32);

impl Ask {
    pub(super) fn parse(tool: &str, args: &[String]) -> Result<Ask, Refused> {
        let curl = tool == "curl";
        let nothing = if curl {
            ("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n".to_string(), 2)
        } else {
            ("BusyBox v1.37.0 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-T SEC] URL...\n".to_string(), 1)
        };
        let mut ask = Ask {
            curl,
            url: Url::parse("http://localhost/").ok_or(nothing.clone())?,
            timeout: None,
            connect: None,
            quiet: false,
            errors: false,
            fail: false,
            head: false,
            body: true,
            file: !curl,
            write: String::new(),
        };
        let (mut address, mut rest) = (None, args.iter().map(String::as_str));
        while let Some(arg) = rest.next() {
            if let Some(long) = arg.strip_prefix("--") {
                let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v)));
                ask.option(name, &mut || value.or_else(|| rest.next()).unwrap_or_default());
            } else if let Some(letters) = arg.strip_prefix('-').filter(|l| !l.is_empty()) {
                ask.letters(letters, &mut || rest.next().unwrap_or_default());
            } else {
                address = Some(arg);
            }
        }
        let address = address.filter(|a| !a.is_empty()).ok_or(nothing)?;
        let text = if address.contains("://") { address.to_string() } else { format!("http://{address}") };
        ask.url = Url::parse(&text).ok_or_else(|| ask.malformed(address))?;
        Ok(ask)
    }

    fn malformed(&self, address: &str) -> Refused {
        match self.curl {
            true => ("curl: (3) URL rejected: Malformed input to a URL function\n".into(), 3),
            false => (format!("wget: bad address '{address}'\n"), 1),
        }
    }

    fn letters<'a>(&mut self, letters: &'a str, next: &mut dyn FnMut() -> &'a str) {
        for (at, letter) in letters.char_indices() {
            let attached = &letters[at + letter.len_utf8()..];
            let takes = if self.curl { "mowHXdAu" } else { "OTtYPUo" };
            if takes.contains(letter) {
                let value = if attached.is_empty() { next() } else { attached };
                return self.value(letter, value);
            }
            match (self.curl, letter) {
                (true, 's') | (false, 'q') => self.quiet = true,
                (true, 'S') => self.errors = true,
                (true, 'f') => self.fail = true,
                (true, 'i') => self.head = true,
                (true, 'I') => (self.head, self.body) = (true, false),
                (true, 'O') => self.body = false,
                _ => {}
            }
        }
    }

    fn value(&mut self, letter: char, value: &str) {
        match (self.curl, letter) {
            (true, 'm') | (false, 'T') => self.timeout = seconds(value),
            (true, 'o') => self.body = value == "-",
            (true, 'w') => self.write = value.replace("\\n", "\n").replace("\\t", "\t"),
            (false, 'O') => (self.file, self.body) = (value != "-", value == "-"),
            _ => {}
        }
    }

    fn option<'a>(&mut self, name: &str, next: &mut dyn FnMut() -> &'a str) {
        match name {
            "timeout" | "max-time" => self.timeout = seconds(next()),
            "connect-timeout" => self.connect = seconds(next()),
            "silent" | "quiet" => self.quiet = true,
            "show-error" => self.errors = true,
            "fail" => self.fail = true,
            "include" => self.head = true,
            "head" => (self.head, self.body) = (true, false),
            "spider" => (self.file, self.body) = (false, false),
            "output" => self.value('o', next()),
            "output-document" => self.value('O', next()),
            "write-out" => self.value('w', next()),
            "header" | "request" | "data" | "retry" | "tries" | "resolve" | "user-agent" | "retry-delay" => drop(next()),
            _ => {}
        }
    }

    /// How long it waits for all of it.
    fn patience(&self) -> Nanos {
        self.timeout.or(self.connect).unwrap_or(if self.curl { KERNEL } else { ANSWER.min(KERNEL) }).max(MILLISECOND)
    }

    fn setting(&self, run: &Executing) -> ClientSetting {
        ClientSetting {
            name: format!("exec-{}", run.pod.name),
            source: Source::Pod(run.pod.clone()),
            url: self.url.clone(),
            pattern: Pattern::Sequence,
            total: None,
            keep_alive: false,
            timeout: self.patience(),
            holds_name: 0,
            stubborn: false,
            habits: Habits::default(),
        }
    }
}

impl Cluster {
    pub(super) fn ask(&mut self, run: &Executing, ask: &Ask) -> Ran {
        let setting = ask.setting(run);
        let client = setting.name.as_str().into();
        Ran::Waits(Pending::Asked { client, number: self.ask_once(setting) })
    }
}

/// What the tool says when its request has ended, and its exit code.
pub(super) fn told(words: &[String], record: &Record) -> (String, i32) {
    let name = words.first().and_then(|w| w.rsplit('/').next()).unwrap_or_default();
    match Ask::parse(name, words.get(1..).unwrap_or_default()) {
        Ok(ask) if ask.curl => curl(&ask, record),
        Ok(ask) => wget(&ask, record),
        Err(refused) => refused,
    }
}

fn took(record: &Record) -> Nanos {
    record.ended.unwrap_or(record.started) - record.started
}

fn address(record: &Record) -> String {
    record.asked.map(|a| a.ip().to_string()).unwrap_or_default()
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}

fn wget(ask: &Ask, record: &Record) -> (String, i32) {
    let (host, ip, port) = (&ask.url.host, address(record), ask.url.port);
    let begin = if ask.quiet || ip.is_empty() { String::new() } else { format!("Connecting to {host} ({ip}:{port})\n") };
    let failed = |why: String| (format!("{begin}wget: {why}\n"), 1);
    let cannot = |why: &str| failed(format!("can't connect to remote host ({ip}): {why}"));
    match record.outcome {
        Some(Outcome::Answered { status }) if status < 400 => {
            let body = record.said() + "\n";
            let done =
                |name: &str| format!("{name:<20} 100% |********************************| {:>5}  0:00:00 ETA\n", body.len());
            let text = match (ask.file, ask.body, ask.quiet) {
                (false, false, true) | (true, _, true) => String::new(),
                (false, false, false) => format!("{begin}remote file exists\n"),
                (false, true, true) => body,
                (false, true, false) => format!("{begin}writing to stdout\n{}written to stdout\n{body}", done("-")),
                (true, _, false) => format!("{begin}saving to 'index.html'\n{}'index.html' saved\n", done("index.html")),
            };
            (text, 0)
        }
        Some(Outcome::Answered { status }) => failed(format!("server returned error: HTTP/1.1 {status} {}", phrase(status))),
        Some(Outcome::Failed(Failure::NoSuchHost)) => failed(format!("bad address '{host}'")),
        Some(Outcome::Failed(Failure::Refused)) if ip.is_empty() => failed(format!("bad address '{host}'")),
        Some(Outcome::Failed(Failure::Refused)) => cannot("Connection refused"),
        Some(Outcome::Failed(Failure::NoRoute)) => cannot("No route to host"),
        Some(Outcome::Failed(Failure::Timeout)) if ask.timeout.is_some_and(|t| t < KERNEL) => failed("download timed out".into()),
        Some(Outcome::Failed(Failure::Timeout)) if ip.is_empty() => failed(format!("bad address '{host}'")),
        Some(Outcome::Failed(Failure::Timeout)) => cannot("Connection timed out"),
        Some(Outcome::Failed(Failure::Reset)) => failed("error getting response: Connection reset by peer".into()),
        Some(Outcome::Failed(Failure::NotTls)) => (
            format!(
                "{begin}wget: note: TLS certificate validation not implemented\nwget: TLS error from peer (alert code 80): internal error\n"
            ),
            1,
        ),
        _ => failed("error getting response".into()),
    }
}

fn curl(ask: &Ask, record: &Record) -> (String, i32) {
    let (host, port, ms) = (&ask.url.host, ask.url.port, took(record) / MILLISECOND);
    let connected = record.pod.is_some() || record.body.is_some();
    let status = match record.outcome {
        Some(Outcome::Answered { status }) => status,
        _ => 0,
    };
    let write = ask.write.replace("%{http_code}", &format!("{status:03}")).replace("%{response_code}", &format!("{status:03}"));
    let write = write.replace("%{time_total}", &format!("{}.{:06}", took(record) / SECOND, took(record) % SECOND / 1000));
    let write = write.replace("%{remote_ip}", &address(record));
    let failed = |code: i32, why: String| {
        let text = if ask.quiet && !ask.errors { String::new() } else { format!("curl: ({code}) {why}\n") };
        (write.clone() + &text, code)
    };
    match record.outcome {
        Some(Outcome::Answered { status }) if ask.fail && status >= 400 => {
            failed(22, format!("The requested URL returned error: {status}"))
        }
        Some(Outcome::Answered { status }) => {
            let body = record.said() + "\n";
            let head = format!(
                "HTTP/1.1 {status} {}\nContent-Length: {}\nContent-Type: text/plain; charset=utf-8\n\n",
                phrase(status),
                body.len()
            );
            let head = if ask.head { head } else { String::new() };
            (head + if ask.body { &body } else { "" } + &write, 0)
        }
        Some(Outcome::Failed(Failure::NoSuchHost)) => failed(6, format!("Could not resolve host: {host}")),
        Some(Outcome::Failed(Failure::Refused)) if record.asked.is_none() => failed(6, format!("Could not resolve host: {host}")),
        Some(Outcome::Failed(Failure::Refused | Failure::NoRoute)) => {
            failed(7, format!("Failed to connect to {host} port {port} after {ms} ms: Could not connect to server"))
        }
        Some(Outcome::Failed(Failure::Timeout)) if record.asked.is_none() => {
            failed(28, format!("Resolving timed out after {ms} milliseconds"))
        }
        Some(Outcome::Failed(Failure::Timeout)) if connected => {
            failed(28, format!("Operation timed out after {ms} milliseconds with 0 bytes received"))
        }
        Some(Outcome::Failed(Failure::Timeout)) if ask.timeout.is_some() => {
            failed(28, format!("Connection timed out after {ms} milliseconds"))
        }
        Some(Outcome::Failed(Failure::Timeout)) => {
            failed(28, format!("Failed to connect to {host} port {port} after {ms} ms: Timeout was reached"))
        }
        Some(Outcome::Failed(Failure::Reset)) => failed(56, "Recv failure: Connection reset by peer".into()),
        Some(Outcome::Failed(Failure::NotTls)) => {
            failed(35, "TLS connect error: error:0A00010B:SSL routines::wrong version number".into())
        }
        Some(Outcome::Failed(Failure::Untrusted)) => {
            failed(60, "SSL certificate OpenSSL verify result: unable to get local issuer certificate (20)".into())
        }
        _ => failed(52, "Empty reply from server".into()),
    }
}
