//! `pods/binding`: a Pod gets its node, and with it the labels that tell where the node stands.

use super::ApiServer;
use crate::api::{Key, Kind, Node, Object, Pod};
use crate::apiserver::{Status, strategy};
use std::rc::Rc;

impl ApiServer {
    /// Binds a Pod to a node, as the scheduler does (`pods/binding`), and labels it with the node's topology.
    pub fn bind(&mut self, key: &Key, uid: &str, node: &str) -> Result<(), Status> {
        let pod = self.get::<Pod>(key).filter(|p| p.meta.uid == uid).ok_or_else(|| Status::not_found(Kind::Pod, &key.name))?;
        if pod.meta.is_deleting() || !pod.spec.node_name.is_empty() {
            return Err(Status::conflict(Kind::Pod, &key.name));
        }
        let mut pod = (**pod).clone();
        pod.spec.node_name = node.to_string();
        self.label_topology(&mut pod);
        strategy::set_pod_condition(&mut pod, "PodScheduled", "True", "", "", self.clock());
        self.put(Object::Pod(Rc::new(pod)));
        Ok(())
    }

    /// PodTopologyLabels admission: a bound Pod carries its node's zone and region.
    pub(in crate::apiserver) fn label_topology(&self, pod: &mut Pod) {
        let Some(node) = self.get::<Node>(&Key::new("", &pod.spec.node_name)) else { return };
        for label in ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"] {
            if let Some(value) = node.meta.labels.get(label) {
                pod.meta.labels.insert(label.into(), value.clone());
            }
        }
    }
}
