//! What kubectl needs of a cluster, given by the cluster.

use crate::api::Pod;
use crate::apiserver::ApiServer;
use crate::cluster::Cluster;
use crate::kubectl::Backend;
use crate::node::kubelet::{Life, Run};
use crate::time::Nanos;

impl Backend for Cluster {
    fn read(&self) -> &ApiServer {
        self.api()
    }

    fn api(&mut self) -> &mut ApiServer {
        self.api_mut()
    }

    fn logs(&self, pod: &Pod, container: &str, previous: bool) -> Result<Vec<(Nanos, String)>, String> {
        let name = &pod.meta.name;
        let run = self.container(pod, container)?;
        match (&run.life, previous) {
            (_, true) if run.restarts == 0 => {
                Err(format!("previous terminated container {container:?} in pod {name:?} not found"))
            }
            (_, true) => Ok(run.previous_log.clone()),
            (Life::Waiting { reason, .. }, false) if run.id.is_empty() => {
                let all = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
                let told = all.into_iter().find(|s| s.name == container).and_then(|s| s.state.waiting.as_ref());
                let why = match told.map_or(*reason, |waiting| waiting.reason.as_str()) {
                    "ErrImagePull" => "image can't be pulled",
                    "ImagePullBackOff" => "trying and failing to pull image",
                    other => other,
                };
                Err(format!("container {container:?} in pod {name:?} is waiting to start: {why}"))
            }
            _ => Ok(run.log.clone()),
        }
    }

    fn epoch(&self) -> i64 {
        self.settings.epoch
    }

    fn exec(&mut self, pod: &Pod, container: &str, command: &[String]) -> Result<(String, i32), String> {
        let run = self.container(pod, container)?;
        if !run.is_running() {
            return Err(format!("container not found ({container:?})"));
        }
        let text = match command.first().map(String::as_str) {
            Some("hostname") => format!("{}\n", pod.meta.name),
            Some("env" | "printenv") => run.spec.env.iter().map(|e| format!("{}={}\n", e.name, e.value)).collect(),
            Some("true" | "sleep" | "kill") => String::new(),
            Some("false") => return Ok((String::new(), 1)),
            Some("echo") => format!("{}\n", command[1..].join(" ")),
            Some(other) => {
                return Err(format!(
                    "exec: {other:?}: executable file not found in $PATH (the lab's containers know hostname, env, echo, true, false, sleep)"
                ));
            }
            None => return Err("you must specify at least one command for the container".into()),
        };
        Ok((text, 0))
    }
}

impl Cluster {
    /// The container of a Pod as its kubelet has it.
    fn container(&self, pod: &Pod, name: &str) -> Result<&Run, String> {
        let machine = self.machines().get(pod.spec.node_name.as_str());
        let Some(machine) = machine else {
            return Err(format!("pod {} does not have a host assigned", pod.meta.name));
        };
        if !machine.up {
            let address = machine.kubelet.address;
            return Err(format!(
                "Get \"https://{address}:10250/containerLogs/{}/{}/{name}\": dial tcp {address}:10250: i/o timeout",
                pod.meta.namespace, pod.meta.name
            ));
        }
        let run = machine.kubelet.pod(&pod.meta.uid).and_then(|w| w.runs.iter().find(|r| r.spec.name == name));
        run.ok_or_else(|| format!("container {name:?} in pod {:?} is waiting to start: ContainerCreating", pod.meta.name))
    }
}
