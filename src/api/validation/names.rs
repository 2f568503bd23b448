//! Rules for names, labels, port names and port numbers: each returns what is wrong, or nothing.
//!
//! Source: `staging/apimachinery/pkg/util/validation/validation.go`, `…/pkg/api/validate/content`.

const DNS1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const DNS1123_LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const DNS1123_SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_PART: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const QUALIFIED: &str = "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
const ENV_NAME: &str = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const UNDERSCORED: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*')";
const PORT_NUMBER: &str = "must be between 1 and 65535, inclusive";
const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

fn is_lower_alnum(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

fn max_length(max: usize, unit: &str) -> String {
    format!("must be no more than {max} {unit}")
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn matches_dns_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    is_lower_alnum(*first) && is_lower_alnum(*last) && bytes.iter().all(|b| is_lower_alnum(*b) || *b == b'-')
}

fn matches_subdomain(text: &str) -> bool {
    text.split('.').all(matches_dns_label)
}

/// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`
fn matches_name_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A DNS-1035 label: like a DNS-1123 label, but it begins with a letter.
pub fn dns1035_label(value: &str) -> Vec<String> {
    let mut messages = vec![];
    if value.len() > 63 {
        messages.push(max_length(63, "characters"));
    }
    if !matches_dns_label(value) || !value.as_bytes()[0].is_ascii_lowercase() {
        messages.push(DNS1035.into());
    }
    messages
}

/// A DNS-1123 label: Service, Namespace, container and Service port names.
pub fn dns1123_label(value: &str) -> Vec<String> {
    let mut messages = vec![];
    if value.len() > 63 {
        messages.push(max_length(63, "characters"));
    }
    if !matches_dns_label(value) {
        messages.push(if matches_subdomain(value) { "must not contain dots".into() } else { DNS1123_LABEL.into() });
    }
    messages
}

/// A DNS-1123 subdomain: most object names.
pub fn dns1123_subdomain(value: &str) -> Vec<String> {
    let mut messages = vec![];
    if value.len() > 253 {
        messages.push(max_length(253, "characters"));
    }
    if !matches_subdomain(value) {
        messages.push(DNS1123_SUBDOMAIN.into());
    }
    messages
}

/// `*.` and a DNS-1123 subdomain: a host of an Ingress.
pub fn wildcard_subdomain(value: &str) -> Vec<String> {
    let mut messages = vec![];
    if value.len() > 253 {
        messages.push(max_length(253, "characters"));
    }
    if !value.strip_prefix("*.").is_some_and(matches_subdomain) {
        messages.push(WILDCARD.into());
    }
    messages
}

/// A prefix of a name (`generateName`): a trailing dash (and, as in the source, what stands before it) is masked
/// before `rule` is asked.
pub fn as_prefix(value: &str, rule: fn(&str) -> Vec<String>) -> Vec<String> {
    let mut masked: Vec<char> = value.chars().collect();
    if masked.len() > 1 && masked.last() == Some(&'-') {
        masked.truncate(masked.len() - 2);
        masked.push('a');
        return rule(&masked.iter().collect::<String>());
    }
    rule(value)
}

/// A name with an optional DNS prefix: label keys, appProtocol, loadBalancerClass.
pub fn qualified_name(value: &str) -> Vec<String> {
    let mut messages = vec![];
    let mut parts = value.split('/');
    let name = match (parts.next(), parts.next(), parts.next()) {
        (Some(name), None, None) => name,
        (Some(prefix), Some(name), None) => {
            if prefix.is_empty() {
                messages.push("prefix part must be non-empty".into());
            } else {
                if prefix.len() > 253 {
                    messages.push(format!("prefix part {}", max_length(253, "bytes")));
                }
                if !matches_subdomain(prefix) {
                    messages.push(format!("prefix part {DNS1123_SUBDOMAIN}"));
                }
            }
            name
        }
        _ => return vec![QUALIFIED.into()],
    };
    if name.is_empty() {
        messages.push("name part must be non-empty".into());
    } else if name.len() > 63 {
        messages.push(format!("name part {}", max_length(63, "bytes")));
    }
    if !matches_name_part(name) {
        messages.push(NAME_PART.into());
    }
    messages
}

/// A label value; may be empty.
pub fn label_value(value: &str) -> Vec<String> {
    let mut messages = vec![];
    if value.len() > 63 {
        messages.push(max_length(63, "bytes"));
    }
    if !value.is_empty() && !matches_name_part(value) {
        messages.push(LABEL_VALUE.into());
    }
    messages
}

/// An IANA service name: container port names, a targetPort or probe port by name.
pub fn port_name(value: &str) -> Vec<String> {
    let mut messages = vec![];
    if value.len() > 15 {
        messages.push(max_length(15, "characters"));
    }
    if value.is_empty() || !value.bytes().all(|b| is_lower_alnum(b) || b == b'-') {
        messages.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !value.bytes().any(|b| b.is_ascii_lowercase()) {
        messages.push("must contain at least one letter (a-z)".into());
    }
    if value.contains("--") {
        messages.push("must not contain consecutive hyphens".into());
    }
    if value.starts_with('-') || value.ends_with('-') {
        messages.push("must not begin or end with a hyphen".into());
    }
    messages
}

/// A port number, 1 to 65535.
pub fn port_number(value: i32) -> Vec<String> {
    if (1..=65_535).contains(&value) { vec![] } else { vec![PORT_NUMBER.into()] }
}

/// `[0-9]+%`
pub fn percent(value: &str) -> Vec<String> {
    let digits = value.strip_suffix('%').unwrap_or("");
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) { vec![] } else { vec![PERCENT.into()] }
}

/// The name of an environment variable (relaxed rule, GA).
pub fn env_var_name(value: &str) -> Vec<String> {
    let fine = !value.is_empty() && value.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=');
    if fine { vec![] } else { vec![ENV_NAME.into()] }
}

/// A key of a ConfigMap or a Secret: `[-._a-zA-Z0-9]+`, and never a way up.
pub fn config_map_key(value: &str) -> Vec<String> {
    let mut out = vec![];
    if value.len() > 253 {
        out.push(max_length(253, "characters"));
    }
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        out.push(CONFIG_KEY.into());
    }
    match value {
        "." => out.push("must not be '.'".into()),
        ".." => out.push("must not be '..'".into()),
        _ if value.starts_with("..") => out.push("must not start with '..'".into()),
        _ => {}
    }
    out
}

/// A DNS subdomain whose labels may hold underscores (search domains).
pub fn subdomain_with_underscore(value: &str) -> Vec<String> {
    let mut out = vec![];
    if value.len() > 253 {
        out.push(max_length(253, "characters"));
    }
    let end = |b: u8| is_lower_alnum(b) || b == b'_';
    let label = |text: &str| {
        let bytes = text.as_bytes();
        bytes.first().is_some_and(|b| end(*b))
            && bytes.last().is_some_and(|b| end(*b))
            && bytes.iter().all(|b| end(*b) || *b == b'-')
    };
    if !value.split('.').all(label) {
        out.push(UNDERSCORED.into());
    }
    out
}
