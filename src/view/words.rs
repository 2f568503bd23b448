//! Numbers and moments in words: clocks, shares, spans, and the scene as a sentence.

use super::panel::{DeploymentPanel, Last60};
use super::scene::Scene;
use crate::time::{MILLISECOND, Nanos, SECOND};

/// `00:41.250`, and `1:02:03.004` after an hour.
pub fn clock(at: Nanos) -> String {
    let ms = at / MILLISECOND;
    let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    if h > 0 { format!("{h}:{m:02}:{s:02}.{ms:03}") } else { format!("{m:02}:{s:02}.{ms:03}") }
}

/// `0:41`, `-0:03`.
pub fn moment(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    format!("{sign}{}:{:02}", seconds.abs() / 60, seconds.abs() % 60)
}

/// Share of `(good, bad)` that was good: `99.87 %`, or a dash without any. Never rounds a failure away.
pub fn share((good, bad): (u64, u64)) -> String {
    let total = good + bad;
    let Some(basis_points) = (good * 10_000).checked_div(total) else { return "–".into() };
    format!("{}.{:02} %", basis_points / 100, basis_points % 100)
}

/// `8 ms`, `1.4 ms`, `2.1 s`.
pub fn span(of: Option<Nanos>) -> String {
    let Some(of) = of else { return "–".into() };
    let tenth = |unit: Nanos| {
        let tenths = (of * 10 + unit / 2) / unit;
        if tenths >= 100 || tenths.is_multiple_of(10) {
            format!("{}", tenths / 10)
        } else {
            format!("{}.{}", tenths / 10, tenths % 10)
        }
    };
    if of >= SECOND { format!("{} s", tenth(SECOND)) } else { format!("{} ms", tenth(MILLISECOND)) }
}

/// Ways to prevent failures, as the cause chain names them.
pub const ASK_THE_SERVICE: &str = "ask the Service's name instead of one Pod's address: the Service stays when Pods go";
/// A remedy.
pub const PRE_STOP: &str = "a preStop hook that sleeps for some seconds: the process answers until every node has new rules";
/// A remedy.
pub const LONGER_PRE_STOP: &str = "a longer sleep in the preStop hook: some node needed more time to get new rules";
/// A remedy.
pub const DRAIN: &str = "a process that on SIGTERM finishes what is under way before it exits";
/// A remedy.
pub const CRASH: &str = "a second attempt by the client, and more replicas: a crash takes some time to be noticed";
/// A remedy.
pub const TARGET_PORT: &str = "a targetPort on which the containers listen (kubectl get endpointslices shows what is used)";
/// A remedy.
pub const READINESS: &str = "a readiness probe: a Pod gets requests only when it listens";
/// A remedy.
pub const KEEP_ONE: &str = "at least one ready Pod at any time (replicas above 0, maxUnavailable 0, a selector that matches)";
/// A remedy.
pub const LOCAL: &str = "traffic policy Cluster, or a ready Pod on every node that is asked";
/// A remedy.
pub const SPREAD: &str = "a client that tries again by another node; Pods on several nodes keep the Service itself alive";
/// A remedy.
pub const ERRORS: &str = "a version without the error (kubectl rollout undo), or a second attempt by the client";
/// A remedy.
pub const PLAIN_HTTP: &str =
    "http:// in place of https://, or a server that speaks TLS with a certificate of an authority that the client knows";
/// A remedy.
pub const PATIENCE: &str = "a longer time-out of the client, or endpoints that are nearer (trafficDistribution)";
/// A remedy.
pub const SLOW: &str = "a longer time-out of the client, or a faster answer";
/// A remedy.
pub const ROLLOUT: &str = "maxUnavailable 0 and readiness probes, so that the rollout waits for Pods that answer";
/// A remedy.
pub const RETRY: &str = "a second attempt by the client, which most likely would have met another endpoint";

