//! Services on create and update: defaults, validation, allocation.

use super::Comparison;
use super::admit::{Stop, answer, create, old_and_new, sent, update, with_warnings};
use super::input::parse;
use crate::api::{Kind, Object};
use crate::apiserver::ServiceAllocator;
use crate::apiserver::allocator::cluster_ip::ClusterIpRange;
use crate::apiserver::allocator::node_port::NodePortRange;
use serde_json::{Map, Value, json};

/// The cluster of the vector files: these addresses and ports are taken by other Services.
const TAKEN_IPS: [&str; 4] = ["10.96.0.1", "10.96.0.10", "10.96.0.77", "10.100.0.1"];
const TAKEN_PORTS: [i32; 2] = [30_077, 31_999];

fn pools() -> Result<ServiceAllocator, String> {
    let mut ips = ClusterIpRange::new("10.96.0.0/12")?;
    for ip in TAKEN_IPS {
        ips.take(parse(ip)?)?;
    }
    let mut ports = NodePortRange::new(30_000, 32_767);
    for port in TAKEN_PORTS {
        ports.take(port)?;
    }
    Ok(ServiceAllocator::new(ips, ports))
}

fn accepted(object: &Object, warnings: Vec<String>) -> Value {
    let mut out = Map::new();
    out.insert("accepted".into(), json!(true));
    out.insert("spec".into(), object.to_value()["spec"].take());
    with_warnings(out, warnings)
}

fn created(input: &Value) -> Result<Value, Stop> {
    let mut object = sent(Kind::Service, input)?;
    let warnings = create(&mut object, &mut pools()?)?;
    Ok(accepted(&object, warnings))
}

fn updated(input: &Value) -> Result<Value, Stop> {
    let (old, mut new) = old_and_new(Kind::Service, input)?;
    let mut pools = pools()?;
    if let Object::Service(old) = &old {
        pools.reserve(old);
    }
    let warnings = update(&mut new, &old, &mut pools)?;
    Ok(accepted(&new, warnings))
}

/// service-validation: a Service on create or update.
pub fn validation(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let input = &case["in"];
    let got = answer(if input["old"].is_null() { created(input) } else { updated(input) })?;
    found.same("", &case["out"], &got);
    Ok(())
}

/// service-defaults: a manifest and the spec as it is stored.
pub fn defaults(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let mut got = answer(created(&case["in"]))?;
    if let Some(got) = got.as_object_mut() {
        got.retain(|field, value| field != "accepted" || *value != true);
    }
    found.same("", &case["out"], &got);
    Ok(())
}
