//! An informer cache: the cluster as one process last heard of it, with the indexes that make work proportional to change.

use crate::api::{Key, Kind, Object, Pod, Resource, Service};
use crate::apiserver::Change;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Kind, namespace and term.
type Place = (Kind, Rc<str>, String);

/// Objects by kind and key, and by index term. One a process (kube-controller-manager, kube-scheduler).
#[derive(Clone, Debug, Default)]
pub struct Cache {
    tables: BTreeMap<Kind, BTreeMap<Key, Object>>,
    /// By kind, namespace and term; the objects themselves, so that a list needs no look-ups.
    index: BTreeMap<Place, BTreeMap<Rc<str>, Object>>,
    dependents: BTreeMap<String, BTreeSet<(Kind, Key)>>,
    versions: BTreeMap<Kind, u64>,
}

impl Cache {
    /// Takes in a change that a watch delivered.
    pub fn apply(&mut self, change: &Change) {
        let key = change.object().key();
        let table = self.tables.entry(change.kind()).or_default();
        let old = match &change.new {
            Some(new) => table.insert(key.clone(), new.clone()),
            None => table.remove(&key),
        };
        self.versions.insert(change.kind(), change.version);
        self.index_owners(change.kind(), &key, old.as_ref(), change.new.as_ref());
        let before = old.as_ref().map(terms).unwrap_or_default();
        let after = change.new.as_ref().map(terms).unwrap_or_default();
        for term in before.iter().filter(|t| !after.contains(t)) {
            let place = (change.kind(), key.namespace.clone(), term.clone());
            if let Some(objects) = self.index.get_mut(&place) {
                objects.remove(&key.name);
                if objects.is_empty() {
                    self.index.remove(&place);
                }
            }
        }
        let Some(new) = &change.new else { return };
        for term in after {
            let place = (change.kind(), key.namespace.clone(), term);
            self.index.entry(place).or_default().insert(key.name.clone(), new.clone());
        }
    }

    fn index_owners(&mut self, kind: Kind, key: &Key, old: Option<&Object>, new: Option<&Object>) {
        for owner in old.iter().flat_map(|o| &o.meta().owner_references) {
            if let Some(owned) = self.dependents.get_mut(&owner.uid) {
                owned.remove(&(kind, key.clone()));
                if owned.is_empty() {
                    self.dependents.remove(&owner.uid);
                }
            }
        }
        for owner in new.iter().flat_map(|o| &o.meta().owner_references) {
            self.dependents.entry(owner.uid.clone()).or_default().insert((kind, key.clone()));
        }
    }

    /// The resourceVersion of the last change of that kind that the cache took in (0: none yet).
    pub fn version(&self, kind: Kind) -> u64 {
        self.versions.get(&kind).copied().unwrap_or(0)
    }

    /// Objects of any kind, in any namespace, that name an object with this uid among their owners.
    pub fn dependents(&self, uid: &str) -> Vec<Object> {
        let owned = self.dependents.get(uid).into_iter().flatten();
        owned.filter_map(|(kind, key)| self.object(*kind, key).cloned()).collect()
    }

    /// The object of a kind at a key.
    pub fn object(&self, kind: Kind, key: &Key) -> Option<&Object> {
        self.tables.get(&kind)?.get(key)
    }

    /// The object at a key.
    pub fn get<T: Resource>(&self, key: &Key) -> Option<&Rc<T>> {
        self.tables.get(&T::KIND)?.get(key).and_then(Object::as_)
    }

