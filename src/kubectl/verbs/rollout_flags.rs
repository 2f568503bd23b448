//! The flags of `kubectl rollout`'s commands, and what it prints without one.

use crate::kubectl::flags::{CHANGE, FILES, Flag, Flags, PRINT, Takes};

/// Those of all its commands.
pub(super) const FLAGS: Flags = &[
    PRINT,
    FILES,
    CHANGE,
    &[
        Flag("watch", Some('w'), Takes::Bool),
        Flag("timeout", None, Takes::Duration),
        Flag("revision", None, Takes::Int),
        Flag("to-revision", None, Takes::Int),
        Flag("selector", Some('l'), Takes::Text),
    ],
];

const SELECTOR: &[Flag] = &[Flag("selector", Some('l'), Takes::Text)];
pub(super) const STATUS: Flags = &[
    FILES,
    SELECTOR,
    &[Flag("watch", Some('w'), Takes::Bool), Flag("timeout", None, Takes::Duration), Flag("revision", None, Takes::Int)],
];
pub(super) const HISTORY: Flags = &[FILES, PRINT, SELECTOR, &[Flag("revision", None, Takes::Int)]];
pub(super) const UNDO: Flags =
    &[FILES, PRINT, SELECTOR, &[Flag("dry-run", None, Takes::Optional("unchanged")), Flag("to-revision", None, Takes::Int)]];
/// These have no dry run.
pub(super) const PATCH: Flags = &[FILES, PRINT, SELECTOR, &[Flag("field-manager", None, Takes::Text)]];

/// What `kubectl rollout` without a subcommand prints: its commands and how they are used.
pub(super) const HELP: &str = "Manage the rollout of one or many resources.
        
 Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets

Examples:
  # Rollback to the previous deployment
  kubectl rollout undo deployment/abc
  
  # Check the rollout status of a daemonset
  kubectl rollout status daemonset/foo
  
  # Restart a deployment
  kubectl rollout restart deployment/abc
  
  # Restart deployments with the 'app=nginx' label
  kubectl rollout restart deployment --selector=app=nginx

Available Commands:
  history       View rollout history
  pause         Mark the provided resource as paused
  restart       Restart a resource
  resume        Resume a paused resource
  status        Show the status of the rollout
  undo          Undo a previous rollout

Usage:
  kubectl rollout SUBCOMMAND [options]

Use \"kubectl rollout <command> --help\" for more information about a given command.
Use \"kubectl options\" for a list of global command-line options (applies to all commands).";
