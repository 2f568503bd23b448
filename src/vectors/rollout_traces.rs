//! Whole rollouts in rounds, as the recordings tell how they go: a change by the user, a Deployment sync, ReplicaSet syncs,
//! Pods that become ready or vanish, ReplicaSet syncs again.

use super::Comparison;
use super::bench::Bench;
use super::input::{int32, list, number, text, texts};
use super::rollout_math::{deployment, template};
use crate::api::pod::{PodCondition, PodSpec};
use crate::api::well_known::REVISION;
use crate::api::{Deployment, Key, Kind, Object, Pod, ReplicaSet, Time};
use crate::apiserver::DeleteOptions;
use crate::controllers::deployment::DeploymentController;
use crate::controllers::deployment::family::size;
use crate::controllers::replicaset::ReplicaSetController;
use crate::controllers::{Controller, Outcome};
use crate::time::SECOND;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

const DEPLOYMENTS: usize = 0;
const REPLICA_SETS: usize = 1;

/// rollout-traces.
pub fn run(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let mut rounds = Rounds::new(&case["in"])?;
    for expected in list(&case["out"], "rounds") {
        let got = rounds.go(&expected["userChange"])?;
        found.same(&format!("round {}", rounds.round), expected, &got);
    }
    Ok(())
}

/// Pods that are equal but for their age went in the order of their uids when this was recorded: their ages lay on one step
/// of the scale, and uids were given out in order of birth. So the cache is shown old Pods whose uids begin with the second
/// of their birth.
fn same_age(object: &mut Object) {
    if let Object::Pod(pod) = object {
        let pod = Rc::make_mut(pod);
        let born = pod.meta.creation_timestamp.0;
        pod.meta.uid = format!("{born}-{}", pod.meta.uid);
        pod.meta.creation_timestamp = Time(born - 100_000_000);
    }
}

/// The name of a template (`v1`), from the image of its container.
fn tag(spec: &PodSpec) -> String {
    spec.containers.first().map_or("", |c| c.image.trim_start_matches("web:")).to_string()
}

fn tag_of(rs: &ReplicaSet) -> String {
    tag(&rs.spec.template.spec)
}

fn key(name: &str) -> Key {
    Key::new("default", name)
}

struct Rounds {
    bench: Bench,
    round: i64,
    until_ready: i64,
    until_gone: i64,
    never_ready: Vec<String>,
    /// The round in which a Pod was first seen, by uid; and the same for its deletion.
    born: BTreeMap<String, i64>,
    doomed: BTreeMap<String, i64>,
}

impl Rounds {
    fn new(input: &Value) -> Result<Rounds, String> {
        let controllers: Vec<Box<dyn Controller>> =
            vec![Box::new(DeploymentController), Box::new(ReplicaSetController::default())];
        let mut bench = Bench::new(controllers);
        bench.lens = same_age;
        let mut deployment = deployment(input)?;
        deployment.spec.template = template(&format!("web:{}", text(input, "template")?))?;
        deployment.spec.revision_history_limit = int32(input, "revisionHistoryLimit")?;
        if deployment.spec.strategy.type_ == "Recreate" {
            deployment.spec.strategy.rolling_update = None;
        }
        bench.api.create(Object::Deployment(Rc::new(deployment)), false).map_err(|status| status.message)?;
        bench.flush();
        Ok(Rounds {
            bench,
            round: 0,
            until_ready: number(input, "roundsUntilReady")?,
            until_gone: number(input, "roundsUntilGone")?,
            never_ready: texts(input, "templatesThatNeverGetReady")?.into_iter().map(str::to_string).collect(),
            born: BTreeMap::new(),
            doomed: BTreeMap::new(),
        })
    }

    fn deployment(&self) -> Result<Rc<Deployment>, String> {
        self.bench.api.get::<Deployment>(&key("web")).cloned().ok_or("the Deployment is gone".into())
    }

    fn user_change(&mut self, change: &Value) -> Result<(), String> {
        let mut deployment = Deployment::clone(&*self.deployment()?);
        for (field, value) in change.as_object().into_iter().flatten() {
            match field.as_str() {
                "template" => deployment.spec.template = template(&format!("web:{}", text(change, field)?))?,
                "replicas" => deployment.spec.replicas = int32(change, field)?,
                "paused" => deployment.spec.paused = *value == true,
                other => return Err(format!("no change of {other:?} is known")),
            }
        }
        self.bench.api.update(Object::Deployment(Rc::new(deployment)), false).map_err(|status| status.message)?;
        self.bench.flush();
        Ok(())
    }

    /// Oldest first.
    fn replica_sets(&self) -> Vec<Rc<ReplicaSet>> {
        let mut all = self.bench.list::<ReplicaSet>();
        all.sort_by_key(|rs| (rs.meta.creation_timestamp, rs.meta.name.clone()));
        all
    }

