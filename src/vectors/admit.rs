//! A request on its way to the store, in the stages that the recordings name: request, decode, allocation, validation.

use super::input;
use crate::api::{Kind, Object, Time, defaults};
use crate::apiserver::{ServiceAllocator, Status, admission, duplicates, strategy};
use crate::time::Stream;
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// Why a case has no accepted object: the API server refuses, or the case cannot be read.
pub enum Stop {
    Refused(&'static str, Box<Status>),
    Unreadable(String),
}

impl From<String> for Stop {
    fn from(why: String) -> Stop {
        Stop::Unreadable(why)
    }
}

fn at(stage: &'static str) -> impl Fn(Status) -> Stop {
    move |status| Stop::Refused(stage, Box::new(status))
}

fn decoded(kind: Kind, value: &Value, twice: &[String]) -> Result<Object, Stop> {
    let mut object = admission::decode(kind, value, twice).map_err(at("decode"))?;
    if object.meta().namespace.is_empty() && kind.info().namespaced {
        object.meta_mut().namespace = "default".into();
    }
    Ok(object)
}

/// A request's object from `object` (a tree) or `json` (a text).
pub fn sent(kind: Kind, input: &Value) -> Result<Object, Stop> {
    let Some(text) = input["json"].as_str() else { return decoded(kind, &input["object"], &[]) };
    let tree: Value = serde_json::from_str(text).map_err(|e| format!("in.json: {e}"))?;
    decoded(kind, &tree, &duplicates::duplicate_fields(text))
}

/// Both objects of an update, with the server's bookkeeping.
pub fn old_and_new(kind: Kind, input: &Value) -> Result<(Object, Object), Stop> {
    let mut old = decoded(kind, &input["old"], &[])?;
    let mut new = decoded(kind, &input["new"], &[])?;
    defaults::apply(&mut old);
    strategy::prepare_for_create(&mut old);
    old.meta_mut().creation_timestamp = Time(1);
    defaults::apply(&mut new);
    admission::check_name(&new, &old.meta().name, &old.meta().namespace).map_err(at("request"))?;
    strategy::prepare_for_update(&mut new, &old, strategy::Part::Spec);
    Ok((old, new))
}

/// Admits a new object. Returns the warnings.
pub fn create(object: &mut Object, pools: &mut ServiceAllocator) -> Result<Vec<String>, Stop> {
    let (sent, before) = (object.clone(), pools.clone());
    admission::create(object, pools, &mut random(), false).map_err(|status| {
        let allocates = |service: &mut _| before.clone().prepare_create(service, &mut random(), false).is_ok();
        at(stage_of(sent, allocates))(status)
    })
}

/// Admits a changed object. Returns the warnings.
pub fn update(new: &mut Object, old: &Object, pools: &mut ServiceAllocator) -> Result<Vec<String>, Stop> {
    let (sent, before) = (new.clone(), pools.clone());
    admission::update(new, old, strategy::Part::Spec, pools, &mut random(), false).map_err(|status| {
        let allocates = |service: &mut _| match old {
            Object::Service(old) => before.clone().prepare_update(service, old, &mut random(), false).is_ok(),
            _ => true,
        };
        at(stage_of(sent, allocates))(status)
    })
}

/// Where a refused object was stopped: at allocation, if that alone refuses it already.
fn stage_of(mut sent: Object, allocates: impl Fn(&mut crate::api::Service) -> bool) -> &'static str {
    defaults::apply(&mut sent);
    let Object::Service(service) = &mut sent else { return "validation" };
    if allocates(Rc::make_mut(service)) { "validation" } else { "allocation" }
}

fn random() -> Stream {
    Stream::new(1, "vectors")
}

/// The kind that the object of a case names.
pub fn kind_of(value: &Value) -> Result<Kind, Stop> {
    input::kind_of(value).map_err(Stop::Unreadable)
}

/// Adds the warnings of a response.
pub fn with_warnings(mut answer: Map<String, Value>, warnings: Vec<String>) -> Value {
    if !warnings.is_empty() {
        answer.insert("warnings".into(), json!(warnings));
    }
    Value::Object(answer)
}

/// The answer of a case: what was accepted, or the refusal in the words of the vector files.
pub fn answer(result: Result<Value, Stop>) -> Result<Value, String> {
    match result {
        Ok(accepted) => Ok(accepted),
        Err(Stop::Refused(stage, status)) => Ok(refused(stage, &status)),
        Err(Stop::Unreadable(why)) => Err(why),
    }
}

fn refused(stage: &str, status: &Status) -> Value {
    let mut told = json!({"code": status.code, "message": status.message});
    if !status.reason.is_empty() {
        told["reason"] = json!(status.reason);
    }
    let mut out = json!({"accepted": false, "stage": stage, "status": told});
    let mut errors: Vec<String> = status.causes.iter().map(|c| format!("{}: {}", c.field, c.message)).collect();
    if status.reason == "InternalError" {
        // The cause of an internal error has no field and the text behind the prefix.
        errors = vec![format!(": {}", status.message.trim_start_matches("Internal error occurred: "))];
    }
    if !errors.is_empty() {
        out["errors"] = json!(errors);
    }
    out
}
