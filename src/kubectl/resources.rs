//! The kinds that a command line names: by plural, singular, short name or kind, with group and version if need be.
//!
//! Source: `staging/src/k8s.io/apimachinery/pkg/api/meta/restmapper.go`, `…/cli-runtime/pkg/resource/builder.go`.

use super::failure::Failure;
use crate::api::Kind;
use crate::api::object::KINDS;

/// A resource that a real API server has, too, and that the lab's does not model.
#[derive(Debug, PartialEq)]
pub struct Other {
    /// `statefulsets`.
    pub plural: &'static str,
    /// `statefulset`.
    pub singular: &'static str,
    /// `sts`, several with commas, or "".
    pub short: &'static str,
    /// `StatefulSet`.
    pub name: &'static str,
    /// API group, "" for core.
    pub group: &'static str,
    /// Version in that group.
    pub version: &'static str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// Whether a fresh cluster has objects of it: then the lab cannot say what they are.
    pub filled: bool,
}

macro_rules! others {
    ($($plural:literal $singular:literal $short:literal $name:literal $group:literal $version:literal $namespaced:literal $filled:literal;)*) => {
        /// Resources of a real API server that people name and that the lab does not model.
        pub const OTHERS: &[Other] = &[$(Other {
            plural: $plural, singular: $singular, short: $short, name: $name,
            group: $group, version: $version, namespaced: $namespaced, filled: $filled,
        }),*];
    };
}

others! {
    "bindings" "binding" "" "Binding" "" "v1" true true;
    "componentstatuses" "componentstatus" "cs" "ComponentStatus" "" "v1" false true;
    "persistentvolumeclaims" "persistentvolumeclaim" "pvc" "PersistentVolumeClaim" "" "v1" true false;
    "persistentvolumes" "persistentvolume" "pv" "PersistentVolume" "" "v1" false false;
    "podtemplates" "podtemplate" "" "PodTemplate" "" "v1" true false;
    "replicationcontrollers" "replicationcontroller" "rc" "ReplicationController" "" "v1" true false;
    "mutatingadmissionpolicies" "mutatingadmissionpolicy" "" "MutatingAdmissionPolicy" "admissionregistration.k8s.io" "v1" false false;
    "mutatingadmissionpolicybindings" "mutatingadmissionpolicybinding" "" "MutatingAdmissionPolicyBinding" "admissionregistration.k8s.io" "v1" false false;
    "validatingadmissionpolicies" "validatingadmissionpolicy" "" "ValidatingAdmissionPolicy" "admissionregistration.k8s.io" "v1" false false;
    "validatingadmissionpolicybindings" "validatingadmissionpolicybinding" "" "ValidatingAdmissionPolicyBinding" "admissionregistration.k8s.io" "v1" false false;
    "mutatingwebhookconfigurations" "mutatingwebhookconfiguration" "" "MutatingWebhookConfiguration" "admissionregistration.k8s.io" "v1" false false;
    "validatingwebhookconfigurations" "validatingwebhookconfiguration" "" "ValidatingWebhookConfiguration" "admissionregistration.k8s.io" "v1" false false;
    "customresourcedefinitions" "customresourcedefinition" "crd,crds" "CustomResourceDefinition" "apiextensions.k8s.io" "v1" false false;
    "apiservices" "apiservice" "" "APIService" "apiregistration.k8s.io" "v1" false true;
    "selfsubjectreviews" "selfsubjectreview" "" "SelfSubjectReview" "authentication.k8s.io" "v1" false true;
    "tokenreviews" "tokenreview" "" "TokenReview" "authentication.k8s.io" "v1" false true;
    "localsubjectaccessreviews" "localsubjectaccessreview" "" "LocalSubjectAccessReview" "authorization.k8s.io" "v1" true true;
    "selfsubjectaccessreviews" "selfsubjectaccessreview" "" "SelfSubjectAccessReview" "authorization.k8s.io" "v1" false true;
    "selfsubjectrulesreviews" "selfsubjectrulesreview" "" "SelfSubjectRulesReview" "authorization.k8s.io" "v1" false true;
    "subjectaccessreviews" "subjectaccessreview" "" "SubjectAccessReview" "authorization.k8s.io" "v1" false true;
    "certificatesigningrequests" "certificatesigningrequest" "csr" "CertificateSigningRequest" "certificates.k8s.io" "v1" false true;
    "clustertrustbundles" "clustertrustbundle" "" "ClusterTrustBundle" "certificates.k8s.io" "v1" false true;
    "podcertificaterequests" "podcertificaterequest" "" "PodCertificateRequest" "certificates.k8s.io" "v1" true false;
    "events" "event" "ev" "Event" "events.k8s.io" "v1" true true;
    "flowschemas" "flowschema" "" "FlowSchema" "flowcontrol.apiserver.k8s.io" "v1" false true;
    "prioritylevelconfigurations" "prioritylevelconfiguration" "" "PriorityLevelConfiguration" "flowcontrol.apiserver.k8s.io" "v1" false true;
    "runtimeclasses" "runtimeclass" "" "RuntimeClass" "node.k8s.io" "v1" false false;
    "deviceclasses" "deviceclass" "" "DeviceClass" "resource.k8s.io" "v1" false false;
    "devicetaintrules" "devicetaintrule" "" "DeviceTaintRule" "resource.k8s.io" "v1" false false;
    "resourceclaims" "resourceclaim" "" "ResourceClaim" "resource.k8s.io" "v1" true false;
    "resourceclaimtemplates" "resourceclaimtemplate" "" "ResourceClaimTemplate" "resource.k8s.io" "v1" true false;
    "resourceslices" "resourceslice" "" "ResourceSlice" "resource.k8s.io" "v1" false false;
    "csidrivers" "csidriver" "" "CSIDriver" "storage.k8s.io" "v1" false false;
    "csinodes" "csinode" "" "CSINode" "storage.k8s.io" "v1" false true;
    "csistoragecapacities" "csistoragecapacity" "" "CSIStorageCapacity" "storage.k8s.io" "v1" true false;
    "storageclasses" "storageclass" "sc" "StorageClass" "storage.k8s.io" "v1" false false;
    "volumeattachments" "volumeattachment" "" "VolumeAttachment" "storage.k8s.io" "v1" false false;
    "volumeattributesclasses" "volumeattributesclass" "vac" "VolumeAttributesClass" "storage.k8s.io" "v1" false false;
    "storageversionmigrations" "storageversionmigration" "" "StorageVersionMigration" "storagemigration.k8s.io" "v1" false false;
}

