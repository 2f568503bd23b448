//! What every namespace has from its beginning: the service account `default`, and the ConfigMap with the cluster's root
//! certificate that the Pods' token volumes carry.
//!
//! Sources: `pkg/controller/serviceaccount/serviceaccounts_controller.go`, `pkg/controller/certificates/rootcacertpublisher`.

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::meta::{ObjectMeta, StringMap};
use crate::api::node::{ConfigMap, ServiceAccount};
use crate::api::{Key, Kind, Namespace, Object};
use crate::apiserver::Change;
use crate::time::Nanos;
use std::rc::Rc;

/// The account that Pods have unless they say otherwise.
const DEFAULT: &str = "default";
/// Where the root certificate is.
const ROOT_CA: &str = "kube-root-ca.crt";
const ABOUT: (&str, &str) = (
    "kubernetes.io/description",
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
);
/// The lab checks no certificates: this one only looks like one.
const CERTIFICATE: &str =
    "-----BEGIN CERTIFICATE-----\nTGFiIGNlcnRpZmljYXRlcyBjZXJ0aWZ5IG5vdGhpbmcu\n-----END CERTIFICATE-----\n";

/// The service accounts controller.
#[derive(Clone, Debug, Default)]
pub struct ServiceAccountsController;

/// The root CA certificate publisher.
#[derive(Clone, Debug, Default)]
pub struct RootCaPublisher;

/// The service account that a namespace begins with.
pub fn default_account(namespace: &str) -> ServiceAccount {
    ServiceAccount { meta: meta(namespace, DEFAULT), ..ServiceAccount::default() }
}

/// The ConfigMap with the root certificate.
pub fn root_ca(namespace: &str) -> ConfigMap {
    let mut map = ConfigMap { meta: meta(namespace, ROOT_CA), data: data(), ..ConfigMap::default() };
    map.meta.annotations.insert(ABOUT.0.into(), ABOUT.1.into());
    map
}

fn meta(namespace: &str, name: &str) -> ObjectMeta {
    ObjectMeta { name: name.into(), namespace: namespace.into(), ..ObjectMeta::default() }
}

fn data() -> StringMap {
    StringMap::from([("ca.crt".to_string(), CERTIFICATE.to_string())])
}

/// Queues the namespace of a change if it is new or lost (or changed) the object of that kind and name.
fn observe(change: &Change, kind: Kind, name: &str, queue: &mut WorkQueue, now: Nanos) {
    let key = change.object().key();
    let namespace = match change.kind() {
        Kind::Namespace => &key.name,
        of if of == kind && &*key.name == name => &key.namespace,
        _ => return,
    };
    queue.add(Key::new("", namespace), now);
}

/// Whether objects may be made in a namespace.
fn is_active(key: &Key, context: &Context) -> bool {
    context.cache.get::<Namespace>(key).is_some_and(|n| n.status.phase == "Active")
}

/// Makes an object; that it is there already, or that its namespace ends, is no failure.
fn make(context: &mut Context, object: Object) -> Outcome {
    match context.api.create(object, false) {
        Err(status) if ![403, 409].contains(&status.code) => Outcome::Retry(status.message),
        _ => Outcome::Done,
    }
}

impl Controller for ServiceAccountsController {
    fn component(&self) -> &'static str {
        "service-account-controller"
    }

    fn observe(&mut self, change: &Change, _cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        observe(change, Kind::ServiceAccount, DEFAULT, queue, now);
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let there = context.cache.get::<ServiceAccount>(&Key::new(&key.name, DEFAULT)).is_some();
        if there || !is_active(key, context) {
            return Outcome::Done;
        }
        make(context, Object::ServiceAccount(Rc::new(default_account(&key.name))))
    }
}

impl Controller for RootCaPublisher {
    fn component(&self) -> &'static str {
        "root-ca-cert-publisher"
    }

    fn observe(&mut self, change: &Change, _cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        observe(change, Kind::ConfigMap, ROOT_CA, queue, now);
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        if !is_active(key, context) {
            return Outcome::Done;
        }
        let wanted = root_ca(&key.name);
        match context.cache.get::<ConfigMap>(&Key::new(&key.name, ROOT_CA)) {
            None => make(context, Object::ConfigMap(Rc::new(wanted))),
            Some(found) if found.data == wanted.data && found.meta.annotations.contains_key(ABOUT.0) => Outcome::Done,
            Some(found) => {
                let mut map = ConfigMap::clone(found);
                map.data = wanted.data;
                map.meta.annotations.extend(wanted.meta.annotations);
                match context.api.update(Object::ConfigMap(Rc::new(map)), false) {
                    Err(status) => Outcome::Retry(status.message),
                    Ok(_) => Outcome::Done,
                }
            }
        }
    }
}
