//! Everything that a person can do to the lab: a run is its settings, its seed, and a log of these.

use super::{Lab, NetworkSetting};
use crate::api::Key;
use crate::cause::{Means, What};
use crate::traffic::{ClientChange, ClientSetting};

/// Something that a person does.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A kubectl command line, and what `-f -` reads.
    Kubectl {
        /// The line.
        line: String,
        /// Standard input.
        stdin: String,
    },
    /// A file for command lines to name.
    File {
        /// Its name.
        name: String,
        /// Its text.
        text: String,
    },
    /// A client's rate in requests per 1000 seconds; 0: it pauses.
    SetRate {
        /// Name of the client.
        client: String,
        /// The rate.
        rate_milli: u64,
    },
    /// A new client, or a changed one.
    AddClient(ClientSetting),
    /// Another setting for a client.
    ChangeClient {
        /// Its name.
        client: String,
        /// What changes.
        change: ClientChange,
    },
    /// The client goes.
    RemoveClient(String),
    /// A node's network goes away.
    NodeDown(String),
    /// A node's network comes back.
    NodeUp(String),
    /// A setting of the network or of the kube-proxies.
    Network(NetworkSetting),
    /// Whether there is a cloud that gives addresses to LoadBalancer Services.
    Cloud(bool),
    /// The first container of a Pod ends by itself, as a process that crashes.
    Crash(Key),
    /// The health pages of a Pod's first container answer 503 from now on, or (`true`) as before: who probes them learns of it.
    Well(Key, bool),
    /// Whether the rules on its way are kept of every request; else they are of failed ones, and of some others.
    Trace(bool),
}

impl Command {
    /// The command as the first cause of what follows from it; `number`: its place in the log.
    pub(super) fn deed(&self, number: usize) -> What {
        let means = match self {
            Command::Kubectl { .. } | Command::File { .. } => Means::Kubectl,
            Command::NodeDown(_)
            | Command::NodeUp(_)
            | Command::Crash(_)
            | Command::Well(..)
            | Command::Network(_)
            | Command::Cloud(_) => Means::Fault,
            Command::SetRate { .. }
            | Command::AddClient(_)
            | Command::ChangeClient { .. }
            | Command::RemoveClient(_)
            | Command::Trace(_) => Means::Client,
        };
        What::Command { number, text: self.text().into(), means }
    }

    /// The command as a person would say it.
    pub fn text(&self) -> String {
        match self {
            Command::Kubectl { line, .. } => line.clone(),
            Command::File { name, .. } => format!("file {name}"),
            Command::SetRate { client, rate_milli } => format!("client {client}: {} requests per 1000 s", rate_milli),
            Command::AddClient(setting) => format!("client {} asks for {}", setting.name, setting.url),
            Command::ChangeClient { client, change } => format!("client {client}: {change:?}"),
            Command::RemoveClient(name) => format!("client {name} goes"),
            Command::NodeDown(name) => format!("network of {name} cut"),
            Command::NodeUp(name) => format!("network of {name} back"),
            Command::Network(setting) => format!("network setting {setting:?}"),
            Command::Cloud(on) => format!("cloud that gives addresses: {}", if *on { "on" } else { "off" }),
            Command::Trace(on) => format!("keep the way of {} requests", if *on { "all" } else { "failed" }),
            Command::Crash(key) => format!("process of Pod {key} crashes"),
            Command::Well(key, well) => format!("health pages of Pod {key} answer {}", if *well { "as before" } else { "503" }),
        }
    }

    pub(super) fn run(&self, lab: &mut Lab) {
        match self {
            Command::Kubectl { line, stdin } => lab.start_run(line, stdin),
            Command::File { name, text } => drop(lab.session.files.insert(name.clone(), text.clone())),
            Command::SetRate { client, rate_milli } => drop(lab.cluster.set_rate(client, *rate_milli)),
            Command::AddClient(setting) => lab.cluster.add_client(setting.clone()),
            Command::ChangeClient { client, change } => drop(lab.cluster.change_client(client, change)),
            Command::RemoveClient(name) => drop(lab.cluster.remove_client(name)),
            Command::NodeDown(name) => drop(lab.cluster.node_down(name)),
            Command::NodeUp(name) => drop(lab.cluster.node_up(name)),
            Command::Network(setting) => setting.apply(&mut lab.cluster),
            Command::Cloud(on) => lab.set_cloud(*on),
            Command::Crash(key) => drop(lab.cluster.crash(key)),
            Command::Well(key, well) => drop(lab.cluster.set_well(key, *well)),
            Command::Trace(on) => lab.cluster.set_trace(*on),
        }
    }
}
