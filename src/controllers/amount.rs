//! Resource amounts as the controllers count them: CPU in thousandths, all else in whole units, rounded up.

use crate::api::Quantity;
use crate::api::quantity::Amount;

/// CPU in thousandths; 0 for what is no amount.
pub fn cpu_milli(quantity: &Quantity) -> i64 {
    Amount::parse(&quantity.0).map_or(0, |amount| amount.milli_value())
}

/// Bytes or pieces; 0 for what is no amount.
pub fn whole(quantity: &Quantity) -> i64 {
    Amount::parse(&quantity.0).map_or(0, |amount| amount.value())
}
