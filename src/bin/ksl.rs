//! The headless command line: the same model, without a page.

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use kube_service_lab::cluster::Settings;
    use kube_service_lab::lab::Lab;
    use kube_service_lab::lab::transcript::Replay;
    use std::io::Write;
    use std::process::ExitCode;

    /// A recorded session is one of many runs that the same commands can take on a real cluster: which of two Pods is ready
    /// first, when a back-off ends. With this seed those races fall as they did in the recordings.
    const SESSION_SEED: u64 = 146;

    const USAGE: &str = "ksl: Kube Service Lab without a page

usage:
  ksl replay FILE.transcript [--objects OUT.json] [--seed N]
      plays a recorded session in the simulator and prints it in the same format;
      --objects writes the snapshots in the recorded shape
";

    pub fn main() -> ExitCode {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let result = match args.first().map(String::as_str) {
            Some("replay") => replay(&args[1..]),
            Some("help" | "--help" | "-h") => print(USAGE),
            Some(other) => Err(format!("ksl: no command {other:?}\n\n{USAGE}")),
            None => Err(USAGE.to_string()),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(text) => {
                eprint!("{text}");
                ExitCode::FAILURE
            }
        }
    }

    /// Writes to standard output; a reader that has gone away is no error.
    fn print(text: &str) -> Result<(), String> {
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
        Ok(())
    }

    fn flag<'a>(args: &'a [String], name: &str) -> Option<&'a str> {
        args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).map(String::as_str)
    }

    fn replay(args: &[String]) -> Result<(), String> {
        let file = args.first().filter(|a| !a.starts_with('-')).ok_or(USAGE)?;
        let session = std::fs::read_to_string(file).map_err(|e| format!("ksl: {file}: {e}\n"))?;
        let seed = match flag(args, "--seed") {
            Some(text) => text.parse().map_err(|_| format!("ksl: {text:?} is no number\n"))?,
            None => SESSION_SEED,
        };
        let mut replay = Replay::new(Lab::with_settings(Settings::default(), seed));
        replay.play(&session);
        print(&replay.text)?;
        if let Some(path) = flag(args, "--objects") {
            let text = serde_json::Value::Array(replay.snapshots).to_string();
            std::fs::write(path, text).map_err(|e| format!("ksl: {path}: {e}\n"))?;
        }
        Ok(())
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
