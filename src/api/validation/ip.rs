//! IP addresses and CIDRs: the strict reading of new values, the old lenient one, and what either warns of.
//!
//! Source: `staging/apimachinery/pkg/util/validation/ip.go`.

use super::field::FieldError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const BAD_IP: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const BAD_CIDR: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/// Reads an IPv4 address whose parts may have leading zeros.
fn sloppy_v4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next().filter(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))?;
        let digits = part.trim_start_matches('0');
        *octet = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    }
    parts.next().is_none().then(|| octets.into())
}

fn sloppy_v6(text: &str) -> Option<Ipv6Addr> {
    if let Some((head, tail)) = text.rsplit_once(':')
        && tail.contains('.')
    {
        return format!("{head}:{}", sloppy_v4(tail)?).parse().ok();
    }
    text.parse().ok()
}

/// Reads an address as Kubernetes always did: leading zeros are decimal.
pub fn parse_sloppy(text: &str) -> Option<IpAddr> {
    if text.contains(':') { sloppy_v6(text).map(IpAddr::V6) } else { sloppy_v4(text).map(IpAddr::V4) }
}

fn parse_strict(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

fn mapped(ip: &IpAddr) -> Option<Ipv4Addr> {
    if let IpAddr::V6(v6) = ip { v6.to_ipv4_mapped() } else { None }
}

/// How Go's `net.IP` prints it: an IPv4-mapped address as IPv4.
fn plain(ip: &IpAddr) -> String {
    mapped(ip).map_or_else(|| ip.to_string(), |v4| v4.to_string())
}

/// Whether it is an IPv6 address (IPv4-mapped ones count as IPv4).
pub fn is_v6(ip: &IpAddr) -> bool {
    ip.is_ipv6() && mapped(ip).is_none()
}

/// An address in the strict and canonical form (EndpointSlices, status fields of new kinds).
pub fn valid_ip(path: &str, value: &str) -> Vec<FieldError> {
    let errors = legacy_ip(path, value, true);
    if errors.is_empty()
        && let Some(ip) = parse_strict(value)
        && ip.to_string() != value
    {
        return vec![FieldError::invalid(path, value, format!("must be in canonical form (\"{ip}\")"))];
    }
    errors
}

/// An address in a field that is older than strict parsing (`clusterIPs`, `externalIPs`, `podIPs`…).
pub fn legacy_ip(path: &str, value: &str, strict: bool) -> Vec<FieldError> {
    if parse_sloppy(value).is_none() {
        return vec![FieldError::invalid(path, value, BAD_IP)];
    }
    match parse_strict(value) {
        None if strict => vec![FieldError::invalid(path, value, "must not have leading 0s")],
        Some(ip) if strict && mapped(&ip).is_some() => {
            vec![FieldError::invalid(path, value, "must not be an IPv4-mapped IPv6 address")]
        }
        _ => vec![],
    }
}

/// What to say about an address that is accepted but not in its best form.
pub fn warnings_for_ip(path: &str, value: &str) -> Vec<String> {
    let Some(ip) = parse_sloppy(value) else { return vec![] };
    match parse_strict(value) {
        Some(strict) if mapped(&strict).is_none() => {
            if strict.is_ipv6() && strict.to_string() != value {
                return vec![format!("{path}: IPv6 address {value:?} should be in RFC 5952 canonical format (\"{strict}\")")];
            }
            vec![]
        }
        _ => vec![format!("{path}: non-standard IP address {value:?} is invalid: use {:?}", plain(&ip))],
    }
}

/// An address with a prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    /// The address as written.
    pub ip: IpAddr,
    /// Bits of the network part.
    pub prefix: u8,
}

impl Cidr {
    /// Reads a CIDR leniently (leading zeros).
    pub fn parse_sloppy(text: &str) -> Option<Cidr> {
        let (ip, prefix) = text.split_once('/')?;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = prefix.trim_start_matches('0');
        let prefix = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        let ip = parse_sloppy(ip)?;
        (prefix <= Cidr::bits(&ip)).then_some(Cidr { ip, prefix })
    }

    fn parse_strict(text: &str) -> Option<Cidr> {
        let (ip, prefix) = text.split_once('/')?;
        if prefix.len() > 1 && prefix.starts_with('0') {
            return None;
        }
        parse_strict(ip)?;
        Cidr::parse_sloppy(text)
    }

    fn bits(ip: &IpAddr) -> u8 {
        if ip.is_ipv4() { 32 } else { 128 }
    }

