//! What kubectl checks by itself: names, port numbers, image references.

/// Go's `strconv.ParseUint(text, 10, 16)`, with its error text.
pub(super) fn parse_port(text: &str) -> Result<i32, String> {
    let fail = |why: &str| format!("strconv.ParseUint: parsing {text:?}: {why}");
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(fail("invalid syntax"));
    }
    text.parse::<u16>().map(i32::from).map_err(|_| fail("value out of range"))
}

/// Go's `strconv.Atoi`, with its error text.
pub(super) fn atoi(text: &str) -> Result<i64, String> {
    let fail = |why: &str| format!("strconv.Atoi: parsing {text:?}: {why}");
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(fail("invalid syntax"));
    }
    text.parse().map_err(|_| fail("value out of range"))
}

/// Whether a text is a lowercase RFC 1123 subdomain.
pub(super) fn is_dns1123_subdomain(text: &str) -> bool {
    let label = |part: &str| {
        let bytes = part.as_bytes();
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        bytes.iter().all(inner) && bytes.first().is_some_and(|b| *b != b'-') && bytes.last().is_some_and(|b| *b != b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// What is wrong with a port's name (`IsValidPortName`), comma-joined as kubectl prints it.
pub(super) fn port_name(text: &str) -> Result<(), String> {
    let mut errors = Vec::new();
    if text.len() > 15 {
        errors.push("must be no more than 15 characters");
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if !text.bytes().any(|b| b.is_ascii_lowercase()) {
        errors.push("must contain at least one letter (a-z)");
    }
    if text.contains("--") {
        errors.push("must not contain consecutive hyphens");
    }
    if text.starts_with('-') || text.ends_with('-') {
        errors.push("must not begin or end with a hyphen");
    }
    if errors.is_empty() { Ok(()) } else { Err(errors.join(",")) }
}

/// What is wrong with a key of a ConfigMap or Secret (`IsConfigMapKey`).
pub(super) fn config_key(text: &str) -> Result<(), String> {
    if text.len() > 253 {
        return Err("must be no more than 253 characters".to_owned());
    }
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if text.is_empty() || !text.bytes().all(inner) {
        return Err(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  \
                    or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
                .to_owned(),
        );
    }
    match text {
        "." => Err("must not be '.'".to_owned()),
        ".." => Err("must not be '..'".to_owned()),
        _ if text.starts_with("..") => Err("must not start with '..'".to_owned()),
        _ => Ok(()),
    }
}

/// What is wrong with the name of an environment variable (kubectl is stricter than the server).
pub fn env_name(text: &str) -> Result<(), String> {
    if is_env_name(text) {
        return Ok(());
    }
    let mut problems = vec![
        "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit \
         (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')",
    ];
    match text {
        "." => problems = vec!["must not be '.'"],
        ".." => problems = vec!["must not be '..'"],
        _ if text.starts_with("..") => problems = vec!["must not start with '..'"],
        _ => {}
    }
    Err(problems.join(";"))
}

/// Whether a text may name an environment variable (`IsEnvVarName`).
pub(super) fn is_env_name(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    text.bytes().next().is_some_and(|b| !b.is_ascii_digit()) && text.bytes().all(inner) && text != "." && !text.starts_with("..")
}

/// Whether a text is an image reference: `[host[:port]/]path[:tag][@digest]`.
pub fn is_image_reference(text: &str) -> bool {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    digest.is_none_or(is_digest) && tag.is_none_or(is_tag) && is_image_name(name)
}

fn is_image_name(name: &str) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    match parts.split_first() {
        Some((first, [])) => is_path_component(first),
        Some((first, rest)) => (is_path_component(first) || is_host(first)) && rest.iter().all(|p| is_path_component(p)),
        None => false,
    }
}

/// Runs of lower-case letters and digits, between them `.`, `_`, `__` or hyphens.
fn is_path_component(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let (Some(first), Some(last)) = (text.bytes().next(), text.bytes().last()) else { return false };
    if !word(first) || !word(last) {
        return false;
    }
    text.split(|c: char| c.is_ascii() && word(c as u8))
        .all(|between| matches!(between, "" | "." | "_" | "__") || between.bytes().all(|b| b == b'-'))
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port)),
            None => return false,
        },
        None => match text.find(':') {
            Some(at) => (&text[..at], Some(&text[at..])),
            None => (text, None),
        },
    };
    let port_is_good =
        port.is_none_or(|p| p.strip_prefix(':').is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit())));
    let label = |part: &str| {
        let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
        edge(part.bytes().next()) && edge(part.bytes().last()) && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let host_is_good = if text.starts_with('[') {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_hexdigit() || b == b':')
    } else {
        host.split('.').all(label)
    };
    port_is_good && host_is_good
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 128 && text.bytes().next().is_some_and(word) && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

/// `algorithm:hex`, the hex at least 32 digits long.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let part =
        |p: &str| p.bytes().next().is_some_and(|b| b.is_ascii_alphabetic()) && p.bytes().all(|b| b.is_ascii_alphanumeric());
    algorithm.split(['-', '_', '+', '.']).all(part) && hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_references() {
        let digest = format!("nginx@sha256:{}", "0".repeat(64));
        for good in [
            "nginx",
            "nginx:1.27",
            "a/b:c",
            "host:5000/a/b",
            "Host.io/a",
            "a__b/c--d",
            "[fd00::1]:80/x",
            &digest,
            "k8s.gcr.io/p:v1",
        ] {
            assert!(is_image_reference(good), "{good}");
        }
        for bad in
            ["", "nginx 1.27", "Nginx", "a:b:c", "a//b", "/a", "a/", "a:", "a___b", "-a", "a@sha256:00", "host:x/a", "a:.x"]
        {
            assert!(!is_image_reference(bad), "{bad}");
        }
    }
}
