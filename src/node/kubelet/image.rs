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

/// What is wrong with an image's name, in the reference library's words.
pub fn malformed(image: &str) -> Option<String> {
    let word = |text: &str, also: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c));
    let is_host = |first: &str| first.contains(['.', ':']) || first == "localhost" || first.to_lowercase() != first;
    let (host, rest) = match image.split_once('/').filter(|(first, _)| is_host(first)) {
        Some((host, rest)) => (Some(host), rest.to_string()),
        None if image.contains('/') => (None, image.to_string()),
        None => (None, format!("library/{image}")),
    };
    let (rest, digest) = rest.split_once('@').map_or((rest.as_str(), None), |(rest, digest)| (rest, Some(digest)));
    let (repository, tag) = rest.split_once(':').map_or((rest, None), |(path, tag)| (path, Some(tag)));
    if repository.to_lowercase() != repository {
        return Some(format!("invalid reference format: repository name ({repository}) must be lowercase"));
    }
    let part = |part: &str| {
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        word(part, "._-") && ends(part.chars().next()) && ends(part.chars().next_back())
    };
    let host_ok = host.is_none_or(|host| {
        let (name, port) = host.split_once(':').unwrap_or((host, "0"));
        name.split('.').all(|label| word(label, "-")) && port.chars().all(|c| c.is_ascii_digit()) && !port.is_empty()
    });
    let tag_ok = tag.is_none_or(|tag| word(tag, "_.-") && !tag.starts_with(['.', '-']) && tag.len() <= 128);
    let digest_ok = digest.is_none_or(|digest| {
        digest.split_once(':').is_some_and(|(kind, hex)| word(kind, "+._-") && hex.len() >= 32 && word(hex, ""))
    });
    let ok = host_ok && tag_ok && digest_ok && repository.split('/').all(part);
    (!ok).then(|| "invalid reference format".to_string())
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

/// What the runtime says of an image that the registry does not have.
pub(super) fn not_found(name: &str) -> String {
    let full = full_name(name);
    format!(
        "rpc error: code = NotFound desc = failed to pull and unpack image {full:?}: failed to resolve reference {full:?}: {full}: not found"
    )
}

#[cfg(test)]
mod tests {
    use super::malformed;

    #[test]
    fn names_of_images_are_read_as_references() {
        let wrong = Some("invalid reference format".to_string());
        for image in ["nginx", "nginx:1.27", "a/b-c/d_e:x.1", "registry.example.com:5000/a/b:1", "localhost/x", "gcr.io/p/app"] {
            assert_eq!(malformed(image), None, "{image}");
        }
        for image in ["nginx:1.27:x", "nginx:", "nginx 1", "https://a.example/b", "-x", "nginx:1.27@x", "a//b", "nginx:-1"] {
            assert_eq!(malformed(image), wrong, "{image}");
        }
        let shouted = "invalid reference format: repository name (library/Nginx) must be lowercase";
        assert_eq!(malformed("Nginx:1.27").as_deref(), Some(shouted));
    }
}
