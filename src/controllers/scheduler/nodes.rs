//! What the scheduler believes stands on each node: bound Pods that it was told of, and Pods that it has just bound itself.
//!
//! Promises: a Pod counts once, on one node; a Pod bound a moment ago counts before the watch says so.
//! Source: `pkg/scheduler/backend/cache/cache.go`, `pkg/scheduler/framework/types.go` (NodeInfo).

use crate::api::meta::StringMap;
use crate::api::quantity::Amount;
use crate::api::{Key, Node, Pod, pod_resources};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Amounts by resource: CPU in thousandths, all else in whole units.
pub type Amounts = BTreeMap<String, i64>;

/// A container that asks for nothing counts as if it asked for this much, when nodes are compared.
const DEFAULT_CPU: &str = "100m";
const DEFAULT_MEMORY: &str = "200Mi";

/// A node and the Pods on it.
#[derive(Clone, Debug, Default)]
pub struct NodeInfo {
    /// The node; `None` while only Pods of it are known.
    pub node: Option<Rc<Node>>,
    /// Pods that are bound or assumed to be.
    pub pods: BTreeMap<Key, Rc<Pod>>,
    /// What they ask for.
    pub requested: Amounts,
    /// The same, with something for those that ask for nothing.
    pub counted: Amounts,
    /// How many Pods that are not being deleted have the same namespace and labels: Pods of one template are one entry.
    pub alike: BTreeMap<(String, StringMap), i64>,
    /// Those Pods that have rules about which others they stand near.
    pub with_affinity: BTreeSet<Key>,
    offered: Amounts,
}

/// All nodes.
#[derive(Clone, Debug, Default)]
pub struct Nodes {
    by_name: BTreeMap<String, NodeInfo>,
    places: BTreeMap<Key, String>,
    assumed: BTreeSet<Key>,
}

/// As much as it is in the scheduler's units, rounded up.
fn units(resource: &str, amount: &Amount) -> i64 {
    if resource == "cpu" { amount.milli_value() } else { amount.value() }
}

fn in_units(amounts: &pod_resources::Amounts) -> Amounts {
    amounts.iter().map(|(name, amount)| (name.clone(), units(name, amount))).collect()
}

/// What a Pod asks for.
pub fn pod_requests(pod: &Pod) -> Amounts {
    in_units(&pod_resources::requests(pod))
}

/// The same, with something for containers that ask for nothing.
pub fn pod_counted(pod: &Pod) -> Amounts {
    let missing = [("cpu", DEFAULT_CPU), ("memory", DEFAULT_MEMORY)];
    let missing = missing.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Amount::parse(text).ok()?)));
    in_units(&pod_resources::requests_with(pod, &missing.collect()))
}

fn add(total: &mut Amounts, more: &Amounts, sign: i64) {
    for (name, n) in more {
        let sum = total.entry(name.clone()).or_default();
        *sum = sum.saturating_add(n.saturating_mul(sign));
    }
}

/// Whether a Pod has rules about which others it stands near.
pub fn has_affinity(pod: &Pod) -> bool {
    let given = |kind: &str| pod.spec.affinity.as_ref().and_then(|a| a.get(kind)).is_some_and(|v| !v.is_null());
    given("podAffinity") || given("podAntiAffinity")
}

impl NodeInfo {
    /// The amount of a resource that the node offers.
    pub fn allocatable(&self, resource: &str) -> i64 {
        self.offered.get(resource).copied().unwrap_or(0)
    }

    fn set_node(&mut self, node: Option<Rc<Node>>) {
        self.offered = node.as_ref().map(|node| in_units(&pod_resources::parsed(&node.status.allocatable))).unwrap_or_default();
        self.node = node;
    }

