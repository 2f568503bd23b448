//! `kubectl create deployment`.

use super::{app_label, meta, one_name, required};
use crate::api::Resource;
use crate::api::apps::{Deployment, DeploymentSpec};
use crate::api::meta::LabelSelector;
use crate::api::pod::{Container, ContainerPort, PodSpec, PodTemplateSpec};
use serde_json::Value;
use std::rc::Rc;

/// What the command line of `create deployment` says.
#[derive(Clone, Debug, Default)]
pub struct DeploymentArgs {
    /// The words before `--`.
    pub names: Vec<String>,
    /// The words after `--`: the containers' command.
    pub command: Vec<String>,
    /// Every `--image`, split at commas.
    pub images: Vec<String>,
    /// `--port`
    pub port: Option<i32>,
    /// `--replicas`
    pub replicas: Option<i32>,
    /// `--namespace`, "" when it was not given.
    pub namespace: String,
}

/// The Deployment that would be sent. `random` gives five random characters, for images whose name is no container name.
pub fn deployment(args: &DeploymentArgs, random: &mut dyn FnMut() -> String) -> Result<Value, String> {
    if args.images.is_empty() {
        return Err(required("image"));
    }
    let name = one_name("create deployment", &args.names)?;
    if args.images.len() > 1 && !args.command.is_empty() {
        return Err("cannot specify multiple --image options and command".to_owned());
    }
    let mut containers: Vec<Container> = args
        .images
        .iter()
        .map(|image| Container {
            name: container_name(image, random),
            image: image.clone(),
            command: args.command.clone(),
            ..Container::default()
        })
        .collect();
    if let (Some(port), Some(first)) = (args.port.filter(|p| *p >= 0), containers.first_mut()) {
        first.ports = vec![ContainerPort { container_port: port, ..ContainerPort::default() }];
    }
    let labels = app_label(&name);
    let template = PodTemplateSpec { meta: meta("", "", labels.clone()), spec: PodSpec { containers, ..PodSpec::default() } };
    let spec = DeploymentSpec {
        replicas: Some(args.replicas.unwrap_or(1)),
        selector: Some(LabelSelector { match_labels: labels.clone(), match_expressions: Vec::new() }),
        template,
        ..DeploymentSpec::default()
    };
    let deployment = Deployment { meta: meta(&name, &args.namespace, labels), spec, ..Deployment::default() };
    Ok(Rc::new(deployment).into_object().to_value())
}

/// The last part of an image's path, without tag and digest; made a container name where it is none.
fn container_name(image: &str, random: &mut dyn FnMut() -> String) -> String {
    let last = image.rsplit('/').next().unwrap_or_default();
    let name = last.split([':', '@']).next().unwrap_or_default();
    if name.contains(['_', '.']) { format!("{}-{}", name.replace(['_', '.'], "-"), random()) } else { name.to_owned() }
}
