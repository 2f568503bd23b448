//! The objects that kubectl makes up itself: `create …`, `run`, `expose`.
//!
//! Promises: the fields that kubectl sends and no others; its own texts for what it refuses before asking the server (without the
//! leading `error: `). Must not know: the server, flags' spelling on the command line.

mod budget;
mod checks;
mod config;
mod deployment;
mod expose;
mod more;
mod run;
mod service;

pub use budget::{BudgetArgs, budget, job};
pub use checks::{env_name, is_image_reference};
pub use config::{ConfigMapArgs, NamespaceArgs, SecretArgs, config_map, namespace, secret, service_account};
pub use deployment::{DeploymentArgs, deployment};
pub use expose::{ExposeArgs, expose};
pub use more::{Bound, IngressArgs, binding, cron_job, ingress, priority_class, quota, role};
pub use run::{RunArgs, run, run_service};
pub use service::{ServiceArgs, service};

use crate::api::meta::{ObjectMeta, StringMap};

/// The one NAME that a `create` command needs among the words before `--`. `command` is as typed after `kubectl`.
fn one_name(command: &str, names: &[String]) -> Result<String, String> {
    match names {
        [name] => Ok(name.clone()),
        other => {
            Err(format!("exactly one NAME is required, got {}\nSee 'kubectl {command} -h' for help and examples", other.len()))
        }
    }
}

fn required(flag: &str) -> String {
    format!("required flag(s) \"{flag}\" not set")
}

fn meta(name: &str, namespace: &str, labels: StringMap) -> ObjectMeta {
    ObjectMeta { name: name.to_owned(), namespace: namespace.to_owned(), labels, ..ObjectMeta::default() }
}

fn app_label(name: &str) -> StringMap {
    StringMap::from([("app".to_owned(), name.to_owned())])
}

/// `a=b,c=d` as labels.
fn parse_labels(text: &str) -> Result<StringMap, String> {
    let mut labels = StringMap::new();
    for part in text.split(',') {
        let mut pieces = part.split('=');
        let (Some(key), Some(value), None) = (pieces.next(), pieces.next(), pieces.next()) else {
            return Err(format!("unexpected label spec: {part}"));
        };
        if key.is_empty() {
            return Err("unexpected empty label key".to_owned());
        }
        labels.insert(key.to_owned(), value.to_owned());
    }
    Ok(labels)
}
