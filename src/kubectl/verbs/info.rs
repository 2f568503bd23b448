//! `kubectl version`, `config`, `cluster-info` and `api-resources`: what kubectl and the cluster are.

use crate::api::object::{KINDS, KindInfo};
use crate::api::{EndpointSlice, Key};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Takes};
use crate::kubectl::print::tabwriter::TabWriter;
use crate::manifest;
use crate::sorting::Arrange;
use serde_json::json;

/// The version that everything here follows.
const VERSION: &str = "v1.37.2";
/// The kustomize built into that kubectl.
const KUSTOMIZE: &str = "v5.8.1";
/// Context, cluster and user of the lab's configuration.
const CONTEXT: &str = "x";

pub(super) const VERSION_FLAGS: &[Flag] = &[Flag("client", None, Takes::Bool), Flag("output", Some('o'), Takes::Text)];
pub(super) const RESOURCES: &[Flag] = &[
    Flag("output", Some('o'), Takes::Text),
    Flag("no-headers", None, Takes::Bool),
    Flag("namespaced", None, Takes::Bool),
    Flag("api-group", None, Takes::Text),
    Flag("sort-by", None, Takes::Text),
    Flag("verbs", None, Takes::List),
    Flag("cached", None, Takes::Bool),
];

/// `kubectl version`.
pub fn version(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, VERSION_FLAGS).map_err(|why| Failure::usage("version", &why))?;
    if !flags.words.is_empty() {
        return Err(Failure::error(format!("extra arguments: [{}]", flags.words.join(" "))));
    }
    let (major, minor) = ("1", "37");
    let about = json!({"gitVersion": VERSION, "major": major, "minor": minor});
    let mut value = json!({"clientVersion": about, "kustomizeVersion": KUSTOMIZE});
    if !flags.on("client") {
        value["serverVersion"] = value["clientVersion"].clone();
    }
    match flags.get("output") {
        None | Some("") => {
            cx.line(format!("Client Version: {VERSION}"));
            cx.line(format!("Kustomize Version: {KUSTOMIZE}"));
            if !flags.on("client") {
                cx.line(format!("Server Version: {VERSION}"));
            }
        }
        Some("json") => cx.line(manifest::json::print(&value)),
        Some("yaml") => cx.out.push_str(&manifest::yaml::print(&value)),
        Some(_) => return Err(Failure::error("--output must be 'yaml' or 'json'")),
    }
    Ok(())
}

/// `kubectl config`: the lab has one context, which cannot be changed.
pub fn config(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[]).map_err(|why| Failure::usage("config", &why))?;
    match flags.words.first().map(String::as_str) {
        Some("current-context") => cx.line(CONTEXT),
        Some("get-contexts") => {
            let mut table = TabWriter::for_tables();
            table.write("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
            table.write(&format!("*\t{CONTEXT}\t{CONTEXT}\t{CONTEXT}\t\n"));
            let text = table.finish();
            cx.out.push_str(&text);
        }
        Some("get-clusters") => cx.out.push_str(&format!("NAME\n{CONTEXT}\n")),
        Some("get-users") => cx.out.push_str(&format!("NAME\n{CONTEXT}\n")),
        Some("view") => {
            let value = json!({
                "apiVersion": "v1", "kind": "Config", "preferences": {}, "current-context": CONTEXT,
                "clusters": [{"cluster": {"server": address(cx)}, "name": CONTEXT}],
                "contexts": [{"context": {"cluster": CONTEXT, "user": CONTEXT}, "name": CONTEXT}],
                "users": [{"name": CONTEXT, "user": {}}],
            });
            cx.out.push_str(&manifest::yaml::print(&value));
        }
        Some("use-context") if flags.words.get(1).is_some_and(|w| w == CONTEXT) => {
            cx.line(format!("Switched to context {CONTEXT:?}."));
        }
        Some("use-context") => {
            let wanted = flags.words.get(1).cloned().unwrap_or_default();
            return Err(Failure::error(format!("no context exists with the name: {wanted:?}")));
        }
        Some(other) => {
            return Err(Failure::error(format!(
                "the lab has one context, {CONTEXT:?}; {other:?} cannot change it (name a namespace with -n)"
            )));
        }
        None => return Err(super::help::of("config")),
    }
    Ok(())
}

/// Where the API server is: behind the Service `kubernetes`.
fn address(cx: &Cx) -> String {
    let slice = cx.backend.read().get::<EndpointSlice>(&Key::new("default", "kubernetes"));
    let host = slice.and_then(|s| s.endpoints.first()).and_then(|e| e.addresses.first());
    let port = slice.and_then(|s| s.ports.first()).and_then(|p| p.port);
    format!("https://{}:{}", host.map_or("kubernetes.default.svc", String::as_str), port.unwrap_or(443))
}

/// `kubectl cluster-info`.
pub fn cluster_info(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[]).map_err(|why| Failure::usage("cluster-info", &why))?;
    if let Some(word) = flags.words.first() {
        return Err(Failure::error(format!("unknown command {word:?} for \"kubectl cluster-info\"")));
    }
    let address = address(cx);
    cx.line(format!("Kubernetes control plane is running at {address}"));
    cx.line(format!("CoreDNS is running at {address}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy"));
    cx.line("");
    cx.line("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(())
}

/// `kubectl api-resources`: the kinds that the lab has.
pub fn api_resources(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, RESOURCES).map_err(|why| Failure::usage("api-resources", &why))?;
    let (output, sort) = (flags.text("output"), flags.text("sort-by"));
    if !["", "wide", "name"].contains(&output.as_str()) {
        return Err(Failure::error(format!("--output {output} is not available")));
    }
    if !["", "name", "kind"].contains(&sort.as_str()) {
        return Err(Failure::error("--sort-by accepts only name or kind"));
    }
    const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    let mut kinds: Vec<&KindInfo> = KINDS.iter().collect();
    kinds.retain(|k| {
        flags.get("api-group").is_none_or(|g| g == k.group)
            && (!flags.has("namespaced") || flags.on("namespaced") == k.namespaced)
            && flags.all("verbs").iter().all(|v| VERBS.contains(&v.as_str()))
    });
    kinds.arrange_by_key(|k| match sort.as_str() {
        "name" => (k.plural, ""),
        "kind" => (k.name, k.plural),
        _ => (k.group, k.plural),
    });
    let mut table = TabWriter::for_tables();
    if !flags.on("no-headers") && output != "name" {
        table
            .write(&format!("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND{}\n", if output == "wide" { "\tVERBS" } else { "" }));
    }
    for kind in kinds {
        if output == "name" {
            table.write(&format!("{}\n", kind.kind.resource()));
            continue;
        }
        let row =
            [kind.plural.into(), kind.short.join(","), kind.kind.api_version(), kind.namespaced.to_string(), kind.name.into()];
        let verbs = if output == "wide" { format!("\t{}", VERBS.join(",")) } else { String::new() };
        table.write(&format!("{}{verbs}\n", row.join("\t")));
    }
    let text = table.finish();
    cx.out.push_str(&text);
    Ok(())
}
