//! "Why are there no endpoints?" and "why can't I reach it?": the answer for any Service and any client, in any state.
//!
//! Promises: looks at objects, EndpointSlices, rules in force, nodes and processes as they are now; changes nothing and
//! draws no chance from the run; every question has an answer, and "all is well" is only said when every way that a
//! request could take at this moment ends at a process that answers. Each answer names the kubectl lines that show it.
//! Must not know: the command log, the screen.

mod behind;
mod name;
mod ports;
mod print;
mod rules;
mod selector;
mod trouble;
mod way;
mod words;

pub use print::text;

use crate::api::{Key, Service};
use crate::cluster::Cluster;
use crate::traffic::{Source, Url};

/// What is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Cause {
    Well,
    NoSuchService,
    LabelTypo,
    SelectorMatchesNothing,
    WrongNamespace,
    ScaledToZero,
    NoPodsYet,
    NoSelector,
    ExternalName,
    Headless,
    ProbeFails,
    ReadinessGate,
    Starting,
    CrashLoop,
    NoImage,
    Unschedulable,
    Ending,
    Ended,
    NodeCutOff,
    PortNameMissing,
    NobodyListens,
    SlicesBehind,
    RulesBehind,
    LocalPolicy,
    NoSuchPort,
    NodePortOnClusterIp,
    NotANodePort,
    ClusterIpFromOutside,
    PodIpFromOutside,
    NameFromOutside,
    /// The Pod has another resolver than cluster DNS.
    OtherResolver,
    NoSuchName,
    DnsIsBehind,
    DnsUnreachable,
    NobodyHasTheAddress,
    AddressPasses,
    AnswersErrors,
    TooSlow,
    Dropped,
    NoClient,
    FailedBefore,
}

/// How much fails by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Every request.
    All,
    /// A part of the requests.
    Part,
    /// Nothing at this moment; worth knowing.
    Note,
}

/// A way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, in a few words.
    pub words: String,
    /// The command line; empty when the change is the client's.
    pub command: String,
}

/// One thing that is the matter, or the sentence that nothing is.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is.
    pub cause: Cause,
    /// How much fails by it.
    pub weight: Weight,
    /// One sentence.
    pub title: String,
    /// What it was seen by.
    pub details: Vec<String>,
    /// kubectl lines that show it.
    pub show: Vec<String>,
    /// Ways out, the best first.
    pub fixes: Vec<Fix>,
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The question.
    pub question: String,
    /// What was found, what fails most first; never empty.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    fn of(question: String, mut findings: Vec<Finding>, well: impl FnOnce() -> Finding) -> Diagnosis {
        if findings.iter().all(|f| f.weight == Weight::Note) {
            findings.insert(0, well());
        }
        findings.sort_by_key(|f| f.weight);
        let mut seen: Vec<String> = vec![];
        findings.retain(|f| {
            let new = !seen.contains(&f.title);
            seen.push(f.title.clone());
            new
        });
        Diagnosis { question, findings }
    }

    /// Whether no request fails by anything that was found.
    pub fn is_well(&self) -> bool {
        self.findings.iter().all(|f| f.weight == Weight::Note)
    }

    /// The findings' causes.
    pub fn causes(&self) -> Vec<Cause> {
        self.findings.iter().map(|f| f.cause).collect()
    }
}

/// Why a Service has no endpoints, or fewer than it should; for Services that are as they should be, that they are.
pub fn endpoints(cluster: &Cluster, key: &Key) -> Diagnosis {
    let question = words::endpoints_question(key);
    let Some(service) = cluster.api().get::<Service>(key) else {
        return Diagnosis::of(question, vec![selector::no_such_service(cluster, key)], words::unsaid);
    };
    let findings = behind::findings(cluster, service);
    Diagnosis::of(question, findings, || words::endpoints_well(service, behind::ready_count(cluster, key)))
}

/// Why a request from there to that address fails at this moment, or that it would be answered.
pub fn reach(cluster: &Cluster, source: &Source, url: &Url) -> Diagnosis {
    let (findings, ways) = way::findings(cluster, source, url);
    Diagnosis::of(words::reach_question(source, url), findings, || words::reach_well(source, url, ways))
}

/// Why a client of the lab fails; also when it failed lately and would not any more.
pub fn client(cluster: &Cluster, name: &str) -> Option<Diagnosis> {
    let client = cluster.traffic().client(name)?;
    let setting = &client.setting;
    let (mut findings, ways) = way::findings(cluster, &setting.source, &setting.url);
    findings.extend(way::too_slow(cluster, &setting.source, &setting.url, setting.timeout));
    if findings.iter().all(|f| f.weight == Weight::Note) {
        findings.extend(way::failed_before(cluster, client));
    }
    let question = words::client_question(name, &setting.url);
    Some(Diagnosis::of(question, findings, || words::reach_well(&setting.source, &setting.url, ways)))
}
