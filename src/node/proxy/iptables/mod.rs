//! iptables mode: the rules of `pkg/proxy/iptables/proxier.go` as typed data.
//!
//! [`Compiler`] turns Service ports and their endpoints into rules, [`RuleSet`] holds what is in force, [`Delta`] is what one
//! sync writes, [`walk`] decides packets by the rules, [`save`] prints them as iptables-save does.

mod compile;
mod fixed;
mod rule;
mod ruleset;
mod save;
mod table;
mod walk;

pub use super::port::Protocol;
pub use compile::{Compiler, PortRules};
pub use rule::{CtState, Jump, Match, Net, Rule, Target};
pub use ruleset::{Delta, RuleSet};
pub use save::save;
pub use table::{Chain, Rules, Table};
pub use walk::walk;
pub(super) use walk::{Decision, Walker, filter, nat};
