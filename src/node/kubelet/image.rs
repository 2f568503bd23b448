//! Images: which exist, which a node has already, and how long a pull takes.

use crate::time::{MILLISECOND, Nanos};
use std::collections::BTreeSet;

/// What every node has from the start, as the recorded cluster's nodes had.
const PRESENT: [&str; 4] = ["nginx:1.27", "nginx:1.28", "nginx:1.29", "busybox:1.37"];

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
        PRESENT.contains(&image) || self.pulled.contains(image)
    }

    /// The node has it from now on.
    pub fn add(&mut self, image: &str) {
        self.pulled.insert(image.to_string());
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
