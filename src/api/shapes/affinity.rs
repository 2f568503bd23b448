//! Affinity of Pods to nodes and to other Pods.

use super::text::LABEL_OPERATOR;
use super::{STRING, STRING_MAP, STRINGS, Shape, Type, always, filled, set};

const LABEL_REQUIREMENT: Type = Type::Record(&Shape {
    name: "LabelSelectorRequirement",
    fields: &[always("key", STRING), always("operator", LABEL_OPERATOR), filled("values", STRINGS)],
});

/// `LabelSelector`
pub const LABEL_SELECTOR: Type = Type::Record(&Shape {
    name: "LabelSelector",
    fields: &[filled("matchLabels", STRING_MAP), filled("matchExpressions", Type::List(&LABEL_REQUIREMENT))],
});

const NODE_REQUIREMENT: Type = Type::Record(&Shape {
    name: "NodeSelectorRequirement",
    fields: &[always("key", STRING), always("operator", Type::Text("v1.NodeSelectorOperator")), filled("values", STRINGS)],
});

const NODE_TERM: Type = Type::Record(&Shape {
    name: "NodeSelectorTerm",
    fields: &[filled("matchExpressions", Type::List(&NODE_REQUIREMENT)), filled("matchFields", Type::List(&NODE_REQUIREMENT))],
});

const NODE_SELECTOR: Type =
    Type::Record(&Shape { name: "NodeSelector", fields: &[always("nodeSelectorTerms", Type::List(&NODE_TERM))] });

const PREFERRED_NODE_TERM: Type = Type::Record(&Shape {
    name: "PreferredSchedulingTerm",
    fields: &[always("weight", Type::Int32), always("preference", NODE_TERM)],
});

const POD_TERM: Type = Type::Record(&Shape {
    name: "PodAffinityTerm",
    fields: &[
        set("labelSelector", LABEL_SELECTOR),
        filled("namespaces", STRINGS),
        always("topologyKey", STRING),
        set("namespaceSelector", LABEL_SELECTOR),
        filled("matchLabelKeys", STRINGS),
        filled("mismatchLabelKeys", STRINGS),
    ],
});

const WEIGHTED_POD_TERM: Type = Type::Record(&Shape {
    name: "WeightedPodAffinityTerm",
    fields: &[always("weight", Type::Int32), always("podAffinityTerm", POD_TERM)],
});

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// `affinity` of a Pod.
pub const AFFINITY: Type = Type::Record(&Shape {
    name: "Affinity",
    fields: &[
        set(
            "nodeAffinity",
            Type::Record(&Shape {
                name: "NodeAffinity",
                fields: &[set(REQUIRED, NODE_SELECTOR), filled(PREFERRED, Type::List(&PREFERRED_NODE_TERM))],
            }),
        ),
        set(
            "podAffinity",
            Type::Record(&Shape {
                name: "PodAffinity",
                fields: &[filled(REQUIRED, Type::List(&POD_TERM)), filled(PREFERRED, Type::List(&WEIGHTED_POD_TERM))],
            }),
        ),
        set(
            "podAntiAffinity",
            Type::Record(&Shape {
                name: "PodAntiAffinity",
                fields: &[filled(REQUIRED, Type::List(&POD_TERM)), filled(PREFERRED, Type::List(&WEIGHTED_POD_TERM))],
            }),
        ),
    ],
});
