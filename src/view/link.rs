//! One deed on the way back from a failure to its first cause, in few words and with what there is to say beside it.

/// One deed of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Seconds since 0:00; less than 0 for what was before.
    pub at: i64,
    /// The exact moment, in words.
    pub clock: String,
    /// What happened.
    pub text: String,
}

impl Link {
    /// What happened in few words, and what there is to say beside it (may be empty).
    pub fn parts(&self) -> (String, String) {
        // Which request it is stands above the chain.
        let text = match self.text.split_once(": ") {
            Some((head, rest)) if head.starts_with("Request ") => rest,
            _ => &self.text,
        };
        let text = text.trim_end_matches('.');
        let own_words = text.starts_with("A person") || text.starts_with("A fault") || text.starts_with("The client was told");
        let cuts = ["; ", ": ", ", where ", ", with ", " (or "].iter().filter_map(|mark| text.find(mark));
        let (head, rest) = text.split_at(cuts.min().filter(|_| !own_words).unwrap_or(text.len()));
        let mut letters = head.chars();
        // A name at the beginning stays as it is written.
        let head = match letters.next() {
            Some('i') if head.starts_with("it ") => format!("I{}", letters.as_str()),
            _ => head.to_string(),
        };
        (head, rest.trim_start_matches([';', ':', ',', ' ']).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_told_in_few_words_and_the_rest_beside_it() {
        let parts = |text: &str| Link { at: 0, clock: String::new(), text: text.into() }.parts();
        let of = |head: &str, rest: &str| (head.to_string(), rest.to_string());
        assert_eq!(
            parts("Request 7 of curl-1: it was sent to web-1, where nothing listened on port 80."),
            of("It was sent to web-1", "where nothing listened on port 80")
        );
        assert_eq!(
            parts("The kubelet on node-1 began to stop web-1: SIGTERM at once; no preStop hook."),
            of("The kubelet on node-1 began to stop web-1", "SIGTERM at once; no preStop hook")
        );
        assert_eq!(parts("A person ran: kubectl delete pod web-1"), of("A person ran: kubectl delete pod web-1", ""));
        assert_eq!(parts("replicaset-controller created Pod web-2."), of("replicaset-controller created Pod web-2", ""));
    }
}
