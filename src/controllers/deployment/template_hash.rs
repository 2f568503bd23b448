//! Pod template hashes: equal templates have equal hashes, so that going back to a template finds its ReplicaSet again.
//!
//! Sources: `pkg/controller/controller_utils.go` (ComputeHash), `staging/apimachinery/pkg/util/rand/rand.go`. The bytes that are
//! hashed are our own encoding; Kubernetes hashes a dump of Go's memory layout that nobody else can reproduce.

use crate::api::codec::Json;
use crate::api::pod::PodTemplateSpec;
use crate::api::well_known::POD_TEMPLATE_HASH;

const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// The hash of a template as ReplicaSet names and labels carry it (up to ten characters).
pub fn template_hash(template: &PodTemplateSpec, collisions: Option<i32>) -> String {
    let mut hash = fnv1a(0x811c_9dc5, template.encode().to_string().as_bytes());
    if let Some(count) = collisions {
        hash = fnv1a(hash, &i64::from(count).to_le_bytes());
    }
    hash.to_string().bytes().map(|digit| LETTERS[usize::from(digit) % LETTERS.len()] as char).collect()
}

fn fnv1a(start: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Whether two templates are equal but for their hash labels.
pub fn equal_ignoring_hash(a: &PodTemplateSpec, b: &PodTemplateSpec) -> bool {
    if a.spec != b.spec {
        return false;
    }
    let bare = |template: &PodTemplateSpec| {
        let mut meta = template.meta.clone();
        meta.labels.remove(POD_TEMPLATE_HASH);
        meta
    };
    bare(a) == bare(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_templates_have_equal_hashes_of_the_right_letters() {
        let mut template = PodTemplateSpec::default();
        let first = template_hash(&template, None);
        assert_eq!(first, template_hash(&template.clone(), None));
        assert_ne!(first, template_hash(&template, Some(1)));
        template.meta.labels.insert("app".into(), "web".into());
        assert_ne!(first, template_hash(&template, None));
        assert!(first.len() <= 10 && first.bytes().all(|c| b"456789bcdf".contains(&c)), "{first}");
        let mut labelled = template.clone();
        labelled.meta.labels.insert(POD_TEMPLATE_HASH.into(), first);
        assert!(equal_ignoring_hash(&template, &labelled));
    }
}
