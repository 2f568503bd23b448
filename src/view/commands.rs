//! The kubectl lines that buttons stand for, and which field a message of Kubernetes is about.

/// A field of the page's forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A name.
    Name,
    /// An image.
    Image,
    /// A port.
    Port,
    /// A number of replicas.
    Replicas,
    /// The form as a whole.
    Whole,
}

/// A word as a shell takes it: quoted where it must be.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// The field that an error message is about, by the path that it names.
pub fn field_of_error(message: &str) -> Field {
    let lower = message.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    if has(&["containerport", "--port", "port:", "invalid port", "ports["]) {
        Field::Port
    } else if has(&["image"]) {
        Field::Image
    } else if has(&["replicas"]) {
        Field::Replicas
    } else if has(&["metadata.name", "already exists", "name"]) {
        Field::Name
    } else {
        Field::Whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quote("web-1"), "web-1");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("it's"), "'it'\\''s'");
    }

    #[test]
    fn messages_find_their_field() {
        let port = "The Pod \"x\" is invalid: spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between";
        assert_eq!(field_of_error(port), Field::Port);
        assert_eq!(field_of_error("error: --image is required"), Field::Image);
        assert_eq!(field_of_error("The Pod \"a b\" is invalid: metadata.name: Invalid value: \"a b\""), Field::Name);
        assert_eq!(field_of_error("error: lab limit: 1000000000 replicas are more than one page can hold"), Field::Replicas);
    }
}
