//! A table: chains by name, each chain a list of rules or a portal chain with an index.
//!
//! Promises: every jump leads to a chain of the same table; changing one Service touches its own rules only.

use super::rule::{Match, Net, Rule, Target};
use crate::node::proxy::packet::Fraction;
use crate::node::proxy::port::PortName;
use crate::node::proxy::steps::{self, RuleText, Step};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// Where a rule stands in a portal chain: by comment, then in the order in which its Service port wrote it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortalKey {
    comment: Rc<str>,
    port: Rc<PortName>,
    sequence: u32,
}

/// What a portal rule is looked up by: protocol, destination address (`None`: any), destination port.
type Door = (Option<Ipv4Addr>, u16, crate::node::proxy::port::Protocol);

/// A chain with rules of all Services (KUBE-SERVICES, KUBE-NODEPORTS, …), looked up by destination.
/// Between Services the real order is arbitrary; here it is the order of comments.
#[derive(Clone, Debug, Default)]
pub struct Portals {
    rules: BTreeMap<PortalKey, Rc<Rule>>,
    index: BTreeMap<Door, BTreeMap<PortalKey, Rc<Rule>>>,
    /// Rules after all others.
    pub tail: Vec<Rc<Rule>>,
}

fn door(rule: &Rule) -> Option<Door> {
    let protocol = rule.matches.iter().find_map(|m| if let Match::Protocol(p) = m { Some(*p) } else { None })?;
    let port = rule.matches.iter().find_map(|m| if let Match::DestinationPort(p) = m { Some(*p) } else { None })?;
    let ip = rule.matches.iter().find_map(|m| if let Match::Destination(Net::Host(ip)) = m { Some(*ip) } else { None });
    Some((ip, port, protocol))
}

impl Portals {
    fn insert(&mut self, port: &Rc<PortName>, sequence: u32, rule: Rule) -> Option<PortalKey> {
        let door = door(&rule)?;
        let key = PortalKey { comment: rule.comment().into(), port: port.clone(), sequence };
        let rule = Rc::new(rule);
        self.index.entry(door).or_default().insert(key.clone(), rule.clone());
        self.rules.insert(key.clone(), rule);
        Some(key)
    }

    fn remove(&mut self, key: &PortalKey) {
        let Some(door) = self.rules.remove(key).and_then(|rule| door(&rule)) else { return };
        if let Some(rules) = self.index.get_mut(&door) {
            rules.remove(key);
            if rules.is_empty() {
                self.index.remove(&door);
            }
        }
    }

    /// The rules that could match a packet, in order, the tail last.
    pub fn candidates(&self, protocol: super::Protocol, ip: Ipv4Addr, port: u16) -> impl Iterator<Item = &Rc<Rule>> {
        let at = |ip| self.index.get(&(ip, port, protocol)).into_iter().flatten().peekable();
        let (mut exact, mut any) = (at(Some(ip)), at(None));
        let merged = std::iter::from_fn(move || {
            let take_exact = match (exact.peek(), any.peek()) {
                (Some((a, _)), Some((b, _))) => a < b,
                (exact, _) => exact.is_some(),
            };
            let next = if take_exact { exact.next() } else { any.next() };
            next.map(|(_, rule)| rule)
        });
        merged.chain(self.tail.iter())
    }
}

/// Rules one after another, and where they stand.
#[derive(Clone, Debug)]
pub struct List {
    table: &'static str,
    chain: Rc<str>,
    /// The rules.
    pub rules: Vec<Rc<Rule>>,
    /// Of each rule that chance alone decides, its chance: such rules of large Services are asked one after another often.
    pub chances: Vec<Option<Fraction>>,
}

impl steps::Chain for List {
    fn passed(&self, at: usize) -> Step {
        step(self.table, &self.chain, &self.rules[at], false)
    }
}

/// A rule on a packet's way.
pub fn step(table: &'static str, chain: &Rc<str>, rule: &Rc<Rule>, matched: bool) -> Step {
    Step { table, chain: chain.clone(), rule: RuleText::shared(rule.clone()), probability: rule.probability(), matched }
}

/// The rules of a chain.
#[derive(Clone, Debug)]
pub enum Rules {
    /// One after another.
    List(Rc<List>),
    /// Of all Services.
    Portals(Portals),
}

/// A chain.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Its name.
    pub name: Rc<str>,
    /// Its rules.
    pub rules: Rules,
    /// The writing that it was written in last ([`Table::begin`]).
    written: u64,
}

impl Chain {
    /// All rules in order.
    pub fn iter(&self) -> Box<dyn Iterator<Item = &Rule> + '_> {
        match &self.rules {
            Rules::List(list) => Box::new(list.rules.iter().map(|r| &**r)),
            Rules::Portals(p) => Box::new(p.rules.values().chain(p.tail.iter()).map(|r| &**r)),
        }
    }

    /// How many rules it has.
    pub fn len(&self) -> usize {
        match &self.rules {
            Rules::List(list) => list.rules.len(),
            Rules::Portals(p) => p.rules.len() + p.tail.len(),
        }
    }

    /// Whether it has no rules.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// `nat` or `filter`.
    pub name: &'static str,
    names: BTreeMap<Rc<str>, u32>,
    chains: Vec<Chain>,
    free: Vec<u32>,
    rules: usize,
    writing: u64,
}

