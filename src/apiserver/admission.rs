//! What happens to one object between the request and the store: decoding, defaults, allocation, validation, warnings.
//!
//! Pure functions: they see the objects and the pools of addresses, never the store.

use super::allocator::{self, Random, ServiceAllocator};
use super::strategy::Part;
use super::{Cause, Status};
use crate::api::codec::Decoder;
use crate::api::validation::{self, FieldError};
use crate::api::{Kind, Object, defaults};
use serde_json::Value;
use std::rc::Rc;

/// Field errors as causes of a Status.
pub fn causes(errors: &[FieldError]) -> Vec<Cause> {
    errors.iter().map(|e| Cause { field: e.path.clone(), message: e.body() }).collect()
}

fn refuse(object: &Object, errors: &[FieldError]) -> Result<(), Status> {
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid(object.kind(), &object.meta().name, causes(errors))) }
}

/// What becomes of fields that nobody knows and of fields that stand twice (`fieldValidation`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// The request is refused.
    #[default]
    Strict,
    /// They are dropped, and the answer warns of them: what the server does when a client asks for nothing.
    Warn,
    /// They are dropped.
    Ignore,
}

/// Reads the body of a request with strict field validation.
/// `duplicates`: paths of fields that stood twice in the text (a tree no longer knows).
pub fn decode(kind: Kind, body: &Value, duplicates: &[String]) -> Result<Object, Status> {
    decode_as(kind, body, duplicates, FieldValidation::Strict).map(|(object, _)| object)
}

/// Reads the body of a request. Returns the warnings, too.
pub fn decode_as(kind: Kind, body: &Value, duplicates: &[String], how: FieldValidation) -> Result<(Object, Vec<String>), Status> {
    let mut decoder = Decoder::default();
    let object = Object::decode(kind, body, &mut decoder);
    let name = kind.info().name;
    let refuse = |why: &str| {
        let version = kind.info().version;
        Status::bad_request(format!("{name} in version {version:?} cannot be handled as a {name}: {why}"))
    };
    if let Some(why) = &decoder.type_error {
        return Err(refuse(why));
    }
    let mut problems: Vec<String> = duplicates.iter().map(|path| format!("duplicate field {path:?}")).collect();
    problems.extend(decoder.unknown);
    match how {
        FieldValidation::Strict if !problems.is_empty() => {
            return Err(refuse(&format!("strict decoding error: {}", problems.join(", "))));
        }
        FieldValidation::Strict | FieldValidation::Warn => {}
        FieldValidation::Ignore => problems.clear(),
    }
    object.map(|object| (object, problems)).ok_or_else(|| refuse("json: cannot unmarshal null"))
}

/// The name in a request's body must be the one of its address.
pub fn check_name(object: &Object, name: &str, namespace: &str) -> Result<(), Status> {
    let meta = object.meta();
    if !meta.name.is_empty() && meta.name != name {
        let message = format!("the name of the object ({}) does not match the name on the URL ({name})", meta.name);
        return Err(Status::bad_request(message));
    }
    if !meta.namespace.is_empty() && meta.namespace != namespace {
        let message =
            format!("the namespace of the object ({}) does not match the namespace on the URL ({namespace})", meta.namespace);
        return Err(Status::bad_request(message));
    }
    Ok(())
}

/// An ExternalName Service is checked with its internal traffic policy, but stored without.
fn drop_unused(object: &mut Object) {
    if let Object::Service(service) = object
        && service.spec.type_ == "ExternalName"
        && service.spec.internal_traffic_policy.is_some()
    {
        Rc::make_mut(service).spec.internal_traffic_policy = None;
    }
}

/// A new object: defaults, allocation, validation. Returns the warnings. A refusal or a dry run leaves the pools alone.
pub fn create(
    object: &mut Object,
    services: &mut ServiceAllocator,
    random: &mut dyn Random,
    dry_run: bool,
) -> Result<Vec<String>, Status> {
    defaults::apply(object);
    let before = services.clone();
    if let Object::Service(service) = object {
        services.prepare_create(Rc::make_mut(service), random, dry_run)?;
    }
    let result = refuse(object, &validation::create(object));
    if result.is_err() || dry_run {
        *services = before;
    }
    drop_unused(object);
    result.map(|()| validation::warnings(object, None))
}

/// A changed object (PUT), whose metadata the server has already filled in from the old one. Returns the warnings.
/// A refusal or a dry run leaves the pools alone.
pub fn update(
    new: &mut Object,
    old: &Object,
    part: Part,
    services: &mut ServiceAllocator,
    random: &mut dyn Random,
    dry_run: bool,
) -> Result<Vec<String>, Status> {
    defaults::apply(new);
    if part == Part::Status {
        refuse(new, &validation::update_status(new, old))?;
        return Ok(vec![]);
    }
    let before = services.clone();
    let mut release = allocator::Release::default();
    if let (Object::Service(new), Object::Service(old)) = (&mut *new, old) {
        let new = Rc::make_mut(new);
        release = services.prepare_update(new, old, random, dry_run)?;
        allocator::drop_type_dependent(new, old);
    }
    let result = refuse(new, &validation::update(new, old));
    if result.is_err() || dry_run {
        *services = before;
    } else {
        services.commit(&release);
    }
    drop_unused(new);
    result.map(|()| validation::warnings(new, Some(old)))
}
