//! nftables mode: the table of `pkg/proxy/nftables/proxier.go` as typed data: chains, sets and maps.
//!
//! [`Compiler`] turns Service ports and their endpoints into chains and elements, [`RuleSet`] holds what is in force, [`Delta`]
//! is what one sync writes, [`walk`] decides packets, [`add_lines`] and [`list()`] print.

mod compile;
mod elements;
mod fixed;
mod list;
mod print;
mod rule;
mod ruleset;
mod walk;

pub use compile::{Compiler, PortRules};
pub use elements::{Element, Elements, MapVerdict};
pub use list::list;
pub use print::add_lines;
pub use rule::{Map, Part, Rule, Set};
pub use ruleset::{Chain, Delta, Hook, RuleSet};
pub use walk::walk;
