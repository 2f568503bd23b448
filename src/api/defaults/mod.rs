//! What the API server fills in where a manifest says nothing (`pkg/apis/*/v1/defaults.go`).
//!
//! Promises: applying defaults twice changes nothing more; what was said is never changed.

mod apps;
mod plain;
mod pod;
mod service;
mod volumes;

pub use pod::{pod_spec, template};

use super::Object;
use std::rc::Rc;

/// Fills in what was left out.
pub fn apply(object: &mut Object) {
    match object {
        Object::Service(o) => service::service(Rc::make_mut(o)),
        Object::Pod(o) => pod::pod(Rc::make_mut(o)),
        Object::Deployment(o) => apps::deployment(Rc::make_mut(o)),
        Object::ReplicaSet(o) => apps::replica_set(Rc::make_mut(o)),
        Object::Endpoints(o) => {
            for port in Rc::make_mut(o).subsets.iter_mut().flat_map(|s| &mut s.ports) {
                set(&mut port.protocol, "TCP");
            }
        }
        Object::EndpointSlice(o) => {
            for port in &mut Rc::make_mut(o).ports {
                port.name.get_or_insert_default();
                port.protocol.get_or_insert_with(|| "TCP".into());
            }
        }
        Object::Namespace(o) => {
            if o.status.phase.is_empty() {
                Rc::make_mut(o).status.phase = "Active".into();
            }
            if !o.meta.name.is_empty() {
                let name = o.meta.name.clone();
                Rc::make_mut(o).meta.labels.entry("kubernetes.io/metadata.name".into()).or_insert(name);
            }
        }
        Object::Node(o) => {
            pod_cidrs(&mut Rc::make_mut(o).spec);
            let status = &mut Rc::make_mut(o).status;
            if status.allocatable.is_empty() {
                status.allocatable = status.capacity.clone();
            }
        }
        Object::Secret(o) => {
            if o.type_.is_empty() {
                Rc::make_mut(o).type_ = "Opaque".into();
            }
            if !o.string_data.is_empty() {
                let secret = Rc::make_mut(o);
                let texts = std::mem::take(&mut secret.string_data);
                secret.data.extend(texts.iter().map(|(key, text)| (key.clone(), super::shapes::base64::encode(text))));
            }
        }
        Object::DaemonSet(o) => apps::daemon_set(Rc::make_mut(o)),
        Object::StatefulSet(o) => apps::stateful_set(Rc::make_mut(o)),
        Object::Job(o) => apps::job(Rc::make_mut(o)),
        Object::Plain(o) => plain::apply(Rc::make_mut(o)),
        Object::Event(_)
        | Object::Lease(_)
        | Object::ConfigMap(_)
        | Object::ServiceAccount(_)
        | Object::ControllerRevision(_)
        | Object::PodDisruptionBudget(_) => {}
    }
}

/// The first of `podCIDRs` and `podCIDR` are one: who changes only the old field means both.
fn pod_cidrs(spec: &mut super::node::NodeSpec) {
    if spec.pod_cidr.is_empty() {
        spec.pod_cidr = spec.pod_cidrs.first().cloned().unwrap_or_default();
    } else if spec.pod_cidrs.first() != Some(&spec.pod_cidr) {
        spec.pod_cidrs = vec![spec.pod_cidr.clone()];
    }
}

/// Sets an empty text.
fn set(field: &mut String, value: &str) {
    if field.is_empty() {
        *field = value.into();
    }
}

/// Sets a number that is zero.
fn set_number(field: &mut i32, value: i32) {
    if *field == 0 {
        *field = value;
    }
}
