//! Services: defaults, validation, allocation and the bands of addresses, as the real API server answers.

use crate::vectors::{check, old_and_new, refused, sent};
use kube_service_lab::api::Kind;
use kube_service_lab::apiserver::allocator::cluster_ip::{ClusterIpRange, FULL};
use kube_service_lab::apiserver::allocator::node_port::NodePortRange;
use kube_service_lab::apiserver::strategy::Part;
use kube_service_lab::apiserver::{ServiceAllocator, Status, admission};
use kube_service_lab::time::Stream;
use serde_json::{Value, json};

/// The cluster of the vector files: some addresses and ports are taken by other Services.
fn pools() -> ServiceAllocator {
    let mut ips = ClusterIpRange::new("10.96.0.0/12").unwrap();
    for ip in ["10.96.0.1", "10.96.0.10", "10.96.0.77", "10.100.0.1"] {
        ips.take(ip.parse().unwrap()).unwrap();
    }
    let mut ports = NodePortRange::new(30_000, 32_767);
    for port in [30_077, 31_999] {
        ports.take(port).unwrap();
    }
    ServiceAllocator::new(ips, ports)
}

fn accepted(object: &kube_service_lab::api::Object, warnings: Vec<String>) -> Value {
    let mut out = json!({"accepted": true, "spec": object.to_value()["spec"]});
    if !warnings.is_empty() {
        out["warnings"] = json!(warnings);
    }
    out
}

fn create(input: &Value) -> Result<Value, Status> {
    let mut object = sent(Kind::Service, input)?;
    let warnings = admission::create(&mut object, &mut pools(), &mut Stream::new(1, "test"), false)?;
    Ok(accepted(&object, warnings))
}

fn update(input: &Value) -> Result<Value, Status> {
    let (old, mut new) = old_and_new(Kind::Service, input)?;
    let mut pools = pools();
    pools.reserve(old.as_().unwrap());
    let mut random = Stream::new(1, "test");
    let warnings = admission::update(&mut new, &old, Part::Spec, &mut pools, &mut random, false)?;
    Ok(accepted(&new, warnings))
}

#[test]
fn validation() {
    check("service-validation", |input, want| {
        let result = if input["old"].is_null() { create(input) } else { update(input) };
        result.unwrap_or_else(|status| refused(&status, want))
    });
}

#[test]
fn defaults() {
    check("service-defaults", |input, want| {
        let mut got = create(input).unwrap_or_else(|status| refused(&status, want));
        got.as_object_mut().unwrap().remove("accepted");
        got
    });
}

fn text<'a>(input: &'a Value, field: &str) -> &'a str {
    input[field].as_str().unwrap_or("")
}

fn ports_of(range: &str) -> NodePortRange {
    let (low, high) = range.split_once('-').unwrap();
    NodePortRange::new(low.parse().unwrap(), high.parse().unwrap())
}

/// Takes everything: (how many, of these dynamic, whether all dynamic ones came first).
fn fill(mut next: impl FnMut() -> Option<u64>, dynamic_first: u64) -> (usize, usize, bool) {
    let order: Vec<bool> = std::iter::from_fn(&mut next).map(|n| n >= dynamic_first).collect();
    let dynamic = order.iter().filter(|d| **d).count();
    (order.len(), dynamic, order[..dynamic].iter().all(|d| *d))
}

fn filled((count, dynamic, first): (usize, usize, bool), band: u64) -> Value {
    json!({"allDynamicBeforeStatic": first, "allocated": count, "errorWhenFull": FULL, "fromDynamicBand": dynamic, "staticBandSize": band})
}

fn ip_bits(ip: std::net::IpAddr) -> u64 {
    match ip {
        std::net::IpAddr::V4(ip) => u64::from(u32::from(ip)),
        std::net::IpAddr::V6(ip) => u128::from(ip) as u64,
    }
}

fn band(input: &Value, want: &Value) -> Value {
    let mut random = Stream::new(7, "test");
    let cidr = text(input, "cidr");
    if let Some(port) = input["port"].as_i64() {
        let mut range = ports_of(text(input, "range"));
        for taken in input["taken"].as_array().unwrap() {
            range.take(taken.as_i64().unwrap() as i32).unwrap();
        }
        return twice(|| range.take(port as i32));
    }
    if let Ok(ip) = text(input, "ip").parse() {
        let mut range = ClusterIpRange::new(text(input, "serviceCIDR")).unwrap();
        for taken in input["taken"].as_array().unwrap() {
            range.take(taken.as_str().unwrap().parse().unwrap()).unwrap();
        }
        let mut got = twice(|| range.take(ip).map_err(str::to_string));
        // What an allocator that no longer runs would have said.
        if let Some(old) = want.get("singleRangeAllocatorError") {
            got["singleRangeAllocatorError"] = old.clone();
        }
        return got;
    }
    if !text(input, "range").is_empty() {
        let mut range = ports_of(text(input, "range"));
        if want["allocated"].is_null() {
            return json!({"dynamicBandFirst": range.dynamic_first(), "last": range.last(), "size": range.size(), "staticBandSize": range.static_band()});
        }
        let (first, size) = (u64::from(range.dynamic_first()), range.static_band());
        return filled(fill(|| range.take_next(&mut random).map(|p| p as u64), first), size.into());
    }
    let mut range = match ClusterIpRange::new(cidr) {
        Ok(range) => range,
        Err(why) => return json!({"error": why}),
    };
    if want["allocated"].is_null() {
        return json!({
            "dynamicBandFirst": range.dynamic_first().to_string(), "firstAddress": range.first().to_string(),
            "lastAddress": range.last().to_string(), "staticBandSize": range.static_band(), "usableAddresses": range.usable(),
        });
    }
    let (first, size) = (ip_bits(range.dynamic_first()), range.static_band());
    filled(fill(|| range.take_next(&mut random).map(ip_bits), first), size)
}

fn twice(mut take: impl FnMut() -> Result<(), String>) -> Value {
    match take() {
        Err(why) => json!({"error": why}),
        Ok(()) => json!({"ok": true, "secondTime": take().unwrap_err()}),
    }
}

#[test]
fn bands() {
    check("ip-port-bands", band);
}
