//! `kubectl version`, `cluster-info`, `api-resources` and `api-versions`: what kubectl and the cluster are.

use crate::api::object::KINDS;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Takes};
use crate::kubectl::print::tabwriter::TabWriter;
use crate::kubectl::resources::{self, OTHERS};
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
    Flag("categories", None, Takes::List),
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
pub(super) fn json_text(value: &serde_json::Value) -> String {
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

/// `kubectl api-versions`: the versions that a real API server has, whether the lab models their kinds or not.
pub fn api_versions(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, &[]).map_err(|why| Failure::usage("api-versions", &why))?;
    if !flags.words.is_empty() {
        return Err(Failure::help("api-versions", &format!("unexpected arguments: [{}]", flags.words.join(" "))));
    }
    let mut versions: Vec<String> = rows().into_iter().map(|row| row.api_version()).collect();
    versions.push("autoscaling/v1".into());
    versions.arrange();
    versions.dedup();
    versions.iter().for_each(|version| cx.line(version));
    Ok(())
}

/// A resource as `api-resources` lists it.
struct Row {
    plural: &'static str,
    short: String,
    group: &'static str,
    version: &'static str,
    namespaced: bool,
    name: &'static str,
}

impl Row {
    fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_string() } else { format!("{}/{}", self.group, self.version) }
    }

    /// What can be done with its objects.
    fn verbs(&self) -> &'static [&'static str] {
        match self.group {
            "authentication.k8s.io" | "authorization.k8s.io" => &["create"],
            _ if self.plural == "bindings" => &["create"],
            _ if self.plural == "componentstatuses" => &["get", "list"],
            _ if self.plural == "namespaces" => &["create", "delete", "get", "list", "patch", "update", "watch"],
            _ => &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        }
    }

    /// The words that stand for it and others.
    fn categories(&self) -> &'static str {
        let resource = if self.group.is_empty() { self.plural.to_string() } else { format!("{}.{}", self.plural, self.group) };
        match self.group {
            _ if resources::category("all").contains(&resource.as_str()) => "all",
            "admissionregistration.k8s.io" | "apiextensions.k8s.io" | "apiregistration.k8s.io" => "api-extensions",
            _ => "",
        }
    }
}

/// All resources of a real API server, those of the lab among them.
fn rows() -> Vec<Row> {
    let own = KINDS.iter().map(|k| Row {
        plural: k.plural,
        short: k.short.join(","),
        group: k.group,
        version: k.version,
        namespaced: k.namespaced,
        name: k.name,
    });
    let others = OTHERS.iter().map(|o| Row {
        plural: o.plural,
        short: o.short.into(),
        group: o.group,
        version: o.version,
        namespaced: o.namespaced,
        name: o.name,
    });
    own.chain(others).collect()
}

/// `kubectl api-resources`: what a real API server has; the kinds that the lab does not model say so when they are used.
pub fn api_resources(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, RESOURCES).map_err(|why| Failure::usage("api-resources", &why))?;
    if !flags.words.is_empty() {
        return Err(Failure::help("api-resources", &format!("unexpected arguments: [{}]", flags.words.join(" "))));
    }
    let (output, sort) = (flags.text("output"), flags.text("sort-by"));
    if !["", "wide", "name"].contains(&output.as_str()) {
        return Err(Failure::error(format!(
            "unable to match a printer suitable for the output format {output:?}, allowed formats are: json,kyaml,name,wide,yaml"
        )));
    }
    if !["", "name", "kind"].contains(&sort.as_str()) {
        return Err(Failure::error("--sort-by accepts only name or kind"));
    }
    let mut rows = rows();
    rows.retain(|row| {
        flags.get("api-group").is_none_or(|g| g == row.group)
            && (!flags.has("namespaced") || flags.on("namespaced") == row.namespaced)
            && flags.all("verbs").iter().all(|v| row.verbs().contains(&v.as_str()))
            && flags.all("categories").iter().all(|c| row.categories() == c)
    });
    rows.arrange_by_key(|row| match sort.as_str() {
        "name" => (row.plural, row.group),
        "kind" => (row.name, row.plural),
        _ => (row.group, row.plural),
    });
    let wide = output == "wide";
    let mut table = TabWriter::for_tables();
    if !flags.on("no-headers") && output != "name" && !rows.is_empty() {
        let more = if wide { "\tVERBS\tCATEGORIES" } else { "" };
        table.write(&format!("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND{more}\n"));
    }
    for row in rows {
        let Row { plural, short, group, namespaced, name, .. } = &row;
        let dot = if group.is_empty() { "" } else { "." };
        let more = if wide { format!("\t{}\t{}", row.verbs().join(","), row.categories()) } else { String::new() };
        match output.as_str() {
            "name" => table.write(&format!("{plural}{dot}{group}\n")),
            _ => table.write(&format!("{plural}\t{short}\t{}\t{namespaced}\t{name}{more}\n", row.api_version())),
        }
    }
    cx.out.push_str(&table.finish());
    Ok(())
}
