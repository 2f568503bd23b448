//! The tree of a document before its scalars have types; nodes refer to each other by number, so that an alias costs nothing.

use super::cursor::Mark;

pub type NodeId = usize;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// `implicit`: plain and without a tag (or with the tag `!`).
    Scalar {
        value: String,
        tag: String,
        implicit: bool,
    },
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
    Alias {
        name: String,
        target: NodeId,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub mark: Mark,
    pub kind: NodeKind,
}

/// All nodes of a document and the outermost one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    pub nodes: Vec<Node>,
    pub root: NodeId,
}

impl Tree {
    /// Whether a mapping's key asks to merge its value into the mapping.
    pub fn is_merge(&self, key: NodeId) -> bool {
        match &self.nodes[key].kind {
            NodeKind::Scalar { value, tag, implicit } => value == "<<" && (*implicit || tag == "tag:yaml.org,2002:merge"),
            _ => false,
        }
    }
}
