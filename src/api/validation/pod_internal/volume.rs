//! The shape of a volume in the internal form.

use super::container::{FIELD_REF, RESOURCE_REF};
use super::{Holds::*, NEWER, Shape};

pub(super) const VOLUME: Shape = &[
    ("Name", "name", Text),
    ("HostPath", "hostPath", Pointer(&[("Path", "path", Text), ("Type", "type", Any)])),
    ("EmptyDir", "emptyDir", Pointer(&[("Medium", "medium", Text), ("SizeLimit", "sizeLimit", Any)])),
    ("GCEPersistentDisk", "gcePersistentDisk", Any),
    ("AWSElasticBlockStore", "awsElasticBlockStore", Any),
    ("GitRepo", "gitRepo", Any),
    ("Secret", "secret", Pointer(SECRET)),
    ("NFS", "nfs", Any),
    ("ISCSI", "iscsi", Any),
    ("Glusterfs", "glusterfs", Any),
    (
        "PersistentVolumeClaim",
        "persistentVolumeClaim",
        Pointer(&[("ClaimName", "claimName", Text), ("ReadOnly", "readOnly", Flag)]),
    ),
    ("RBD", "rbd", Any),
    ("Quobyte", "quobyte", Any),
    ("FlexVolume", "flexVolume", Any),
    ("Cinder", "cinder", Any),
    ("CephFS", "cephfs", Any),
    ("Flocker", "flocker", Any),
    ("DownwardAPI", "downwardAPI", Pointer(&[("Items", "items", List(DOWNWARD)), ("DefaultMode", "defaultMode", Any)])),
    ("FC", "fc", Any),
    ("AzureFile", "azureFile", Any),
    ("ConfigMap", "configMap", Pointer(CONFIG_MAP)),
    ("VsphereVolume", "vsphereVolume", Any),
    ("AzureDisk", "azureDisk", Any),
    ("PhotonPersistentDisk", "photonPersistentDisk", Any),
    ("Projected", "projected", Pointer(&[("Sources", "sources", List(PROJECTION)), ("DefaultMode", "defaultMode", Any)])),
    ("PortworxVolume", "portworxVolume", Any),
    ("ScaleIO", "scaleIO", Any),
    ("StorageOS", "storageos", Any),
    ("CSI", "csi", Any),
    ("Ephemeral", "ephemeral", Any),
    ("Image", "image", Any),
    NEWER,
];

const SECRET: Shape = &[
    ("SecretName", "secretName", Text),
    ("Items", "items", List(ITEMS)),
    ("DefaultMode", "defaultMode", Any),
    ("Optional", "optional", Any),
];

const CONFIG_MAP: Shape = &[
    ("Name", "name", Text),
    ("Items", "items", List(ITEMS)),
    ("DefaultMode", "defaultMode", Any),
    ("Optional", "optional", Any),
];

const PROJECTION: Shape = &[
    ("Secret", "secret", Pointer(NAMED_ITEMS)),
    ("DownwardAPI", "downwardAPI", Pointer(&[("Items", "items", List(DOWNWARD))])),
    ("ConfigMap", "configMap", Pointer(NAMED_ITEMS)),
    ("ServiceAccountToken", "serviceAccountToken", Pointer(TOKEN)),
    ("ClusterTrustBundle", "clusterTrustBundle", Any),
    ("PodCertificate", "podCertificate", Any),
    NEWER,
];

const NAMED_ITEMS: Shape = &[("Name", "name", Text), ("Items", "items", List(ITEMS)), ("Optional", "optional", Any)];

const TOKEN: Shape =
    &[("Audience", "audience", Text), ("ExpirationSeconds", "expirationSeconds", Number), ("Path", "path", Text)];

const DOWNWARD: Shape = &[
    ("Path", "path", Text),
    ("FieldRef", "fieldRef", Pointer(FIELD_REF)),
    ("ResourceFieldRef", "resourceFieldRef", Pointer(RESOURCE_REF)),
    ("Mode", "mode", Any),
];

const ITEMS: Shape = &[("Key", "key", Text), ("Path", "path", Text), ("Mode", "mode", Any)];
