//! The order of ports within a slice or subset. It looks arbitrary and is: Kubernetes sorts ports by a hash of how Go prints
//! them, and people see the result.
//!
//! Source: `pkg/util/hash`, `staging/endpointslice/util/controller_utils.go` (portsInOrder), `pkg/api/v1/endpoints/util.go`.

use crate::api::discovery::EndpointSlicePort;
use crate::api::service::EndpointPort;

/// FNV-1a in 128 bits.
fn fnv_128a(text: &str) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + 0x13b;
    text.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

fn pointer(type_: &str, value: Option<&str>) -> String {
    format!("(*{type_}){}", value.unwrap_or("<nil>"))
}

/// Sorts the ports of a slice.
pub fn sort_slice_ports(ports: &mut [EndpointSlicePort]) {
    ports.sort_by_cached_key(|port| {
        let number = port.port.map(|n| n.to_string());
        fnv_128a(&format!(
            "(v1.EndpointPort){{Name:{} Protocol:{} Port:{} AppProtocol:{}}}",
            pointer("string", port.name.as_deref()),
            pointer("v1.Protocol", port.protocol.as_deref()),
            pointer("int32", number.as_deref()),
            pointer("string", port.app_protocol.as_deref()),
        ))
    });
}

/// Sorts the ports of a subset.
pub fn sort_subset_ports(ports: &mut [EndpointPort]) {
    ports.sort_by_cached_key(|port| {
        fnv_128a(&format!(
            "(v1.EndpointPort){{Name:(string){} Port:(int32){} Protocol:(v1.Protocol){} AppProtocol:{}}}",
            port.name,
            port.port,
            port.protocol,
            pointer("string", port.app_protocol.as_deref()),
        ))
    });
}