    fn count(&mut self, pod: &Pod, sign: i64) {
        add(&mut self.requested, &pod_requests(pod), sign);
        add(&mut self.counted, &pod_counted(pod), sign);
        if !pod.meta.is_deleting() {
            let group = (pod.meta.namespace.clone(), pod.meta.labels.clone());
            let count = self.alike.entry(group.clone()).or_default();
            *count += sign;
            if *count == 0 {
                self.alike.remove(&group);
            }
        }
    }

    fn insert(&mut self, key: Key, pod: Rc<Pod>) {
        self.count(&pod, 1);
        if has_affinity(&pod) {
            self.with_affinity.insert(key.clone());
        }
        self.pods.insert(key, pod);
    }

    fn remove(&mut self, key: &Key) {
        if let Some(pod) = self.pods.remove(key) {
            self.count(&pod, -1);
            self.with_affinity.remove(key);
        }
    }
}

impl Nodes {
    /// The known nodes, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Rc<Node>, &NodeInfo)> {
        self.by_name.values().filter_map(|info| Some((info.node.as_ref()?, info)))
    }

    /// A node appeared or changed, or is gone.
    pub fn set_node(&mut self, name: &str, node: Option<Rc<Node>>) {
        let info = self.by_name.entry(name.to_string()).or_default();
        info.set_node(node);
        if info.node.is_none() && info.pods.is_empty() {
            self.by_name.remove(name);
        }
    }

    /// The watch shows a Pod on a node.
    pub fn place(&mut self, key: Key, pod: Rc<Pod>) {
        self.remove(&key);
        let name = pod.spec.node_name.clone();
        let info = self.by_name.entry(name.clone()).or_default();
        info.insert(key.clone(), pod);
        self.places.insert(key, name);
    }

    /// The Pod was bound just now; the watch does not show it yet.
    pub fn assume(&mut self, key: Key, pod: &Pod, node: &str) {
        let mut pod = pod.clone();
        pod.spec.node_name = node.to_string();
        self.place(key.clone(), Rc::new(pod));
        self.assumed.insert(key);
    }

    /// Whether the Pod was bound and the watch does not show it yet.
    pub fn is_assumed(&self, key: &Key) -> bool {
        self.assumed.contains(key)
    }

    /// The Pod is gone, or has ended. Returns whether it stood on a node.
    pub fn remove(&mut self, key: &Key) -> bool {
        self.assumed.remove(key);
        let Some(name) = self.places.remove(key) else { return false };
        let Some(info) = self.by_name.get_mut(&name) else { return false };
        info.remove(key);
        if info.node.is_none() && info.pods.is_empty() {
            self.by_name.remove(&name);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Quantity;
    use crate::api::pod::Container;

    fn container(cpu: &str) -> Container {
        let mut container = Container::default();
        container.resources.requests.insert("cpu".into(), Quantity(cpu.into()));
        container
    }

    #[test]
    fn a_container_that_asks_for_nothing_counts_when_nodes_are_compared() {
        let mut pod = Pod::default();
        pod.spec.containers = vec![container("300m"), Container::default()];
        assert_eq!((pod_requests(&pod)["cpu"], pod_requests(&pod).get("memory")), (300, None));
        assert_eq!((pod_counted(&pod)["cpu"], pod_counted(&pod)["memory"]), (400, 400 << 20));
    }

    #[test]
    fn an_assumed_pod_counts_once() {
        let mut nodes = Nodes::default();
        nodes.set_node("n", Some(Rc::new(Node::default())));
        let (key, mut pod) = (Key::new("default", "p"), Pod::default());
        pod.spec.containers = vec![container("100m")];
        nodes.assume(key.clone(), &pod, "n");
        assert!(nodes.is_assumed(&key));
        pod.spec.node_name = "n".into();
        nodes.place(key.clone(), Rc::new(pod));
        assert!(!nodes.is_assumed(&key));
        assert_eq!(nodes.iter().next().unwrap().1.requested["cpu"], 100);
        assert!(nodes.remove(&key));
        assert_eq!(nodes.iter().next().unwrap().1.requested["cpu"], 0);
    }
}
