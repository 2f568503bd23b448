//! Any object of any kind, and the table of kinds with Kubernetes' names for them.

use super::apps::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use super::batch::Job;
use super::codec::{Decoder, Json, decode_record};
use super::discovery::EndpointSlice;
use super::meta::ObjectMeta;
use super::node::{ConfigMap, Event, Lease, Namespace, Node, Secret, ServiceAccount};
use super::plain::Plain;
use super::pod::Pod;
use super::policy::PodDisruptionBudget;
use super::revision::ControllerRevision;
use super::service::{Endpoints, Service};
use serde_json::Value;
use std::rc::Rc;

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Kind {
    Pod,
    Service,
    Endpoints,
    EndpointSlice,
    Deployment,
    ReplicaSet,
    Node,
    Namespace,
    Event,
    Lease,
    ConfigMap,
    Secret,
    ServiceAccount,
    PodDisruptionBudget,
    DaemonSet,
    StatefulSet,
    Job,
    ControllerRevision,
    ResourceQuota,
    LimitRange,
    Ingress,
    IngressClass,
    NetworkPolicy,
    CronJob,
    HorizontalPodAutoscaler,
    Role,
    RoleBinding,
    ClusterRole,
    ClusterRoleBinding,
    PriorityClass,
    IPAddress,
    ServiceCIDR,
}

/// Kubernetes' names for a kind.
pub struct KindInfo {
    /// The kind.
    pub kind: Kind,
    /// `Pod`.
    pub name: &'static str,
    /// API group, "" for core.
    pub group: &'static str,
    /// Version in that group.
    pub version: &'static str,
    /// `pods`.
    pub plural: &'static str,
    /// `pod`.
    pub singular: &'static str,
    /// `po`.
    pub short: &'static [&'static str],
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
}

macro_rules! info {
    ($kind:ident $group:literal $version:literal $plural:literal $singular:literal $short:expr, $namespaced:literal) => {
        KindInfo {
            kind: Kind::$kind,
            name: stringify!($kind),
            group: $group,
            version: $version,
            plural: $plural,
            singular: $singular,
            short: $short,
            namespaced: $namespaced,
        }
    };
}

macro_rules! kinds {
    ({ $($kind:ident $group:literal $version:literal $plural:literal $singular:literal $short:expr, $namespaced:literal;)* }
     { $($plain:ident $of:literal $v:literal $many:literal $one:literal $letters:expr, $inside:literal;)* }) => {
        /// All kinds, in the order of [`Kind`].
        pub const KINDS: &[KindInfo] = &[
            $(info!($kind $group $version $plural $singular $short, $namespaced),)*
            $(info!($plain $of $v $many $one $letters, $inside)),*
        ];

        /// Any object, shared: cloning is cheap and never copies the object.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs)]
        pub enum Object { $($kind(Rc<$kind>),)* Plain(Rc<Plain>) }

        impl Object {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self { $(Object::$kind(_) => Kind::$kind,)* Object::Plain(o) => o.kind }
            }
            /// Its metadata.
            pub fn meta(&self) -> &ObjectMeta {
                match self { $(Object::$kind(o) => &o.meta,)* Object::Plain(o) => &o.meta }
            }
            /// Its metadata, to change (copies the object if it is shared).
            pub fn meta_mut(&mut self) -> &mut ObjectMeta {
                match self { $(Object::$kind(o) => &mut Rc::make_mut(o).meta,)* Object::Plain(o) => &mut Rc::make_mut(o).meta }
            }
            fn body(&self) -> Value {
                match self { $(Object::$kind(o) => o.encode(),)* Object::Plain(o) => o.encode() }
            }
            /// Decodes the body of an object of a known kind. Problems are left in `d`.
            pub fn decode(kind: Kind, value: &Value, d: &mut Decoder) -> Option<Object> {
                match kind {
                    $(Kind::$kind => decode_record::<$kind>(value, d).map(|o| Object::$kind(Rc::new(o))),)*
                    plain => Plain::decode(plain, value, d).map(|o| Object::Plain(Rc::new(o))),
                }
            }
        }

        $(impl Resource for $kind {
            const KIND: Kind = Kind::$kind;
            fn meta(&self) -> &ObjectMeta { &self.meta }
            fn meta_mut(&mut self) -> &mut ObjectMeta { &mut self.meta }
            fn from_object(object: &Object) -> Option<&Rc<Self>> {
                if let Object::$kind(o) = object { Some(o) } else { None }
            }
            fn into_object(self: Rc<Self>) -> Object { Object::$kind(self) }
        })*
    };
}

/// A typed object.
pub trait Resource: Json + Clone + 'static {
    /// Its kind.
    const KIND: Kind;
    /// Its metadata.
    fn meta(&self) -> &ObjectMeta;
    /// Its metadata, to change.
    fn meta_mut(&mut self) -> &mut ObjectMeta;
    /// The object as this type, if it is of this kind.
    fn from_object(object: &Object) -> Option<&Rc<Self>>;
    /// This object as any object.
    fn into_object(self: Rc<Self>) -> Object;
}

