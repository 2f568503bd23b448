//! What `window.kubeServiceLab.state()` answers.

use super::endpoints::endpoints_of;
use super::pod::PodState;
use super::scene::pods;
use crate::lab::Lab;
use crate::time::MILLISECOND;
use serde_json::{Map, Value, json};

/// The state of a lab as JSON; `frames` were drawn so far.
pub fn state_json(lab: &Lab, frames: u64, playing: bool, speed: f64) -> Value {
    let mut by_state = Map::new();
    let all = pods(lab);
    for pod in &all {
        let count = by_state.entry(PodState::of(pod).id()).or_insert(json!(0));
        *count = json!(count.as_u64().unwrap_or(0) + 1);
    }
    let mut services = Map::new();
    for (key, endpoints) in endpoints_of(lab) {
        if *key.namespace != *super::NAMESPACE || &*key.name == "kubernetes" {
            continue;
        }
        let ready = endpoints.iter().filter(|e| e.conditions.is_ready());
        let addresses: Vec<&String> = ready.flat_map(|e| e.addresses.iter()).collect();
        services.insert(key.name.to_string(), json!(addresses));
    }
    let mut clients = Map::new();
    let mut totals = (0, 0, 0);
    for client in lab.traffic().clients() {
        let stats = &client.stats;
        let failed: Map<String, Value> = stats.failed.iter().map(|(f, n)| (f.text().to_string(), json!(n))).collect();
        totals = (totals.0 + stats.sent, totals.1 + stats.answered, totals.2 + stats.bad());
        let value = json!({
            "sent": stats.sent, "answered": stats.answered, "failed": stats.bad(), "why": failed,
            "stubborn": client.setting.stubborn, "ratePerSecond": client.setting.pattern.rate_milli() as f64 / 1000.0,
        });
        clients.insert(client.setting.name.clone(), value);
    }
    json!({
        "version": 1,
        "preset": lab.preset,
        "seconds": (lab.now() / MILLISECOND) as f64 / 1000.0,
        "playing": playing,
        "speed": speed,
        "pods": by_state,
        "podNames": all.iter().map(|p| p.meta.name.clone()).collect::<Vec<_>>(),
        "endpoints": services,
        "clients": clients,
        "sent": totals.0,
        "answered": totals.1,
        "failed": totals.2,
        "frames": frames,
    })
}
