//! What kubectl needs of a cluster, given by the cluster.

mod tools;

use crate::api::Pod;
use crate::apiserver::ApiServer;
use crate::cluster::Cluster;
use crate::kubectl::Backend;
use crate::kubectl::exec::Executing;
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
        if pod.spec.node_name.is_empty() {
            return Ok(vec![]);
        }
        let run = self.container(pod, container)?;
        let mut statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
        let status = statuses.find(|s| s.name == container);
        match (&run.life, previous) {
            (_, true) if run.restarts == 0 => {
                Err(format!("previous terminated container {container:?} in pod {name:?} not found"))
            }
            // Of the containers that ended the kubelet keeps the last one only: that is the one that ended just now.
            (Life::Exited(_), true) => {
                let told = status.and_then(|s| s.last_state.terminated.as_ref());
                let id = told.map_or("", |end| end.container_id.as_str());
                Ok(vec![(self.now(), format!("unable to retrieve container logs for {id}"))])
            }
            (_, true) => Ok(run.previous_log.clone()),
            (Life::Waiting { reason, .. }, false) if run.id.is_empty() => {
                let told = status.and_then(|s| s.state.waiting.as_ref());
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

    fn exec(&mut self, process: &mut Executing) -> Result<Option<i32>, String> {
        self.run_tools(process)
    }
}

impl Cluster {
    /// The container of a Pod as its kubelet has it.
    pub(super) fn container(&self, pod: &Pod, name: &str) -> Result<&Run, String> {
        let machine = self.machines().get(pod.spec.node_name.as_str());
        let Some(machine) = machine else {
            return Err(format!("pod {} does not have a host assigned", pod.meta.name));
        };
        if !machine.up {
            let address = machine.kubelet.address;
            return Err(format!("dial tcp {address}:10250: i/o timeout"));
        }
        let run = machine.kubelet.pod(&pod.meta.uid).and_then(|w| w.runs.iter().find(|r| r.spec.name == name));
        run.ok_or_else(|| format!("container {name:?} in pod {:?} is waiting to start: ContainerCreating", pod.meta.name))
    }
}