/// What a word on the command line stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mapping {
    /// A kind of the lab.
    Kind(Kind),
    /// One that only a real cluster has.
    Other(&'static Other),
}

impl Mapping {
    /// Whether its objects live in a namespace.
    pub fn namespaced(self) -> bool {
        match self {
            Mapping::Kind(kind) => kind.info().namespaced,
            Mapping::Other(other) => other.namespaced,
        }
    }

    /// `statefulsets.apps`, or `services` for core.
    pub fn resource(self) -> String {
        match self {
            Mapping::Kind(kind) => kind.resource(),
            Mapping::Other(o) if o.group.is_empty() => o.plural.to_string(),
            Mapping::Other(o) => format!("{}.{}", o.plural, o.group),
        }
    }

    /// What the lab says of a resource that it cannot show.
    pub fn unmodelled(other: &Other) -> Failure {
        Failure::error(format!("the lab does not model {} ({})", other.plural, other.name))
    }
}

/// The modelled kind of a name on the command line; a resource that only a real cluster has is refused.
pub fn kind(text: &str) -> Result<Kind, Failure> {
    match mapping(text)? {
        Mapping::Kind(kind) => Ok(kind),
        Mapping::Other(other) => Err(Mapping::unmodelled(other)),
    }
}

/// What a name on the command line stands for: `po`, `pods`, `Pod`, `deployments.apps`, `deployments.v1.apps`.
pub fn mapping(text: &str) -> Result<Mapping, Failure> {
    let (name, rest) = text.split_once('.').map_or((text, None), |(n, g)| (n, Some(g)));
    let lower = name.to_ascii_lowercase();
    // Names are read in any case, short names only as they are.
    let shorts = lower == name;
    // With two dots the word may say the version, too; if that leads nowhere, all of it is the group.
    let versioned =
        rest.and_then(|r| r.split_once('.')).and_then(|(version, group)| find(&lower, shorts, Some(version), Some(group)));
    versioned.or_else(|| find(&lower, shorts, None, rest)).ok_or_else(|| {
        Failure::error(match rest {
            Some(group) if !group.is_empty() => format!("the server doesn't have a resource type {name:?} in group {group:?}"),
            _ => format!("the server doesn't have a resource type {name:?}"),
        })
    })
}

/// Resources by one of their names; a group may be the beginning of the real one (`endpointslices.discovery`).
fn find(name: &str, shorts: bool, version: Option<&str>, group: Option<&str>) -> Option<Mapping> {
    let fits = |own_group: &str, own_version: &str, exact: bool| {
        let group = group.unwrap_or_default();
        let group_fits = group.is_empty() || if exact { own_group == group } else { own_group.starts_with(group) };
        group_fits && version.is_none_or(|v| v == own_version && (!group.is_empty() || own_group.is_empty()))
    };
    for exact in [true, false] {
        let kind = KINDS.iter().find(|info| {
            let names = [info.plural, info.singular];
            let named = names.contains(&name) || (shorts && info.short.contains(&name)) || info.name.eq_ignore_ascii_case(name);
            named && fits(info.group, info.version, exact)
        });
        let other = || {
            OTHERS.iter().find(|o| {
                let named =
                    o.plural == name || o.singular == name || (shorts && o.short.split(',').any(|s| !s.is_empty() && s == name));
                named && fits(o.group, o.version, exact)
            })
        };
        let found = kind.map(|info| Mapping::Kind(info.kind)).or_else(|| other().map(Mapping::Other));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The resources that a category stands for, in the order of the server's discovery; empty for a word that is none.
pub fn category(word: &str) -> &'static [&'static str] {
    match word {
        "all" => &[
            "pods",
            "replicationcontrollers",
            "services",
            "daemonsets.apps",
            "deployments.apps",
            "replicasets.apps",
            "statefulsets.apps",
            "horizontalpodautoscalers.autoscaling",
            "cronjobs.batch",
            "jobs.batch",
        ],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_many_names() {
        for word in ["deploy", "Deployment", "deployments.apps", "deployments.v1.apps", "deploy.app", "DEPLOYMENTS"] {
            assert_eq!(kind(word), Ok(Kind::Deployment), "{word}");
        }
        assert_eq!(kind("endpointslices.discovery"), Ok(Kind::EndpointSlice));
        assert_eq!(kind("pods.v1."), Ok(Kind::Pod));
        let text = |word: &str| mapping(word).unwrap_err().text;
        assert_eq!(text("Podz"), "error: the server doesn't have a resource type \"Podz\"");
        assert_eq!(text("deploy.foo"), "error: the server doesn't have a resource type \"deploy\" in group \"foo\"");
        assert_eq!(kind("cj"), Ok(Kind::CronJob));
        assert_eq!(mapping("sc").unwrap().resource(), "storageclasses.storage.k8s.io");
        assert!(kind("sc").is_err());
    }
}