impl Table {
    /// A table without chains.
    pub fn new(name: &'static str) -> Table {
        Table { name, names: BTreeMap::new(), chains: Vec::new(), free: Vec::new(), rules: 0, writing: 0 }
    }

    fn list(&self, chain: &Rc<str>, rules: Vec<Rc<Rule>>) -> Rules {
        let chances = rules.iter().map(|rule| rule.chance_alone()).collect();
        Rules::List(Rc::new(List { table: self.name, chain: chain.clone(), rules, chances }))
    }

    /// The place of a chain; an empty one is made if there is none of that name.
    pub fn slot(&mut self, name: &Rc<str>) -> u32 {
        if let Some(slot) = self.names.get(name) {
            return *slot;
        }
        let chain = Chain { name: name.clone(), rules: self.list(name, vec![]), written: 0 };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.chains[slot as usize] = chain;
                slot
            }
            None => {
                self.chains.push(chain);
                self.chains.len() as u32 - 1
            }
        };
        self.names.insert(name.clone(), slot);
        slot
    }

    /// The place of a chain that exists.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// The chain at a place.
    pub fn chain(&self, slot: u32) -> Option<&Chain> {
        self.chains.get(slot as usize)
    }

    /// Every chain, by name.
    pub fn by_name(&self) -> impl Iterator<Item = &Chain> {
        self.names.values().filter_map(|slot| self.chain(*slot))
    }

    /// How many rules the table has.
    pub fn rule_count(&self) -> usize {
        self.rules
    }

    /// How many chains the table has.
    pub fn chain_count(&self) -> usize {
        self.names.len()
    }

    /// Begins a writing: [`Table::was_written`] tells what was written since.
    pub fn begin(&mut self) {
        self.writing += 1;
    }

    /// Whether the chain at a place was written since [`Table::begin`].
    pub fn was_written(&self, slot: u32) -> bool {
        self.chain(slot).is_some_and(|chain| chain.written == self.writing)
    }

    fn resolve(&mut self, rule: &mut Rule) {
        if let Target::Jump(jump) = &mut rule.target {
            jump.slot = self.slot(&jump.chain);
        }
    }

    fn put(&mut self, slot: u32, rules: Rules) {
        let chain = &mut self.chains[slot as usize];
        self.rules -= chain.len();
        chain.rules = rules;
        self.rules += chain.len();
    }

    /// Rules whose jumps know their places.
    fn resolved(&mut self, rules: Vec<Rule>) -> Vec<Rc<Rule>> {
        let resolve = |mut rule| {
            self.resolve(&mut rule);
            Rc::new(rule)
        };
        rules.into_iter().map(resolve).collect()
    }

    /// Writes a chain anew. Returns its place.
    pub fn set_chain(&mut self, name: &Rc<str>, rules: Vec<Rule>) -> u32 {
        let rules = self.resolved(rules);
        let slot = self.slot(name);
        self.put(slot, self.list(name, rules));
        self.chains[slot as usize].written = self.writing;
        slot
    }

    /// Makes a chain a portal chain, keeps its portal rules if it is one, and writes its tail.
    pub fn set_portals(&mut self, name: &Rc<str>, tail: Vec<Rule>) {
        let tail = self.resolved(tail);
        let slot = self.slot(name);
        let mut portals = match &self.chains[slot as usize].rules {
            Rules::Portals(portals) => portals.clone(),
            Rules::List(_) => Portals::default(),
        };
        portals.tail = tail;
        self.put(slot, Rules::Portals(portals));
    }

    /// Adds a rule of a Service port to a portal chain. The key takes it away again.
    pub fn add_portal(&mut self, chain: &Rc<str>, port: &Rc<PortName>, sequence: u32, mut rule: Rule) -> Option<PortalKey> {
        self.resolve(&mut rule);
        let slot = self.slot(chain);
        let Rules::Portals(portals) = &mut self.chains[slot as usize].rules else { return None };
        let key = portals.insert(port, sequence, rule);
        self.rules += usize::from(key.is_some());
        key
    }

    /// Takes a rule out of a portal chain.
    pub fn remove_portal(&mut self, chain: &str, key: &PortalKey) {
        let Some(slot) = self.find(chain) else { return };
        let Rules::Portals(portals) = &mut self.chains[slot as usize].rules else { return };
        let before = portals.rules.len();
        portals.remove(key);
        self.rules -= before - portals.rules.len();
    }

    /// Deletes a chain. Nothing may jump to it any more.
    pub fn remove_chain(&mut self, name: &str) {
        let Some((name, slot)) = self.names.remove_entry(name) else { return };
        self.put(slot, self.list(&name, vec![]));
        self.free.push(slot);
    }
}
