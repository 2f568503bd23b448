//! kubectl's commands that have little or nothing to do in the lab: each says plainly what is missing.

use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Takes};

/// Commands that need something that the lab does not model, and what that is.
const MISSING: &[(&str, &str)] = &[
    ("attach", "the lab's containers have no terminal to attach to; kubectl logs -f follows what they print"),
    ("certificate", "the lab has no certificate requests"),
    ("completion", "the lab's console completes words by itself: press Tab"),
    ("cp", "the lab's containers have no files"),
    ("debug", "the lab cannot add containers to running Pods"),
    ("kuberc", "the lab's kubectl has no preferences file"),
    ("kustomize", "the lab does not build kustomizations; name the files with -f"),
    ("plugin", "the lab's kubectl has no plugins"),
    ("port-forward", "the lab's requests come from its clients: add one that sends from outside to a node port"),
    ("proxy", "the lab's API server answers kubectl only"),
];

/// Whether a command cannot do anything here.
pub fn is_missing(name: &str) -> bool {
    MISSING.iter().any(|(n, _)| *n == name)
}

/// What a command says that cannot do anything here.
pub fn missing(name: &str) -> Failure {
    let why = MISSING.iter().find(|(n, _)| *n == name).map_or("the lab does not model this", |(_, why)| why);
    Failure::error(why)
}

macro_rules! absent {
    ($($function:ident $name:literal;)*) => {
        $(
            #[doc = concat!("`kubectl ", $name, "`: refused.")]
            pub fn $function(_: &mut Cx, _: &[String]) -> Result<(), Failure> {
                Err(missing($name))
            }
        )*
    };
}

absent! {
    certificate "certificate";
    kuberc "kuberc";
    kustomize "kustomize";
    plugin "plugin";
    proxy "proxy";
}

/// `kubectl alpha`: there is nothing below it.
pub fn alpha(cx: &mut Cx, _: &[String]) -> Result<(), Failure> {
    cx.line("No alpha commands are available in this version of kubectl");
    Ok(())
}

/// `kubectl completion SHELL`: the lab's console is no shell.
pub fn completion(_: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[]).map_err(|why| Failure::usage("completion", &why))?;
    match flags.words.as_slice() {
        [] => Err(Failure::help("completion", "Shell not specified.")),
        [shell] if ["bash", "fish", "powershell", "zsh"].contains(&shell.as_str()) => Err(missing("completion")),
        [shell] => Err(Failure::help("completion", &format!("Unsupported shell type {shell:?}."))),
        _ => Err(Failure::help("completion", "Too many arguments. Expected only the shell type.")),
    }
}

/// `kubectl top`: a cluster without a metrics server has no numbers.
pub fn top(_: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let what = match args.first().map(String::as_str) {
        Some("pod" | "pods" | "po") => "pod",
        Some("node" | "nodes" | "no") => "node",
        _ => return Err(super::help::unknown_sub("top", args)),
    };
    let flags = flags::parse(&args[1..], TOP).map_err(|why| Failure::usage(&format!("top {what}"), &why))?;
    if flags.words.len() > 1 {
        return Err(Failure::help(&format!("top {what}"), &format!("{what} [NAME | -l label]")));
    }
    Err(Failure::error("Metrics API not available"))
}

pub(super) const TOP: Flags = &[
    flags::SELECT,
    &[
        Flag("containers", None, Takes::Bool),
        Flag("no-headers", None, Takes::Bool),
        Flag("show-capacity", None, Takes::Bool),
        Flag("show-swap", None, Takes::Bool),
        Flag("sort-by", None, Takes::Text),
        Flag("sum", None, Takes::Bool),
        Flag("use-protocol-buffers", None, Takes::Bool),
    ],
];

/// `kubectl options`: the flags that every command has.
pub fn options(cx: &mut Cx, _: &[String]) -> Result<(), Failure> {
    cx.line("The following options can be passed to any command:\n");
    for flag in flags::GLOBAL {
        let short = flag.1.map_or("    ".to_string(), |c| format!("-{c}, "));
        cx.line(format!("    {short}--{}", flag.0));
    }
    Ok(())
}