    fn sync_replica_sets(&mut self) -> Result<(), String> {
        for rs in self.replica_sets() {
            let outcome = self.bench.sync(REPLICA_SETS, &key(&rs.meta.name));
            if outcome != Outcome::Done {
                return Err(format!("sync of {}: {outcome:?}", rs.meta.name));
            }
            self.bench.flush();
        }
        for pod in self.bench.list::<Pod>() {
            if pod.spec.node_name.is_empty() {
                self.bench.api.bind(&key(&pod.meta.name), &pod.meta.uid, "node-1").map_err(|status| status.message)?;
            }
            self.born.entry(pod.meta.uid.clone()).or_insert(self.round);
            if pod.meta.is_deleting() {
                self.doomed.entry(pod.meta.uid.clone()).or_insert(self.round);
            }
        }
        self.bench.flush();
        Ok(())
    }

    fn pods_move_on(&mut self) -> Result<(), String> {
        let rounds_since = |seen: Option<&i64>, round: i64| seen.map_or(0, |since| round - since);
        for pod in self.bench.list::<Pod>() {
            let doomed = self.doomed.get(&pod.meta.uid);
            if doomed.is_some() && rounds_since(doomed, self.round) >= self.until_gone {
                let uid = Some(pod.meta.uid.clone());
                let options = DeleteOptions { grace_period_seconds: Some(0), uid, ..DeleteOptions::default() };
                self.bench.api.delete(Kind::Pod, &key(&pod.meta.name), &options).map_err(|status| status.message)?;
            } else if !self.never_ready.contains(&tag(&pod.spec))
                && !pod.is_ready()
                && !pod.meta.is_deleting()
                && rounds_since(self.born.get(&pod.meta.uid), self.round) >= self.until_ready
            {
                self.make_ready(&pod)?;
            }
        }
        self.bench.flush();
        Ok(())
    }

    fn make_ready(&mut self, pod: &Pod) -> Result<(), String> {
        let mut pod = pod.clone();
        pod.status.phase = "Running".into();
        pod.status.conditions.retain(|c| c.type_ != "Ready");
        let last_transition_time = self.bench.api.clock();
        let (type_, status) = ("Ready".into(), "True".into());
        pod.status.conditions.push(PodCondition { type_, status, last_transition_time, ..PodCondition::default() });
        self.bench.api.update_status(Object::Pod(Rc::new(pod)), false).map(|_| ()).map_err(|status| status.message)
    }

    /// One round. Returns what the recording has of it.
    fn go(&mut self, change: &Value) -> Result<Value, String> {
        self.round += 1;
        self.bench.pass(SECOND);
        if !change.is_null() {
            self.user_change(change)?;
        }
        if let Outcome::Retry(why) = self.bench.sync(DEPLOYMENTS, &key("web")) {
            return Err(format!("round {}, sync of the Deployment: {why}", self.round));
        }
        let changes = self.bench.flush();
        let mut out = json!({"round": self.round, "deploymentStatus": self.status()?});
        let after: Map<String, Value> = self.replica_sets().iter().map(|rs| (tag_of(rs), json!(size(rs)))).collect();
        out["specAfterDeploymentSync"] = Value::Object(after);
        let events: Vec<String> = changes.iter().filter_map(|c| self.event(c.object())).collect();
        if !events.is_empty() {
            out["events"] = json!(events);
        }
        if !change.is_null() {
            out["userChange"] = change.clone();
        }
        self.sync_replica_sets()?;
        self.pods_move_on()?;
        self.sync_replica_sets()?;
        let (mut revisions, mut statuses) = (Map::new(), Map::new());
        for rs in self.replica_sets() {
            let status = &rs.status;
            revisions.insert(tag_of(&rs), json!(rs.meta.annotations.get(REVISION)));
            statuses.insert(
                tag_of(&rs),
                json!({
                    "available": status.available_replicas, "ready": status.ready_replicas, "replicas": status.replicas,
                    "terminating": status.terminating_replicas.unwrap_or(0),
                }),
            );
        }
        out["revisions"] = Value::Object(revisions);
        out["replicaSetStatusAtEnd"] = Value::Object(statuses);
        Ok(out)
    }

    fn status(&self) -> Result<Value, String> {
        let deployment = self.deployment()?;
        let status = &deployment.status;
        let conditions: Vec<String> =
            status.conditions.iter().map(|c| format!("{}={} {}", c.type_, c.status, c.reason)).collect();
        Ok(json!({
            "availableReplicas": status.available_replicas,
            "conditions": conditions,
            "readyReplicas": status.ready_replicas,
            "replicas": status.replicas,
            "terminatingReplicas": status.terminating_replicas.unwrap_or(0),
            "unavailableReplicas": status.unavailable_replicas,
            "updatedReplicas": status.updated_replicas,
        }))
    }

    /// An Event with the ReplicaSets named by their templates.
    fn event(&self, object: &Object) -> Option<String> {
        let Object::Event(event) = object else { return None };
        let named = |message: String, rs: &Rc<ReplicaSet>| message.replace(&rs.meta.name, &format!("<rs of {}>", tag_of(rs)));
        let message = self.replica_sets().iter().fold(event.message.clone(), named);
        Some(format!("{} {} {message}", event.type_, event.reason))
    }
}
