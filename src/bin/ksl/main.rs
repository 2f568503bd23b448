//! The headless command line: the same model, without a page. One file a subcommand; this one only knows their names.

#[cfg(not(target_arch = "wasm32"))]
mod args;
#[cfg(not(target_arch = "wasm32"))]
mod diagnose;
#[cfg(not(target_arch = "wasm32"))]
mod replay;
#[cfg(not(target_arch = "wasm32"))]
mod rules;
#[cfg(not(target_arch = "wasm32"))]
mod svg;
#[cfg(not(target_arch = "wasm32"))]
mod vectors;
#[cfg(not(target_arch = "wasm32"))]
mod why;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::args::{Args, print};
    use super::{diagnose, replay, rules, svg, vectors, why};
    use std::process::ExitCode;

    /// A subcommand. An `Err` is a text for standard error and means exit code 1.
    struct Command {
        name: &'static str,
        /// The command line after `ksl`, and below it, indented, what it does.
        usage: &'static str,
        /// The flags that take a value.
        flags: &'static [&'static str],
        run: fn(&Args) -> Result<ExitCode, String>,
    }

    const COMMANDS: &[Command] = &[
        Command { name: "diagnose", usage: diagnose::USAGE, flags: diagnose::FLAGS, run: diagnose::run },
        Command { name: "replay", usage: replay::USAGE, flags: &["--objects", "--seed"], run: replay::run },
        Command { name: "rules", usage: rules::USAGE, flags: rules::FLAGS, run: rules::run },
        Command { name: "svg", usage: svg::USAGE, flags: svg::FLAGS, run: svg::run },
        Command { name: "vectors", usage: vectors::USAGE, flags: &[], run: vectors::run },
        Command { name: "why", usage: why::USAGE, flags: why::FLAGS, run: why::run },
    ];

    pub fn main() -> ExitCode {
        let words: Vec<String> = std::env::args().skip(1).collect();
        run(&words).unwrap_or_else(|text| {
            eprintln!("{}", text.trim_end());
            ExitCode::FAILURE
        })
    }

    fn run(words: &[String]) -> Result<ExitCode, String> {
        let Some(name) = words.first() else { return Err(usage()) };
        if matches!(name.as_str(), "help" | "--help" | "-h") {
            print(&usage());
            return Ok(ExitCode::SUCCESS);
        }
        let command =
            COMMANDS.iter().find(|c| c.name == name).ok_or_else(|| format!("ksl: no command {name:?}\n\n{}", usage()))?;
        let help = || format!("usage:\n  ksl {}", command.usage);
        if words[1..].iter().any(|w| w == "--help" || w == "-h") {
            print(&help());
            return Ok(ExitCode::SUCCESS);
        }
        let args = Args::parse(&words[1..], command.flags).map_err(|why| format!("ksl {name}: {why}\n\n{}", help()))?;
        (command.run)(&args).map_err(|why| format!("ksl {name}: {why}"))
    }

    fn usage() -> String {
        let commands: String = COMMANDS.iter().map(|c| format!("  ksl {}", c.usage)).collect();
        format!("ksl: Kube Service Lab without a page\n\nusage:\n{commands}")
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
