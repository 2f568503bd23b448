//! Node ports: one range for all Services and all protocols (`pkg/registry/core/service/portallocator/allocator.go`).

use super::Random;
use super::pool::Pool;

/// Why a port was not given.
pub const TAKEN: &str = "provided port is already allocated";

/// The node ports of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct NodePortRange {
    low: u16,
    high: u16,
    band: u16,
    pool: Pool,
}

impl NodePortRange {
    /// Ports `low..=high`.
    pub fn new(low: u16, high: u16) -> NodePortRange {
        let size = u32::from(high.saturating_sub(low)) + 1;
        let band = if size <= 16 { 0 } else { (size / 32).clamp(16, 128) as u16 };
        NodePortRange { low, high, band, pool: Pool::new(low.into(), high.into(), band.into()) }
    }

    /// How many ports there are.
    pub fn size(&self) -> u32 {
        u32::from(self.high - self.low) + 1
    }

    /// Ports at the lower end that are left to people.
    pub fn static_band(&self) -> u16 {
        self.band
    }

    /// The lowest port that is given at random as long as others are free.
    pub fn dynamic_first(&self) -> u16 {
        self.low + self.band
    }

    /// The highest port.
    pub fn last(&self) -> u16 {
        self.high
    }

    /// Takes that port; the error is Kubernetes' text.
    pub fn take(&mut self, port: i32) -> Result<(), String> {
        match u128::try_from(port).ok().filter(|p| self.pool.contains(*p)) {
            None => {
                Err(format!("provided port is not in the valid range. The range of valid ports is {}-{}", self.low, self.high))
            }
            Some(port) if self.pool.take(port) => Ok(()),
            Some(_) => Err(TAKEN.into()),
        }
    }

    /// Whether somebody holds it.
    pub fn is_taken(&self, port: i32) -> bool {
        u128::try_from(port).is_ok_and(|p| self.pool.is_taken(p))
    }

    /// Takes any port.
    pub fn take_next(&mut self, random: &mut dyn Random) -> Option<i32> {
        self.pool.take_next(random).map(|p| p as i32)
    }

    /// Gives a port back.
    pub fn release(&mut self, port: i32) {
        if let Ok(port) = u128::try_from(port) {
            self.pool.release(port);
        }
    }
}

/// The ports of one request. A dry run takes nothing and invents numbers.
pub(super) struct Operation<'a> {
    pub range: &'a mut NodePortRange,
    pub random: &'a mut dyn Random,
    /// In a dry run: the ports of this request.
    pub dry_run: Option<Vec<i32>>,
}

/// Where a dry run begins to count when it has no port yet.
const DRY_RUN_START: i32 = 32_768;

impl Operation<'_> {
    pub fn take(&mut self, port: i32) -> Result<(), String> {
        let Some(taken) = &mut self.dry_run else { return self.range.take(port) };
        if self.range.is_taken(port) || taken.contains(&port) {
            return Err(TAKEN.into());
        }
        taken.push(port);
        Ok(())
    }

    pub fn take_next(&mut self) -> Option<i32> {
        let Some(taken) = &mut self.dry_run else { return self.range.take_next(self.random) };
        let next = taken.iter().max().copied().unwrap_or(DRY_RUN_START) + 1;
        taken.push(next);
        Some(next)
    }
}
