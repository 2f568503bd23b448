//! The same seed gives the same bytes: twice in a row, in one stride or frame by frame, from a copy, and natively as in wasm. This file is compiled for both;
//! each prints its digests (`digest NAME HEX`), and tests/run.mjs fails if the two targets print different ones.

use kube_service_lab::api::object::KINDS;
use kube_service_lab::api::{Key, Kind, Object};
use kube_service_lab::lab::{Command, Lab};
use kube_service_lab::time::{MILLISECOND, Nanos, Queue, SECOND, Stream};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test_configure!(run_in_browser);

/// FNV-1a over everything that is told to it.
struct Digest(u64);

impl Digest {
    fn new() -> Digest {
        Digest(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }
}

fn tell(name: &str, digest: &Digest) {
    #[cfg(target_arch = "wasm32")]
    console_log!("digest {name} {:016x}", digest.0);
    #[cfg(not(target_arch = "wasm32"))]
    println!("digest {name} {:016x}", digest.0);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn draws_and_event_order() {
    let mut digest = Digest::new();
    let (mut stream, mut queue) = (Stream::new(2026, "determinism"), Queue::default());
    for event in 0..20_000u64 {
        queue.push(stream.exponential(SECOND) / MILLISECOND, event);
        digest.number(stream.around(SECOND));
    }
    while let Some((at, event)) = queue.pop_until(u64::MAX) {
        digest.number(at);
        digest.number(event);
    }
    digest.bytes(stream.name_suffix().as_bytes());
    digest.bytes(stream.uid().as_bytes());
    tell("draws", &digest);
}

/// How long the turmoil lasts.
const END: Nanos = 60 * SECOND;
/// How far a page lets time pass in one frame.
const FRAME: Nanos = SECOND / 60;

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_lab_in_turmoil() {
    let mut lab = turmoil(7, END);
    let answered: u64 = lab.traffic().clients().map(|client| client.stats.answered).sum();
    assert!(answered > 50, "only {answered} requests were answered: too quiet a run to compare");
    let digest = digest_of(&lab);
    assert_eq!(digest.0, digest_of(&turmoil(7, FRAME)).0, "frame by frame it is another run than in one stride");
    assert_ne!(digest.0, digest_of(&turmoil(8, END)).0, "the seed changes nothing");

    let mut copy = lab.clone();
    for lab in [&mut lab, &mut copy] {
        lab.advance(END + 20 * SECOND, u64::MAX);
    }
    assert_eq!(digest_of(&lab).0, digest_of(&copy).0, "a copy of a lab went another way");
    tell("lab", &digest_of(&lab));
}

/// A lab in which somebody scales, kills, crashes, rolls out and pulls plugs at random moments, while time passes by `stride`.
fn turmoil(seed: u64, stride: Nanos) -> Lab {
    let mut lab = Lab::start("first", seed);
    let mut whim = Stream::new(seed, "turmoil");
    while lab.now() < END {
        let next = (lab.now() + whim.exponential(2 * SECOND)).min(END);
        while lab.now() < next {
            lab.advance(next.min(lab.now() + stride), u64::MAX);
        }
        let command = whim_of(&lab, &mut whim);
        lab.apply(command);
    }
    lab
}

fn whim_of(lab: &Lab, whim: &mut Stream) -> Command {
    let pods: Vec<Key> = lab.cluster().api().store().list(Kind::Pod, Some("default")).map(Object::key).collect();
    let victim = pods.get(whim.below(pods.len() as u64) as usize).cloned().unwrap_or(Key::new("default", "nobody"));
    let kubectl = |line: String| Command::Kubectl { line, stdin: String::new() };
    match whim.below(10) {
        0 => Command::NodeDown("node-3".into()),
        1 => Command::NodeUp("node-3".into()),
        2 | 3 => kubectl(format!("kubectl scale deployment web --replicas={}", whim.between(1, 9))),
        4 => kubectl(format!("kubectl set image deployment/web web=nginx:1.{}", whim.between(26, 28))),
        5 => kubectl("kubectl get pods -o wide".into()),
        6 => Command::Crash(victim),
        _ => kubectl(format!("kubectl delete pod {} --wait=false", victim.name)),
    }
}

/// Everything that the API server holds, what the console printed, how the clients fared, and how many events led there.
fn digest_of(lab: &Lab) -> Digest {
    let mut digest = Digest::new();
    for info in KINDS {
        for object in lab.cluster().api().store().list(info.kind, None) {
            digest.bytes(object.to_value().to_string().as_bytes());
        }
    }
    for (_, run) in lab.outputs() {
        digest.bytes(run.text.as_bytes());
    }
    for client in lab.traffic().clients() {
        digest.bytes(format!("{:?}", client.stats).as_bytes());
    }
    digest.number(lab.cluster().events());
    digest.number(lab.now());
    digest
}
