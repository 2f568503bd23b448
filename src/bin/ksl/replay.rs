//! `ksl replay`: a recorded session, played in the simulator and printed in the same format.

use super::args::{Args, print, read, write};
use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::Lab;
use kube_service_lab::lab::transcript::Replay;
use std::process::ExitCode;

pub const USAGE: &str = "replay FILE.transcript [--objects OUT.json] [--seed N]
      plays a recorded session in the simulator and prints it in the same format;
      --objects writes the snapshots in the recorded shape
";

/// A recorded session is one of many runs that the same commands can take on a real cluster: which of two Pods is ready
/// first, when a back-off ends. With this seed those races fall as they did in the recordings.
const SESSION_SEED: u64 = 151;

pub fn run(args: &Args) -> Result<ExitCode, String> {
    let session = read(args.file()?)?;
    let seed = args.number("--seed")?.unwrap_or(SESSION_SEED);
    let mut replay = Replay::new(Lab::with_settings(Settings::default(), seed));
    replay.play(&session);
    print(&replay.text);
    if let Some(path) = args.flag("--objects") {
        write(path, &serde_json::Value::Array(replay.snapshots).to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}