    /// All objects of a type in a namespace (`None`: in all), by namespace and name.
    pub fn list<'a, T: Resource>(&'a self, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Rc<T>> + 'a {
        let from = Key::new(namespace.unwrap_or(""), "");
        let rows = self.tables.get(&T::KIND).into_iter().flat_map(move |t| t.range(from.clone()..));
        rows.take_while(move |(key, _)| namespace.is_none_or(|n| &*key.namespace == n)).filter_map(|(_, o)| o.as_())
    }

    /// Objects of a type in a namespace that have an index term (see the functions below).
    fn indexed<T: Resource>(&self, namespace: &str, term: String) -> Vec<Rc<T>> {
        let objects = self.index.get(&(T::KIND, namespace.into(), term));
        objects.into_iter().flat_map(BTreeMap::values).filter_map(|object| object.as_().cloned()).collect()
    }

    /// Pods of a namespace that carry a label, by name.
    pub fn pods_with_label(&self, namespace: &str, key: &str, value: &str) -> Vec<Rc<Pod>> {
        self.indexed(namespace, format!("label {key}={value}"))
    }

    /// Pods of a namespace that carry all labels of a plain selector (none for an empty one), by name.
    pub fn pods_selected(&self, namespace: &str, selector: &BTreeMap<String, String>) -> Vec<Rc<Pod>> {
        let Some((key, value)) = selector.iter().next() else { return vec![] };
        let mut pods = self.pods_with_label(namespace, key, value);
        pods.retain(|p| selector.iter().all(|(k, v)| p.meta.labels.get(k) == Some(v)));
        pods
    }

    /// Services of a namespace whose selector selects these labels, by name.
    pub fn services_selecting(&self, namespace: &str, labels: &BTreeMap<String, String>) -> Vec<Rc<Service>> {
        let mut found: BTreeMap<String, Rc<Service>> = BTreeMap::new();
        for (key, value) in labels {
            for service in self.indexed::<Service>(namespace, format!("selects {key}={value}")) {
                if service.spec.selector.iter().all(|(k, v)| labels.get(k) == Some(v)) {
                    found.insert(service.meta.name.clone(), service);
                }
            }
        }
        found.into_values().collect()
    }

    /// Objects of a type in a namespace whose controller has this uid, by name.
    pub fn owned_by<T: Resource>(&self, namespace: &str, uid: &str) -> Vec<Rc<T>> {
        self.indexed(namespace, format!("owner {uid}"))
    }

    /// Objects of a type in a namespace that no controller owns, by name.
    pub fn orphans<T: Resource>(&self, namespace: &str) -> Vec<Rc<T>> {
        self.indexed(namespace, "owner".to_string())
    }

    /// EndpointSlices of a Service (label `kubernetes.io/service-name`), by name.
    pub fn slices_of(&self, namespace: &str, service: &str) -> Vec<Rc<crate::api::EndpointSlice>> {
        self.indexed(namespace, format!("service {service}"))
    }

    /// Pods on a node, by namespace and name.
    pub fn pods_on_node(&self, node: &str) -> Vec<Rc<Pod>> {
        let term = format!("node {node}");
        self.namespaces(Kind::Pod).iter().flat_map(|n| self.indexed(n, term.clone())).collect()
    }

    /// The namespaces that have objects of a kind: one step each, however many objects there are.
    fn namespaces(&self, kind: Kind) -> Vec<Rc<str>> {
        let mut found: Vec<Rc<str>> = vec![];
        let Some(table) = self.tables.get(&kind) else { return found };
        let mut from = Key::new("", "");
        while let Some((key, _)) = table.range(from..).next() {
            found.push(key.namespace.clone());
            from = Key::new(&format!("{}\0", key.namespace), "");
        }
        found
    }
}

/// The index terms of an object.
fn terms(object: &Object) -> Vec<String> {
    let owner = |meta: &crate::api::meta::ObjectMeta| match meta.controller() {
        Some(owner) => format!("owner {}", owner.uid),
        None => "owner".to_string(),
    };
    match object {
        Object::Pod(pod) => {
            let mut terms: Vec<String> = pod.meta.labels.iter().map(|(k, v)| format!("label {k}={v}")).collect();
            terms.push(owner(&pod.meta));
            terms.push(format!("node {}", pod.spec.node_name));
            terms
        }
        Object::ReplicaSet(rs) => vec![owner(&rs.meta)],
        Object::ControllerRevision(revision) => vec![owner(&revision.meta)],
        Object::Service(s) => s.spec.selector.iter().next().map(|(k, v)| format!("selects {k}={v}")).into_iter().collect(),
        Object::EndpointSlice(s) => {
            s.meta.labels.get("kubernetes.io/service-name").map(|n| format!("service {n}")).into_iter().collect()
        }
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(namespace: &str, name: &str, node: &str, app: &str) -> Object {
        let mut pod = Pod::default();
        pod.meta.namespace = namespace.into();
        pod.meta.name = name.into();
        pod.meta.labels.insert("app".into(), app.into());
        pod.spec.node_name = node.into();
        Object::Pod(Rc::new(pod))
    }

    #[test]
    fn indexes_follow_every_change() {
        let mut cache = Cache::default();
        let mut version = 0;
        let mut tell = |cache: &mut Cache, old: Option<Object>, new: Option<Object>| {
            version += 1;
            cache.apply(&Change { version, old, new, why: None });
        };
        for (namespace, name) in [("a", "1"), ("a", "2"), ("b", "1"), ("c", "9")] {
            tell(&mut cache, None, Some(pod(namespace, name, "n", "web")));
        }
        let names = |pods: Vec<Rc<Pod>>| pods.iter().map(|p| format!("{}/{}", p.meta.namespace, p.meta.name)).collect::<Vec<_>>();
        assert_eq!(names(cache.pods_on_node("n")), ["a/1", "a/2", "b/1", "c/9"]);
        tell(&mut cache, Some(pod("a", "1", "n", "web")), Some(pod("a", "1", "m", "api")));
        tell(&mut cache, Some(pod("b", "1", "n", "web")), None);
        assert_eq!(names(cache.pods_on_node("n")), ["a/2", "c/9"]);
        assert_eq!(names(cache.pods_with_label("a", "app", "web")), ["a/2"]);
        let moved = cache.pods_with_label("a", "app", "api");
        assert_eq!(moved[0].spec.node_name, "m", "the index has the newest version");
        assert_eq!(cache.version(Kind::Pod), 6);
    }
}
