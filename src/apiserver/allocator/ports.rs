//! Node ports of one Service (`…/storage/alloc.go`, initNodePorts, updateNodePorts, healthCheckNodePortUpdate).

use super::node_port::Operation;
use super::{Random, Release, ServiceAllocator, Status, internal, invalid};
use crate::api::Service;
use crate::api::service::ServicePort;
use crate::api::validation::FieldError;
use std::collections::BTreeMap;

fn bad_port(service: &Service, index: usize, port: i32, why: String) -> Status {
    invalid(service, &[FieldError::invalid(format!("spec.ports[{index}].nodePort"), &port, why)])
}

fn no_port() -> Status {
    internal("failed to allocate a nodePort: range is full")
}

impl ServiceAllocator {
    fn operation<'a>(&'a mut self, random: &'a mut dyn Random, dry_run: bool) -> Operation<'a> {
        Operation { range: &mut self.node_ports, random, dry_run: dry_run.then(Vec::new) }
    }

    /// Node ports of a new Service. Ports with the same number (of other protocols) share their node port.
    pub(super) fn new_node_ports(&mut self, service: &mut Service, random: &mut dyn Random, dry_run: bool) -> Result<(), Status> {
        let mut operation = self.operation(random, dry_run);
        if service.spec.uses_node_ports() {
            init(service, &mut operation)?;
        }
        if service.spec.needs_health_check() {
            health_check(service, &mut operation)?;
        }
        Ok(())
    }

    /// Node ports of a changed Service. What is let go is noted, not yet given back.
    pub(super) fn changed_node_ports(
        &mut self,
        new: &mut Service,
        old: &Service,
        random: &mut dyn Random,
        dry_run: bool,
        release: &mut Release,
    ) -> Result<(), Status> {
        let mut operation = self.operation(random, dry_run);
        let had: Vec<i32> = match old.spec.uses_node_ports() {
            true => old.spec.ports.iter().map(|p| p.node_port).filter(|p| *p != 0).collect(),
            false => vec![],
        };
        if new.spec.uses_node_ports() {
            change(new, &had, &mut operation)?;
            let has: Vec<i32> = new.spec.ports.iter().map(|p| p.node_port).collect();
            release.ports.extend(had.iter().filter(|p| !has.contains(p)));
        } else {
            release.ports.extend(&had);
        }
        let (needed, needs) = (old.spec.needs_health_check(), new.spec.needs_health_check());
        let (was, is) = (old.spec.health_check_node_port, new.spec.health_check_node_port);
        match (needed, needs) {
            (false, true) => health_check(new, &mut operation)?,
            (true, false) => release.ports.push(was),
            (true, true) if was != is => {
                let error = FieldError::forbidden("spec.healthCheckNodePort", "field is immutable");
                return Err(invalid(new, &[error]));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The node port that some port of that number asks for.
fn requested(port: i32, ports: &[ServicePort]) -> Option<i32> {
    ports.iter().find(|p| p.port == port && p.node_port != 0).map(|p| p.node_port)
}

fn init(service: &mut Service, operation: &mut Operation<'_>) -> Result<(), Status> {
    let mut by_port: BTreeMap<i32, i32> = BTreeMap::new();
    let allocates = service.spec.allocates_node_ports();
    for i in 0..service.spec.ports.len() {
        let (port, node_port) = (service.spec.ports[i].port, service.spec.ports[i].node_port);
        if node_port == 0 && !allocates {
            continue;
        }
        let given = match (by_port.get(&port), requested(port, &service.spec.ports)) {
            (Some(shared), _) if node_port == 0 || node_port == *shared => *shared,
            (Some(_), _) => {
                operation.take(node_port).map_err(|why| bad_port(service, i, node_port, why))?;
                node_port
            }
            (None, Some(wanted)) => {
                operation.take(wanted).map_err(|why| bad_port(service, i, wanted, why))?;
                wanted
            }
            (None, None) => operation.take_next().ok_or_else(no_port)?,
        };
        by_port.entry(port).or_insert(given);
        service.spec.ports[i].node_port = given;
    }
    Ok(())
}

fn change(service: &mut Service, had: &[i32], operation: &mut Operation<'_>) -> Result<(), Status> {
    let allocates = service.spec.allocates_node_ports();
    let mut taken: Vec<i32> = vec![];
    let mut seen: Vec<(String, i32)> = vec![];
    for i in 0..service.spec.ports.len() {
        let mut node_port = service.spec.ports[i].node_port;
        if node_port == 0 && !allocates {
            continue;
        }
        if node_port == 0 {
            node_port = operation.take_next().ok_or_else(no_port)?;
            service.spec.ports[i].node_port = node_port;
        } else if !had.contains(&node_port) && !taken.contains(&node_port) {
            operation.take(node_port).map_err(|why| bad_port(service, i, node_port, why))?;
            taken.push(node_port);
        }
        let key = (service.spec.ports[i].protocol.clone(), node_port);
        if seen.contains(&key) {
            return Err(Status::new(500, "", format!("duplicate nodePort: {{{} {}}}", key.0, key.1)));
        }
        seen.push(key);
    }
    Ok(())
}

fn health_check(service: &mut Service, operation: &mut Operation<'_>) -> Result<(), Status> {
    let asked = service.spec.health_check_node_port;
    if asked != 0 {
        return operation
            .take(asked)
            .map_err(|why| internal(&format!("failed to allocate requested HealthCheck NodePort {asked}: {why}")));
    }
    let port = operation.take_next();
    service.spec.health_check_node_port =
        port.ok_or_else(|| internal("failed to allocate a HealthCheck NodePort 0: range is full"))?;
    Ok(())
}
