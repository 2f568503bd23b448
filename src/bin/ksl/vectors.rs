//! `ksl vectors`: recorded answers of Kubernetes' own functions against ours.

use super::args::{Args, print, read};
use kube_service_lab::vectors;
use std::path::Path;
use std::process::ExitCode;

pub const USAGE: &str = "vectors FILE.json...
      runs every case of a file of recorded answers of Kubernetes' own functions (tests/golden/vectors/README.md)
      against our function of the same job, prints each difference, and last: N passed, M failed
";

pub fn run(args: &Args) -> Result<ExitCode, String> {
    args.file()?;
    let (mut passed, mut failed, mut good) = (0, 0, true);
    for path in args.words() {
        let text = read(path)?;
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        let report = vectors::run(&name, &text).map_err(|why| format!("{path}: {why}"))?;
        if args.words().len() > 1 {
            print(&format!("{path}\n"));
        }
        print(&report.to_string());
        (passed, failed) = (passed + report.passed(), failed + report.failed());
        good &= report.is_good();
    }
    if args.words().len() > 1 {
        print(&format!("in {} files:\n{passed} passed, {failed} failed\n", args.words().len()));
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