/// Counted: `1 Pod`, `2 Pods`.
pub fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// The scene for somebody who does not see it.
pub fn spoken(scene: &Scene, deployment: Option<&DeploymentPanel>, last: &Last60) -> String {
    let mut parts = vec![];
    if let Some(d) = deployment {
        parts.push(format!("{} of {} Pods of {} ready", d.ready, d.wanted, d.name));
    }
    for (state, count) in scene.by_state() {
        if !matches!(state, super::PodState::Ready) {
            parts.push(format!("{count} {}", state_words(state)));
        }
    }
    let behind = scene.bars.iter().flat_map(|b| &b.slices).filter(|s| s.behind != super::Behind::InSync).count();
    if behind > 0 {
        parts.push(format!("{} behind", counted(behind, "kube-proxy list")));
    }
    let mut text = parts.join(", ");
    if last.service.0 + last.service.1 > 0 {
        text.push_str(&format!(". Through the Service {} answered in the last minute", share(last.service)));
    }
    if last.pod.0 + last.pod.1 > 0 {
        text.push_str(&format!(", to one Pod's address {}", share(last.pod)));
    }
    text.push('.');
    text
}

/// What a command line did, as one noun.
fn noun(deed: &super::Deed) -> String {
    let has = |words: &str| deed.words.contains(words);
    let noun = match () {
        () if deed.fault => return deed.words.clone(),
        () if has("rollout undo") => "roll-back",
        () if has("set image") => "update",
        () if has("scale") => "scaling",
        () if has(" delete ") => "deletion",
        () if has(" label ") || has("set selector") => "change of labels",
        () if has("drain") => "drain",
        () => "last command",
    };
    format!("the {noun}")
}

/// The scene in one sentence, for those who ask: Pods, requests a second, and how they fared since the last deed
/// (or since the start): `3 of 4 Pods ready, 12 requests a second, 1.20 % failed since the update at 0:42.`
pub fn summary(scene: &Scene, chart: &super::Chart, deeds: &[super::Deed], now: Nanos) -> String {
    let ready = scene.by_state().get(&super::PodState::Ready).copied().unwrap_or(0);
    let last = deeds.iter().rev().find(|d| d.at <= now);
    let from = last.map_or(0, |d| d.at);
    let mut parts = vec![format!("{ready} of {} ready", counted(scene.pods.len() + scene.waiting.len(), "Pod"))];
    let rate = scene.rate.answered + scene.rate.failed;
    parts.push(format!("{} a second", counted(rate as usize, "request")));
    let samples = chart.samples.between(from, now);
    let fared = samples.fold(super::Fared::default(), |sum, s| sum.plus(s.service));
    let total = fared.answered + fared.failed;
    let since = match last {
        Some(deed) => format!("since {} at {}", noun(deed), moment((deed.at / SECOND) as i64)),
        None => "since the start".into(),
    };
    // Rounded up: a failure is never rounded away.
    let failed = (fared.failed * 10_000).div_ceil(total.max(1));
    parts.push(match total {
        0 => format!("no request has ended {since}"),
        _ if fared.failed == 0 => format!("none failed {since}"),
        _ => format!("{}.{:02} % failed {since}", failed / 100, failed % 100),
    });
    format!("{}.", parts.join(", "))
}

fn state_words(state: super::PodState) -> &'static str {
    use super::PodState::*;
    match state {
        Pending => "waiting for a node",
        Starting => "starting",
        Ready => "ready",
        NotReady => "not ready",
        Terminating => "terminating",
        Crashing => "crashed and waiting to be started again",
        NoImage => "without an image",
        Ended => "ended",
    }
}

/// A zone's heading.
pub fn zone(name: &str, nodes: usize) -> String {
    format!("{name} · {}", counted(nodes, "node"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        assert_eq!(clock(41_250 * MILLISECOND), "00:41.250");
        assert_eq!(clock(3_723_004 * MILLISECOND), "1:02:03.004");
        assert_eq!(moment(-3), "-0:03");
        assert_eq!(share((9_999_999, 1)), "99.99 %");
        assert_eq!(share((0, 0)), "–");
        assert_eq!(span(Some(1_400_000)), "1.4 ms");
        assert_eq!(span(Some(2 * SECOND)), "2 s");
    }
}
