//! Volumes. Sources that need machinery of their own (disks of clouds, network file systems) are known by name only.

use super::affinity::LABEL_SELECTOR;
use super::env::{FIELD_REF, RESOURCE_FIELD_REF};
use super::spec::LOCAL_REFERENCE;
use super::{Field, STRING, STRING_MAP, Shape, Type, always, filled, set};

const KEY_TO_PATH: Type = Type::Record(&Shape {
    name: "KeyToPath",
    fields: &[always("key", STRING), always("path", STRING), set("mode", Type::Int32)],
});
const ITEMS: Type = Type::List(&KEY_TO_PATH);

const DOWNWARD_FILE: Type = Type::Record(&Shape {
    name: "DownwardAPIVolumeFile",
    fields: &[
        always("path", STRING),
        set("fieldRef", FIELD_REF),
        set("resourceFieldRef", RESOURCE_FIELD_REF),
        set("mode", Type::Int32),
    ],
});
const DOWNWARD_FILES: Type = Type::List(&DOWNWARD_FILE);

const PROJECTION: Type = Type::Record(&Shape {
    name: "VolumeProjection",
    fields: &[
        set(
            "secret",
            Type::Record(&Shape {
                name: "SecretProjection",
                fields: &[filled("name", STRING), filled("items", ITEMS), set("optional", Type::Flag)],
            }),
        ),
        set("downwardAPI", Type::Record(&Shape { name: "DownwardAPIProjection", fields: &[filled("items", DOWNWARD_FILES)] })),
        set(
            "configMap",
            Type::Record(&Shape {
                name: "ConfigMapProjection",
                fields: &[filled("name", STRING), filled("items", ITEMS), set("optional", Type::Flag)],
            }),
        ),
        set(
            "serviceAccountToken",
            Type::Record(&Shape {
                name: "ServiceAccountTokenProjection",
                fields: &[filled("audience", STRING), set("expirationSeconds", Type::Int64), always("path", STRING)],
            }),
        ),
        set(
            "clusterTrustBundle",
            Type::Record(&Shape {
                name: "ClusterTrustBundleProjection",
                fields: &[
                    set("name", STRING),
                    set("signerName", STRING),
                    set("labelSelector", LABEL_SELECTOR),
                    set("optional", Type::Flag),
                    always("path", STRING),
                ],
            }),
        ),
        set("podCertificate", Type::Any),
    ],
});

const HOST_PATH: Shape =
    Shape { name: "HostPathVolumeSource", fields: &[always("path", STRING), set("type", Type::Text("v1.HostPathType"))] };
const EMPTY_DIR: Shape = Shape {
    name: "EmptyDirVolumeSource",
    fields: &[filled("medium", Type::Text("v1.StorageMedium")), set("sizeLimit", Type::Amount)],
};
const SECRET: Shape = Shape {
    name: "SecretVolumeSource",
    fields: &[filled("secretName", STRING), filled("items", ITEMS), set("defaultMode", Type::Int32), set("optional", Type::Flag)],
};
const CONFIG_MAP: Shape = Shape {
    name: "ConfigMapVolumeSource",
    fields: &[filled("name", STRING), filled("items", ITEMS), set("defaultMode", Type::Int32), set("optional", Type::Flag)],
};
const DOWNWARD: Shape =
    Shape { name: "DownwardAPIVolumeSource", fields: &[filled("items", DOWNWARD_FILES), set("defaultMode", Type::Int32)] };
const PROJECTED: Shape = Shape {
    name: "ProjectedVolumeSource",
    fields: &[always("sources", Type::List(&PROJECTION)), set("defaultMode", Type::Int32)],
};
const CLAIM: Shape =
    Shape { name: "PersistentVolumeClaimVolumeSource", fields: &[always("claimName", STRING), filled("readOnly", Type::Flag)] };
const NFS: Shape = Shape {
    name: "NFSVolumeSource",
    fields: &[always("server", STRING), always("path", STRING), filled("readOnly", Type::Flag)],
};
const CSI: Shape = Shape {
    name: "CSIVolumeSource",
    fields: &[
        always("driver", STRING),
        set("readOnly", Type::Flag),
        set("fsType", STRING),
        filled("volumeAttributes", STRING_MAP),
        set("nodePublishSecretRef", LOCAL_REFERENCE),
    ],
};
const GIT_REPO: Shape = Shape {
    name: "GitRepoVolumeSource",
    fields: &[always("repository", STRING), filled("revision", STRING), filled("directory", STRING)],
};
const IMAGE: Shape = Shape {
    name: "ImageVolumeSource",
    fields: &[filled("reference", STRING), filled("pullPolicy", Type::Text("v1.PullPolicy"))],
};

/// The fields of a volume but its name, in Go's order: each is a source.
pub const SOURCES: &[Field] = &[
    set("hostPath", Type::Record(&HOST_PATH)),
    set("emptyDir", Type::Record(&EMPTY_DIR)),
    set("gcePersistentDisk", Type::Any),
    set("awsElasticBlockStore", Type::Any),
    set("gitRepo", Type::Record(&GIT_REPO)),
    set("secret", Type::Record(&SECRET)),
    set("nfs", Type::Record(&NFS)),
    set("iscsi", Type::Any),
    set("glusterfs", Type::Any),
    set("persistentVolumeClaim", Type::Record(&CLAIM)),
    set("rbd", Type::Any),
    set("flexVolume", Type::Any),
    set("cinder", Type::Any),
    set("cephfs", Type::Any),
    set("flocker", Type::Any),
    set("downwardAPI", Type::Record(&DOWNWARD)),
    set("fc", Type::Any),
    set("azureFile", Type::Any),
    set("configMap", Type::Record(&CONFIG_MAP)),
    set("vsphereVolume", Type::Any),
    set("quobyte", Type::Any),
    set("azureDisk", Type::Any),
    set("photonPersistentDisk", Type::Any),
    set("projected", Type::Record(&PROJECTED)),
    set("portworxVolume", Type::Any),
    set("scaleIO", Type::Any),
    set("storageos", Type::Any),
    set("csi", Type::Record(&CSI)),
    set("ephemeral", Type::Any),
    set("image", Type::Record(&IMAGE)),
    always("name", STRING),
];

const VOLUME: Type = Type::Record(&Shape { name: "Volume", fields: SOURCES });

/// `volumes` of a Pod.
pub const VOLUMES: Type = Type::List(&VOLUME);
