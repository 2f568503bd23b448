//! Address ranges of IPv4.

use std::fmt;
use std::net::Ipv4Addr;

/// A range of IPv4 addresses. The address is kept as it was written (`192.168.0.2/24`), the rest of it does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cidr {
    /// The address as written.
    pub address: Ipv4Addr,
    /// How many leading bits count, 0..=32.
    pub bits: u8,
}

impl Cidr {
    /// Every loopback address.
    pub const LOOPBACK: Cidr = Cidr { address: Ipv4Addr::new(127, 0, 0, 0), bits: 8 };

    /// Reads `10.244.0.0/16`; nothing for what is not an IPv4 range (an IPv6 range included).
    pub fn parse(text: &str) -> Option<Cidr> {
        let (address, bits) = text.trim().split_once('/')?;
        let bits: u8 = bits.parse().ok()?;
        (bits <= 32).then_some(Cidr { address: address.parse().ok()?, bits })
    }

    /// The range of one address.
    pub fn host(address: Ipv4Addr) -> Cidr {
        Cidr { address, bits: 32 }
    }

    /// The range with the bits that do not count set to 0.
    pub fn masked(self) -> Cidr {
        Cidr { address: Ipv4Addr::from(u32::from(self.address) & self.mask()), bits: self.bits }
    }

    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0)
    }

    /// Whether the address lies in the range.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        (u32::from(address) ^ u32::from(self.address)) & self.mask() == 0
    }

    /// Whether every address lies in the range.
    pub fn is_everything(self) -> bool {
        self.bits == 0
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_contain_what_their_bits_say() {
        let range = Cidr::parse("192.168.0.2/24").unwrap();
        assert!(range.contains(Ipv4Addr::new(192, 168, 0, 255)) && !range.contains(Ipv4Addr::new(192, 168, 1, 2)));
        assert_eq!(range.masked().to_string(), "192.168.0.0/24");
        assert!(Cidr::parse("0.0.0.0/0").unwrap().contains(Ipv4Addr::new(203, 0, 113, 9)));
        for bad in ["", "10.0.0.0", "10.0.0.0/33", "fd00::/8", "10.0.0/8"] {
            assert_eq!(Cidr::parse(bad), None, "{bad}");
        }
    }
}
