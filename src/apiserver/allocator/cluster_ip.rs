//! Cluster IPs of one Service range (`pkg/registry/core/service/ipallocator/{ipallocator,cidrallocator}.go`).

use super::Random;
use super::pool::Pool;
use crate::api::validation::ip::Cidr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address was not given.
pub const FULL: &str = "range is full";
const OUTSIDE: &str = "the provided network does not match the current range";
const TAKEN: &str = "provided IP is already allocated";

/// The addresses of a Service range. The network address is never given, for IPv4 the broadcast address neither.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterIpRange {
    cidr: Cidr,
    pool: Pool,
    first: u128,
    last: u128,
    band: u128,
}

fn number(ip: &IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u32::from(*ip).into(),
        IpAddr::V6(ip) => (*ip).into(),
    }
}

impl ClusterIpRange {
    /// The range of a CIDR such as `10.96.0.0/12`; the error is Kubernetes' text.
    pub fn new(cidr: &str) -> Result<ClusterIpRange, String> {
        let cidr = Cidr::parse_sloppy(cidr).ok_or_else(|| format!("invalid CIDR address: {cidr}"))?;
        let v4 = cidr.ip.is_ipv4();
        if !v4 && cidr.prefix < 64 {
            return Err(format!("shortest allowed prefix length for service CIDR is 64, got {}", cidr.prefix));
        }
        let bits = if v4 { 32 } else { 128 } - u32::from(cidr.prefix);
        let size = 1u128 << bits.min(64);
        let base = number(&cidr.network());
        let first = base + 1;
        // A /32 has its "last" address below the first one: nothing to give.
        let last = base.saturating_add(size - 1).saturating_sub(u128::from(v4));
        let band = if size <= 16 { 0 } else { (size / 16).clamp(16, 256) };
        Ok(ClusterIpRange { cidr, pool: Pool::new(first, last, band), first, last, band })
    }

    fn address(&self, number: u128) -> IpAddr {
        match self.cidr.ip {
            IpAddr::V4(_) => Ipv4Addr::from(number as u32).into(),
            IpAddr::V6(_) => Ipv6Addr::from(number).into(),
        }
    }

    /// The lowest address that can be given.
    pub fn first(&self) -> IpAddr {
        self.address(self.first)
    }

    /// The highest address that can be given.
    pub fn last(&self) -> IpAddr {
        self.address(self.last)
    }

    /// The lowest address that is given at random as long as others are free.
    pub fn dynamic_first(&self) -> IpAddr {
        self.address(self.pool.dynamic_first())
    }

    /// Addresses at the lower end that are left to people.
    pub fn static_band(&self) -> u64 {
        self.band as u64
    }

    /// How many addresses there are to give.
    pub fn usable(&self) -> u64 {
        (self.last + 1).saturating_sub(self.first) as u64
    }

    /// What a dry run is told instead of an address.
    pub fn base(&self) -> IpAddr {
        self.cidr.network()
    }

    /// Takes that address; the error is Kubernetes' text.
    pub fn take(&mut self, ip: IpAddr) -> Result<(), &'static str> {
        if ip.is_ipv4() != self.cidr.ip.is_ipv4() || !self.pool.contains(number(&ip)) {
            return Err(OUTSIDE);
        }
        if self.pool.take(number(&ip)) { Ok(()) } else { Err(TAKEN) }
    }

    /// What a dry run is told of that address: it makes no object, so it does not see that somebody has it.
    pub fn check(&self, ip: IpAddr) -> Result<(), String> {
        if ip.is_ipv4() == self.cidr.ip.is_ipv4() && self.pool.contains(number(&ip)) {
            return Ok(());
        }
        let range = format!("{}/{}", self.cidr.network(), self.cidr.prefix);
        Err(format!("the provided IP ({ip}) is not in the valid range. The range of valid IPs is {range}"))
    }

    /// Takes any address.
    pub fn take_next(&mut self, random: &mut dyn Random) -> Option<IpAddr> {
        self.pool.take_next(random).map(|n| self.address(n))
    }

    /// Gives an address back.
    pub fn release(&mut self, ip: IpAddr) {
        if ip.is_ipv4() == self.cidr.ip.is_ipv4() {
            self.pool.release(number(&ip));
        }
    }
}
