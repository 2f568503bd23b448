//! Bands of Service addresses and node ports: where they begin, in which order they are used up, refusals of single requests.

use super::Comparison;
use super::input::{number, parse, text, texts};
use crate::apiserver::allocator::cluster_ip::{ClusterIpRange, FULL};
use crate::apiserver::allocator::node_port::NodePortRange;
use crate::time::Stream;
use serde_json::{Value, json};
use std::net::IpAddr;

/// What an allocator that Kubernetes 1.37 no longer runs would have said.
const OLD_ALLOCATOR: &str = "singleRangeAllocatorError";

/// ip-port-bands.
pub fn run(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let input = &case["in"];
    let mut expected = case["out"].clone();
    if let Some(expected) = expected.as_object_mut() {
        expected.remove(OLD_ALLOCATOR);
    }
    let whole = expected["allocated"].is_null();
    let got = if input["port"].is_i64() {
        one_port(input)?
    } else if input["ip"].is_string() {
        one_ip(input)?
    } else if input["range"].is_string() {
        port_range(&mut ports_of(text(input, "range")?)?, whole)
    } else {
        match ClusterIpRange::new(text(input, "cidr")?) {
            Err(why) => json!({"error": why}),
            Ok(mut range) => ip_range(&mut range, whole),
        }
    };
    found.same("", &expected, &got);
    Ok(())
}

fn ports_of(range: &str) -> Result<NodePortRange, String> {
    let (low, high) = range.split_once('-').ok_or_else(|| format!("no range: {range:?}"))?;
    Ok(NodePortRange::new(parse(low)?, parse(high)?))
}

fn one_port(input: &Value) -> Result<Value, String> {
    let port = i32::try_from(number(input, "port")?).map_err(|e| e.to_string())?;
    let mut range = ports_of(text(input, "range")?)?;
    for taken in super::input::list(input, "taken") {
        range.take(taken.as_i64().and_then(|n| i32::try_from(n).ok()).ok_or("a taken port is no number")?)?;
    }
    Ok(twice(|| range.take(port)))
}

fn one_ip(input: &Value) -> Result<Value, String> {
    let ip: IpAddr = parse(text(input, "ip")?)?;
    let mut range = ClusterIpRange::new(text(input, "serviceCIDR")?)?;
    for taken in texts(input, "taken")? {
        range.take(parse(taken)?)?;
    }
    Ok(twice(|| range.take(ip).map_err(str::to_string)))
}

/// The first request, and if it was granted the same once more.
fn twice(mut take: impl FnMut() -> Result<(), String>) -> Value {
    match take() {
        Err(why) => json!({"error": why}),
        Ok(()) => json!({"ok": true, "secondTime": take().err()}),
    }
}

fn port_range(range: &mut NodePortRange, whole: bool) -> Value {
    if whole {
        return json!({
            "dynamicBandFirst": range.dynamic_first(), "last": range.last(), "size": range.size(),
            "staticBandSize": range.static_band(),
        });
    }
    let (first, band) = (i32::from(range.dynamic_first()), range.static_band());
    let mut random = random();
    used_up(std::iter::from_fn(|| range.take_next(&mut random)).map(|port| port >= first), band.into())
}

fn ip_range(range: &mut ClusterIpRange, whole: bool) -> Value {
    if whole {
        return json!({
            "dynamicBandFirst": range.dynamic_first().to_string(), "firstAddress": range.first().to_string(),
            "lastAddress": range.last().to_string(), "staticBandSize": range.static_band(), "usableAddresses": range.usable(),
        });
    }
    let (first, band) = (range.dynamic_first(), range.static_band());
    let mut random = random();
    used_up(std::iter::from_fn(|| range.take_next(&mut random)).map(|ip| ip >= first), band)
}

/// Everything taken, one after the other: for each whether it came from the dynamic band.
fn used_up(taken: impl Iterator<Item = bool>, band: u64) -> Value {
    let order: Vec<bool> = taken.collect();
    let dynamic = order.iter().filter(|d| **d).count();
    json!({
        "allDynamicBeforeStatic": order[..dynamic].iter().all(|d| *d), "allocated": order.len(), "errorWhenFull": FULL,
        "fromDynamicBand": dynamic, "staticBandSize": band,
    })
}

fn random() -> Stream {
    Stream::new(7, "vectors")
}
