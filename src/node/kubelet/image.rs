//! Images: which exist, which a node has already, and how long a pull takes.

use crate::time::{MILLISECOND, Nanos};
use std::collections::BTreeSet;

/// What every node has from the start, as the recorded cluster's nodes had.
const PRESENT: [&str; 6] = [
    "docker.io/library/nginx:1.27",
    "docker.io/library/nginx:1.28",
    "docker.io/library/nginx:1.29",
    "docker.io/library/busybox:1.37",
    "registry.k8s.io/coredns/coredns:v1.15.0",
    "registry.k8s.io/pause:3.10",
];

/// How long the registry needs to say that there is no such image.
pub const NOT_FOUND_AFTER: Nanos = 900 * MILLISECOND;

/// The images of one node.
#[derive(Clone, Debug, Default)]
pub struct Images {
    pulled: BTreeSet<String>,
}

impl Images {
    /// Whether the node has it.
    pub fn has(&self, image: &str) -> bool {
        let name = full_name(image);
        PRESENT.contains(&name.as_str()) || self.pulled.contains(&name)
    }

    /// The node has it from now on.
    pub fn add(&mut self, image: &str) {
        self.pulled.insert(full_name(image));
    }
}

/// Whether the registry has it: of `nginx` the tags 1.27, 1.28 and 1.29, of everything else all.
pub fn exists(image: &str) -> bool {
    let (repository, tag) = split(image);
    let repository = repository.trim_start_matches("docker.io/").trim_start_matches("library/");
    match repository {
        "nginx" => matches!(tag, "1.27" | "1.28" | "1.29"),
        "busybox" => tag == "1.37",
        _ => true,
    }
}

/// Repository and tag (`latest` when there is none).
pub fn split(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (image, "latest"),
    }
}

/// The full name that the runtime resolves an image to.
pub fn full_name(image: &str) -> String {
    let (repository, tag) = split(image);
    let registry =
        repository.split('/').next().filter(|first| repository.contains('/') && (first.contains('.') || first.contains(':')));
    match (registry, repository.contains('/')) {
        (Some(_), _) => format!("{repository}:{tag}"),
        (None, true) => format!("docker.io/{repository}:{tag}"),
        (None, false) => format!("docker.io/library/{repository}:{tag}"),
    }
}
