//! Addresses of Services: ClusterIPs and node ports, handed out and taken back (`pkg/registry/core/service/storage/alloc.go`).
//!
//! Promises: a refused request changes nothing; what an update lets go is free again only when the update is done.

pub mod cluster_ip;
mod families;
pub mod node_port;
mod pool;
mod ports;
mod update;

pub(super) use update::drop_type_dependent;

use super::Status;
use super::admission::causes;
use crate::api::validation::FieldError;
use crate::api::validation::ip::parse_sloppy;
use crate::api::{Kind, Service};
use crate::time::Stream;
use cluster_ip::ClusterIpRange;
use node_port::NodePortRange;

/// Where random numbers come from.
pub trait Random {
    /// A number below `n`, all equally likely (0 when `n` is 0).
    fn below(&mut self, n: u64) -> u64;
}

impl Random for Stream {
    fn below(&mut self, n: u64) -> u64 {
        Stream::below(self, n)
    }
}

/// Both pools of a single-stack IPv4 cluster. Cloning is cheap enough to undo a refused request.
#[derive(Clone, Debug)]
pub struct ServiceAllocator {
    cluster_ips: ClusterIpRange,
    node_ports: NodePortRange,
}

impl Default for ServiceAllocator {
    /// kubeadm's ranges: 10.96.0.0/12 and 30000-32767.
    fn default() -> ServiceAllocator {
        let cluster_ips = ClusterIpRange::new("10.96.0.0/12").expect("a constant that is a CIDR");
        ServiceAllocator { cluster_ips, node_ports: NodePortRange::new(30_000, 32_767) }
    }
}

/// `422 Invalid` for a Service.
fn invalid(service: &Service, errors: &[FieldError]) -> Status {
    Status::invalid(Kind::Service, &service.meta.name, causes(errors))
}

fn internal(why: &str) -> Status {
    Status::internal(why)
}

impl ServiceAllocator {
    /// Pools of these ranges.
    pub fn new(cluster_ips: ClusterIpRange, node_ports: NodePortRange) -> ServiceAllocator {
        ServiceAllocator { cluster_ips, node_ports }
    }

    /// A new Service, after defaults: IP families, ClusterIP, node ports, health check port. All or nothing; a dry run
    /// takes nothing.
    pub fn prepare_create(&mut self, service: &mut Service, random: &mut dyn Random, dry_run: bool) -> Result<(), Status> {
        if !service.spec.cluster_ip.is_empty() && service.spec.cluster_ips.is_empty() {
            service.spec.cluster_ips = vec![service.spec.cluster_ip.clone()];
        }
        self.or_undo(|pools| {
            families::init(service, None)?;
            pools.cluster_ip(service, random, dry_run)?;
            pools.new_node_ports(service, random, dry_run)
        })
    }

    /// A changed Service, after defaults: what was left out is taken over from the old one, then what is new is
    /// allocated. Returns what to let go when the request succeeds ([`ServiceAllocator::commit`]).
    pub fn prepare_update(
        &mut self,
        new: &mut Service,
        old: &Service,
        random: &mut dyn Random,
        dry_run: bool,
    ) -> Result<Release, Status> {
        update::take_over(new, old);
        update::normalize(new, old);
        let mut release = Release::default();
        self.or_undo(|pools| {
            families::init(new, Some(old))?;
            if !old.spec.needs_cluster_ip() && new.spec.needs_cluster_ip() {
                pools.cluster_ip(new, random, dry_run)?;
            } else if old.spec.needs_cluster_ip() && !new.spec.needs_cluster_ip() && !old.spec.is_headless_list() {
                release.ips.extend(old.spec.cluster_ips.iter().cloned());
            }
            pools.changed_node_ports(new, old, random, dry_run, &mut release)
        })?;
        Ok(release)
    }

    /// Lets go what an update no longer needs.
    pub fn commit(&mut self, release: &Release) {
        for ip in release.ips.iter().filter_map(|ip| parse_sloppy(ip)) {
            self.cluster_ips.release(ip);
        }
        for port in &release.ports {
            self.node_ports.release(*port);
        }
    }

    /// Takes back all that a Service holds.
    pub fn release(&mut self, service: &Service) {
        self.commit(&Release { ips: service.spec.cluster_ips.clone(), ports: ports_of(service) });
    }

    /// Marks what a seeded Service holds.
    pub fn reserve(&mut self, service: &Service) {
        for ip in service.spec.cluster_ips.iter().filter_map(|ip| parse_sloppy(ip)) {
            // A seeded Service may name what is outside or taken; then there is nothing to mark.
            let _ = self.cluster_ips.take(ip);
        }
        for port in ports_of(service) {
            let _ = self.node_ports.take(port);
        }
    }

    fn or_undo(&mut self, work: impl FnOnce(&mut ServiceAllocator) -> Result<(), Status>) -> Result<(), Status> {
        let before = self.clone();
        let result = work(self);
        if result.is_err() {
            *self = before;
        }
        result
    }

    fn cluster_ip(&mut self, service: &mut Service, random: &mut dyn Random, dry_run: bool) -> Result<(), Status> {
        if !service.spec.needs_cluster_ip() || service.spec.is_headless_list() {
            return Ok(());
        }
        match service.spec.cluster_ips.first().cloned() {
            Some(text) => {
                let Some(ip) = parse_sloppy(&text) else { return Err(internal("failed to parse cluster IP")) };
                let result = if dry_run {
                    self.cluster_ips.check(ip)
                } else {
                    let taken = self.cluster_ips.take(ip).map_err(str::to_string);
                    taken.and_then(|()| parent_ref(&service.meta.name, &text))
                };
                result.map_err(|why| bad_ips(service, &format!("failed to allocate IP {text}: {why}")))
            }
            None => {
                let ip = if dry_run { Some(self.cluster_ips.base()) } else { self.cluster_ips.take_next(random) };
                let Some(ip) = ip else {
                    let why = format!("failed to allocate a serviceIP for Service {:?}: range is full", service.meta.name);
                    return Err(internal(&why));
                };
                service.spec.cluster_ips = vec![String::new()];
                parent_ref(&service.meta.name, &ip.to_string())
                    .map_err(|why| bad_ips(service, &format!("failed to allocate IP: {why}")))?;
                service.spec.cluster_ips[0] = ip.to_string();
                service.spec.cluster_ip = ip.to_string();
                Ok(())
            }
        }
    }
}

fn bad_ips(service: &Service, detail: &str) -> Status {
    let list = crate::api::validation::field::AsJson(&service.spec.cluster_ips);
    invalid(service, &[FieldError::invalid("spec.clusterIPs", &list, detail)])
}

/// Every address is an IPAddress object that names its Service; a name that cannot stand in a path cannot be named.
fn parent_ref(name: &str, ip: &str) -> Result<(), String> {
    let detail = match name {
        "" => "Required value".to_string(),
        "." | ".." => format!("Invalid value: {name:?}: may not be '{name}'"),
        _ => match ['/', '%'].iter().find(|c| name.contains(**c)) {
            Some(c) => format!("Invalid value: {name:?}: may not contain '{c}'"),
            None => return Ok(()),
        },
    };
    Err(format!("IPAddress.networking.k8s.io {ip:?} is invalid: spec.parentRef.name: {detail}"))
}

/// All node ports of a Service, with the one for health checks.
fn ports_of(service: &Service) -> Vec<i32> {
    let ports = service.spec.ports.iter().map(|p| p.node_port);
    ports.chain([service.spec.health_check_node_port]).filter(|p| *p != 0).collect()
}

/// What an update lets go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Release {
    ips: Vec<String>,
    ports: Vec<i32>,
}
