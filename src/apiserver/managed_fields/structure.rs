//! What server-side apply merges and what it replaces: `listType`, `listMapKey` and `structType` of Kubernetes' own types.

use crate::apiserver::patch::schema::Shape;
use serde_json::{Map, Value};

/// How a map or list is put together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Structure {
    /// A field at a time; for scalars: as a whole.
    Granular,
    /// As a whole.
    Atomic,
    /// A list whose elements are known by these fields.
    Keyed(&'static [&'static str]),
    /// A list without order in which each value stands once.
    Values,
}

/// The structure of a field, and what is inside.
pub fn field(shape: Shape, name: &str) -> (Structure, Shape) {
    use Shape::*;
    let inner = shape.field(name).shape;
    let structure = match (shape, name) {
        (
            _,
            "selector"
            | "nodeSelector"
            | "labelSelector"
            | "configMapKeyRef"
            | "secretKeyRef"
            | "fieldRef"
            | "resourceFieldRef"
            | "targetRef"
            | "requiredDuringSchedulingIgnoredDuringExecution",
        ) => Structure::Atomic,
        (Meta, "ownerReferences") => Structure::Keyed(&["uid"]),
        (Meta, "finalizers") | (NodeSpec, "podCIDRs") => Structure::Values,
        (PodSpec, "containers" | "initContainers" | "ephemeralContainers" | "volumes" | "resourceClaims")
        | (PodSpec, "imagePullSecrets" | "schedulingGates")
        | (Container, "env")
        | (PodStatus, "resourceClaimStatuses") => Structure::Keyed(&["name"]),
        (PodSpec, "hostAliases") | (PodStatus, "hostIPs" | "podIPs") => Structure::Keyed(&["ip"]),
        (PodSpec, "topologySpreadConstraints") => Structure::Keyed(&["topologyKey", "whenUnsatisfiable"]),
        (Container, "ports") => Structure::Keyed(&["containerPort", "protocol"]),
        (Container, "volumeMounts") => Structure::Keyed(&["mountPath"]),
        (Container, "volumeDevices") => Structure::Keyed(&["devicePath"]),
        (ServiceSpec, "ports") => Structure::Keyed(&["port", "protocol"]),
        (PodStatus | NodeStatus | Conditions, "conditions") | (NodeStatus, "addresses") => Structure::Keyed(&["type"]),
        _ => Structure::Granular,
    };
    (structure, inner)
}

/// By what an element of a list is known, as a path element; the error is the one of a typed object.
pub fn identity(element: &Value, structure: Structure) -> Result<String, String> {
    let Structure::Keyed(keys) = structure else { return Ok(format!("v:{element}")) };
    let mut found = Map::new();
    for key in keys {
        let value = match element.get(key).filter(|v| !v.is_null()) {
            Some(value) => value.clone(),
            None if *key == "protocol" => Value::String("TCP".into()),
            None => {
                return Err(format!(
                    "associative list with keys has an element that omits key field {key:?} (and doesn't have default value)"
                ));
            }
        };
        found.insert((*key).to_string(), value);
    }
    Ok(format!("k:{}", Value::Object(found)))
}

/// Fields that stand in every object of their Go type, even an empty one: they are never new.
pub fn is_always_there(path: &[super::set::Element]) -> bool {
    let Some(last) = path.last() else { return true };
    match &**last {
        "f:metadata" | "f:spec" | "f:strategy" | "f:template" => true,
        "f:containers" => path.len() < 5,
        _ => false,
    }
}