kinds! {
    {
        Pod "" "v1" "pods" "pod" &["po"], true;
        Service "" "v1" "services" "service" &["svc"], true;
        Endpoints "" "v1" "endpoints" "endpoints" &["ep"], true;
        EndpointSlice "discovery.k8s.io" "v1" "endpointslices" "endpointslice" &[], true;
        Deployment "apps" "v1" "deployments" "deployment" &["deploy"], true;
        ReplicaSet "apps" "v1" "replicasets" "replicaset" &["rs"], true;
        Node "" "v1" "nodes" "node" &["no"], false;
        Namespace "" "v1" "namespaces" "namespace" &["ns"], false;
        Event "" "v1" "events" "event" &["ev"], true;
        Lease "coordination.k8s.io" "v1" "leases" "lease" &[], true;
        ConfigMap "" "v1" "configmaps" "configmap" &["cm"], true;
        Secret "" "v1" "secrets" "secret" &[], true;
        ServiceAccount "" "v1" "serviceaccounts" "serviceaccount" &["sa"], true;
        PodDisruptionBudget "policy" "v1" "poddisruptionbudgets" "poddisruptionbudget" &["pdb"], true;
        DaemonSet "apps" "v1" "daemonsets" "daemonset" &["ds"], true;
        StatefulSet "apps" "v1" "statefulsets" "statefulset" &["sts"], true;
        Job "batch" "v1" "jobs" "job" &[], true;
        ControllerRevision "apps" "v1" "controllerrevisions" "controllerrevision" &[], true;
    }
    {
        ResourceQuota "" "v1" "resourcequotas" "resourcequota" &["quota"], true;
        LimitRange "" "v1" "limitranges" "limitrange" &["limits"], true;
        Ingress "networking.k8s.io" "v1" "ingresses" "ingress" &["ing"], true;
        IngressClass "networking.k8s.io" "v1" "ingressclasses" "ingressclass" &[], false;
        NetworkPolicy "networking.k8s.io" "v1" "networkpolicies" "networkpolicy" &["netpol"], true;
        CronJob "batch" "v1" "cronjobs" "cronjob" &["cj"], true;
        HorizontalPodAutoscaler "autoscaling" "v2" "horizontalpodautoscalers" "horizontalpodautoscaler" &["hpa"], true;
        Role "rbac.authorization.k8s.io" "v1" "roles" "role" &[], true;
        RoleBinding "rbac.authorization.k8s.io" "v1" "rolebindings" "rolebinding" &[], true;
        ClusterRole "rbac.authorization.k8s.io" "v1" "clusterroles" "clusterrole" &[], false;
        ClusterRoleBinding "rbac.authorization.k8s.io" "v1" "clusterrolebindings" "clusterrolebinding" &[], false;
        PriorityClass "scheduling.k8s.io" "v1" "priorityclasses" "priorityclass" &["pc"], false;
        IPAddress "networking.k8s.io" "v1" "ipaddresses" "ipaddress" &["ip"], false;
        ServiceCIDR "networking.k8s.io" "v1" "servicecidrs" "servicecidr" &[], false;
    }
}

impl Kind {
    /// Kubernetes' names for it.
    pub fn info(self) -> &'static KindInfo {
        &KINDS[self as usize]
    }

    /// `apps/v1`, or `v1` for core.
    pub fn api_version(self) -> String {
        let info = self.info();
        if info.group.is_empty() { info.version.to_string() } else { format!("{}/{}", info.group, info.version) }
    }

    /// `deployments.apps`, or `services` for core: how API errors name the resource.
    pub fn resource(self) -> String {
        let info = self.info();
        if info.group.is_empty() { info.plural.to_string() } else { format!("{}.{}", info.plural, info.group) }
    }

    /// `deployment.apps`, or `service` for core: how kubectl names an object's kind.
    pub fn qualified(self) -> String {
        let info = self.info();
        if info.group.is_empty() { info.singular.to_string() } else { format!("{}.{}", info.singular, info.group) }
    }

    /// The kind of an apiVersion and a kind name as manifests have them.
    pub fn from_manifest(api_version: &str, kind: &str) -> Option<Kind> {
        KINDS.iter().find(|i| i.name == kind && i.kind.api_version() == api_version).map(|i| i.kind)
    }
}

impl Object {
    /// The whole object as a tree, with apiVersion and kind.
    pub fn to_value(&self) -> Value {
        let mut value = self.body();
        if let Value::Object(map) = &mut value {
            map.insert("apiVersion".into(), Value::String(self.kind().api_version()));
            map.insert("kind".into(), Value::String(self.kind().info().name.into()));
        }
        value
    }

    /// The object as a type, if it is of that kind.
    pub fn as_<T: Resource>(&self) -> Option<&Rc<T>> {
        T::from_object(self)
    }

    /// Namespace and name.
    pub fn key(&self) -> Key {
        Key::new(&self.meta().namespace, &self.meta().name)
    }
}

/// Namespace ("" for cluster-scoped objects) and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Namespace.
    pub namespace: Rc<str>,
    /// Name.
    pub name: Rc<str>,
}

impl Key {
    /// A key from its two parts.
    pub fn new(namespace: &str, name: &str) -> Key {
        Key { namespace: namespace.into(), name: name.into() }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace.is_empty() { f.write_str(&self.name) } else { write!(f, "{}/{}", self.namespace, self.name) }
    }
}
