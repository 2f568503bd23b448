//! Whose trouble can be asked about, and whose to show first.

use super::{NAMESPACE, endpoints};
use crate::api::Key;
use crate::diagnosis::{self, Diagnosis};
use crate::lab::Lab;

/// Somebody or something to ask about.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// A client of the lab: why does it fail?
    Client(String),
    /// A Service: why has it no endpoints?
    Service(String),
}

impl About {
    /// `client curl-1`, `service web`: also the value in the chooser.
    pub fn id(&self) -> String {
        match self {
            About::Client(name) => format!("client {name}"),
            About::Service(name) => format!("service {name}"),
        }
    }
}

/// Everybody that can be asked about: clients first.
pub fn choices(lab: &Lab) -> Vec<About> {
    let clients = lab.traffic().clients().map(|c| About::Client(c.setting.name.clone()));
    let services = endpoints::services(lab.cluster(), NAMESPACE);
    clients.chain(services.iter().map(|s| About::Service(s.meta.name.clone()))).collect()
}

/// The answer about one of them; `None` when a client is gone.
pub fn diagnose(lab: &Lab, about: &About) -> Option<Diagnosis> {
    match about {
        About::Client(name) => diagnosis::client(lab.cluster(), name),
        About::Service(name) => Some(diagnosis::endpoints(lab.cluster(), &Key::new(NAMESPACE, name))),
    }
}

/// The first of whom something fails; else the first of all.
pub fn first_in_trouble(lab: &Lab) -> Option<(About, Diagnosis)> {
    let mut all = choices(lab).into_iter().filter_map(|about| Some((diagnose(lab, &about)?, about))).map(|(d, about)| (about, d));
    let first = all.next()?;
    if !first.1.is_well() {
        return Some(first);
    }
    Some(all.find(|(_, d)| !d.is_well()).unwrap_or(first))
}
