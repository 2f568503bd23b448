//! `kubectl version`, `cluster-info`, `api-resources` and `api-versions`: what kubectl and the cluster are.

use crate::api::object::{KINDS, KindInfo};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Takes};
use crate::kubectl::print::tabwriter::TabWriter;
use crate::manifest;
use crate::sorting::Arrange;
use serde_json::json;

/// The version that everything here follows.
const VERSION: &str = "v1.37.2";
/// The kustomize built into that kubectl.
const KUSTOMIZE: &str = "v5.8.1";

pub(super) const VERSION_FLAGS: Flags = &[&[Flag("client", None, Takes::Bool), Flag("output", Some('o'), Takes::Text)]];
pub(super) const RESOURCES: Flags = &[&[
    Flag("output", Some('o'), Takes::Text),
    Flag("no-headers", None, Takes::Bool),
    Flag("namespaced", None, Takes::Bool),
    Flag("api-group", None, Takes::Text),
    Flag("sort-by", None, Takes::Text),
    Flag("verbs", None, Takes::List),
    Flag("cached", None, Takes::Bool),
]];

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
        Some("json") => cx.line(json_text(&value)),
        Some("yaml") => cx.line(manifest::yaml::print(&value)),
        Some(_) => return Err(Failure::error("--output must be 'yaml' or 'json'")),
    }
    Ok(())
}

/// `json.MarshalIndent` with two blanks a level.
fn json_text(value: &serde_json::Value) -> String {
    let text = manifest::json::print(value);
    text.lines()
        .map(|l| {
            let body = l.trim_start();
            format!("{}{body}\n", " ".repeat((l.len() - body.len()) / 2))
        })
        .collect()
}

/// `kubectl cluster-info`.
pub fn cluster_info(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[]).map_err(|why| Failure::usage("cluster-info", &why))?;
    if flags.words.first().is_some_and(|w| w == "dump") {
        return Err(Failure::error("the lab does not make dumps: kubectl get -A -o yaml shows objects"));
    }
    let address = super::config::address(cx);
    cx.line(format!("Kubernetes control plane is running at {address}"));
    cx.line(format!("CoreDNS is running at {address}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy"));
    cx.line("");
    cx.line("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(())
}

/// `kubectl api-versions`: the groups of the kinds that the lab has.
pub fn api_versions(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[]).map_err(|why| Failure::usage("api-versions", &why))?;
    if !flags.words.is_empty() {
        return Err(Failure::help("api-versions", &format!("unexpected arguments: [{}]", flags.words.join(" "))));
    }
    let mut versions: Vec<String> = KINDS.iter().map(|info| info.kind.api_version()).collect();
    versions.arrange();
    versions.dedup();
    versions.iter().for_each(|version| cx.line(version));
    Ok(())
}

/// `kubectl api-resources`: the kinds that the lab has.
pub fn api_resources(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, RESOURCES).map_err(|why| Failure::usage("api-resources", &why))?;
    if !flags.words.is_empty() {
        return Err(Failure::help("api-resources", &format!("unexpected arguments: [{}]", flags.words.join(" "))));
    }
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