    /// The first address of the network.
    pub fn network(&self) -> IpAddr {
        match self.ip {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                Ipv4Addr::from(u32::from(ip) & mask).into()
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                Ipv6Addr::from(u128::from(ip) & mask).into()
            }
        }
    }

    /// Whether another network lies in this one and is smaller.
    pub fn strictly_holds(&self, other: &Cidr) -> bool {
        let cut = Cidr { ip: other.ip, prefix: self.prefix };
        self.ip.is_ipv4() == other.ip.is_ipv4() && self.prefix < other.prefix && cut.network() == self.network()
    }

    /// The network as Go's `net.IPNet` prints it.
    fn plain_network(&self) -> String {
        let network = self.network();
        match mapped(&network) {
            Some(v4) => format!("{v4}/{}", self.prefix.saturating_sub(96)),
            None => format!("{network}/{}", self.prefix),
        }
    }
}

/// A CIDR in the strict and canonical form.
pub fn valid_cidr(path: &str, value: &str) -> Vec<FieldError> {
    let errors = legacy_cidr(path, value, true);
    if errors.is_empty()
        && let Some(cidr) = Cidr::parse_strict(value)
        && format!("{}/{}", cidr.ip, cidr.prefix) != value
    {
        let detail = format!("must be in canonical form (\"{}/{}\")", cidr.ip, cidr.prefix);
        return vec![FieldError::invalid(path, value, detail)];
    }
    errors
}

/// A CIDR in a field that is older than strict parsing (`loadBalancerSourceRanges`).
pub fn legacy_cidr(path: &str, value: &str, strict: bool) -> Vec<FieldError> {
    if Cidr::parse_sloppy(value).is_none() {
        return vec![FieldError::invalid(path, value, BAD_CIDR)];
    }
    if !strict {
        return vec![];
    }
    let detail = match Cidr::parse_strict(value) {
        None => "must not have leading 0s in IP or prefix length",
        Some(cidr) if mapped(&cidr.ip).is_some() => "must not have an IPv4-mapped IPv6 address",
        Some(cidr) if cidr.network() != cidr.ip => "must not have bits set beyond the prefix length",
        Some(_) => return vec![],
    };
    vec![FieldError::invalid(path, value, detail)]
}

/// What to say about a CIDR that is accepted but not in its best form.
pub fn warnings_for_cidr(path: &str, value: &str) -> Vec<String> {
    let Some(cidr) = Cidr::parse_sloppy(value) else { return vec![] };
    let mut warnings = vec![];
    let network = cidr.plain_network();
    if cidr.network() != cidr.ip {
        let single = format!("{}/{}", plain(&cidr.ip), Cidr::bits(&cidr.ip));
        warnings
            .push(format!("{path}: CIDR value {value:?} is ambiguous in this context (should be {network:?} or {single:?}?)"));
    }
    match Cidr::parse_strict(value) {
        Some(strict) if mapped(&strict.ip).is_none() => {
            let canonical = format!("{}/{}", strict.ip, strict.prefix);
            if strict.ip.is_ipv6() && canonical != value {
                warnings
                    .push(format!("{path}: IPv6 CIDR value {value:?} should be in RFC 5952 canonical format ({canonical:?})"));
            }
        }
        _ => warnings.push(format!("{path}: non-standard CIDR value {value:?} is invalid: use {network:?}")),
    }
    warnings
}

/// Whether it is an IPv4 address that breaks no rule at all: the common case, decided without building any text.
pub fn is_plain_v4(value: &str) -> bool {
    value.parse::<Ipv4Addr>().is_ok_and(|ip| {
        let special = ip.is_unspecified() || ip.is_loopback() || ip.is_link_local() || ip.octets()[..3] == [224, 0, 0];
        !special
    })
}

/// Addresses that no endpoint and no external IP may have.
pub fn non_special_ip(path: &str, value: &str) -> Vec<FieldError> {
    let Some(ip) = parse_sloppy(value) else {
        return vec![FieldError::invalid(path, value, "must be a valid IP address")];
    };
    let ip = mapped(&ip).map_or(ip, IpAddr::V4);
    let (link_local, link_local_multicast) = match ip {
        IpAddr::V4(v4) => (v4.is_link_local(), v4.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(v6) => (v6.segments()[0] & 0xffc0 == 0xfe80, v6.segments()[0] & 0xff0f == 0xff02),
    };
    let mut errors = vec![];
    let mut refuse = |refused: bool, detail: &str| {
        if refused {
            errors.push(FieldError::invalid(path, value, detail));
        }
    };
    refuse(ip.is_unspecified(), &format!("may not be unspecified ({ip})"));
    refuse(ip.is_loopback(), "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    refuse(link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    refuse(link_local_multicast, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
    errors
}
