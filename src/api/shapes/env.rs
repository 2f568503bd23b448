//! Where environment variables come from (`EnvVarSource`, `EnvFromSource`).

use super::{STRING, Shape, Type, always, filled, set};

/// `ObjectFieldSelector`
pub const FIELD_REF: Type =
    Type::Record(&Shape { name: "ObjectFieldSelector", fields: &[filled("apiVersion", STRING), always("fieldPath", STRING)] });

/// `ResourceFieldSelector`
pub const RESOURCE_FIELD_REF: Type = Type::Record(&Shape {
    name: "ResourceFieldSelector",
    fields: &[filled("containerName", STRING), always("resource", STRING), filled("divisor", Type::Amount)],
});

const CONFIG_MAP_KEY: Type = Type::Record(&Shape {
    name: "ConfigMapKeySelector",
    fields: &[filled("name", STRING), always("key", STRING), set("optional", Type::Flag)],
});

const SECRET_KEY: Type = Type::Record(&Shape {
    name: "SecretKeySelector",
    fields: &[filled("name", STRING), always("key", STRING), set("optional", Type::Flag)],
});

const FILE_KEY: Type = Type::Record(&Shape {
    name: "FileKeySelector",
    fields: &[always("volumeName", STRING), always("path", STRING), always("key", STRING), set("optional", Type::Flag)],
});

/// `valueFrom` of a variable.
pub const VALUE_FROM: Type = Type::Record(&Shape {
    name: "EnvVarSource",
    fields: &[
        set("fieldRef", FIELD_REF),
        set("resourceFieldRef", RESOURCE_FIELD_REF),
        set("configMapKeyRef", CONFIG_MAP_KEY),
        set("secretKeyRef", SECRET_KEY),
        set("fileKeyRef", FILE_KEY),
    ],
});

const CONFIG_MAP_ENV: Type =
    Type::Record(&Shape { name: "ConfigMapEnvSource", fields: &[filled("name", STRING), set("optional", Type::Flag)] });

const SECRET_ENV: Type =
    Type::Record(&Shape { name: "SecretEnvSource", fields: &[filled("name", STRING), set("optional", Type::Flag)] });

const FROM: Type = Type::Record(&Shape {
    name: "EnvFromSource",
    fields: &[filled("prefix", STRING), set("configMapRef", CONFIG_MAP_ENV), set("secretRef", SECRET_ENV)],
});

/// `envFrom` of a container.
pub const ENV_FROM: Type = Type::List(&FROM);
