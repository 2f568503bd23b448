//! `kubectl config`: the lab's one cluster and user, and the contexts that a person makes of them.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/cmd/config`.

use super::output::Output;
use crate::api::{EndpointSlice, Key};
use crate::kubectl::config::{Context, NAME};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, PRINT, Parsed, Takes};
use crate::kubectl::print::tabwriter::TabWriter;
use crate::sorting::Arrange;
use serde_json::{Value, json};

pub(super) const FLAGS: Flags = &[
    PRINT,
    &[
        Flag("current", None, Takes::Bool),
        Flag("minify", None, Takes::Bool),
        Flag("raw", None, Takes::Bool),
        Flag("flatten", None, Takes::Bool),
        Flag("merge", None, Takes::Optional("true")),
        Flag("no-headers", None, Takes::Bool),
    ],
];

/// The file that kubectl would keep its settings in.
const FILE: &str = "/root/.kube/config";

/// `kubectl config`.
pub fn config(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let Some(sub) = args.first() else { return Err(super::help::of("config")) };
    let command = format!("config {sub}");
    let flags = flags::parse(&args[1..], FLAGS).map_err(|why| Failure::usage(&command, &why))?;
    match sub.as_str() {
        "current-context" => match cx.session.config.current.clone() {
            current if current.is_empty() => return Err(Failure::error("current-context is not set")),
            current => cx.line(current),
        },
        "get-contexts" => return get_contexts(cx, &flags),
        "get-clusters" | "get-users" => cx.out.push_str(&format!("NAME\n{NAME}\n")),
        "view" => return view(cx, &flags),
        "set-context" => return set_context(cx, &flags),
        "use-context" | "use" => return use_context(cx, &flags),
        "rename-context" => return rename_context(cx, &flags),
        "delete-context" => return delete_context(cx, &flags),
        "set" if matches!(flags.words.as_slice(), [_, _]) => return set(cx, &flags.words[0], Some(&flags.words[1])),
        "unset" if flags.words.len() == 1 => return set(cx, &flags.words[0], None),
        "set" | "unset" => return Err(Failure::help(&command, &format!("Unexpected args: [{}]", flags.words.join(" ")))),
        "set-cluster" | "set-credentials" | "delete-cluster" | "delete-user" => {
            return Err(Failure::error(format!(
                "the lab has one cluster and one user: 'kubectl config {sub}' has nothing to change"
            )));
        }
        _ => return Err(super::help::unknown_sub("config", args)),
    }
    Ok(())
}

fn get_contexts(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let names_only = flags.get("output") == Some("name");
    let config = cx.session.config.clone();
    let mut contexts: Vec<&Context> = config.contexts.iter().collect();
    let mut failures = vec![];
    if !flags.words.is_empty() {
        contexts.retain(|c| flags.words.contains(&c.name));
        let missing = flags.words.iter().filter(|w| config.context(w).is_none());
        failures.extend(missing.map(|w| Failure::error(format!("context {w} not found"))));
    }
    contexts.arrange_by(|a, b| a.name.cmp(&b.name));
    let mut table = TabWriter::for_tables();
    if !names_only && !flags.on("no-headers") {
        table.write("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    }
    for context in contexts {
        let Context { name, cluster, user, namespace } = context;
        let mark = if *name == config.current { "*" } else { " " };
        match names_only {
            true => table.write(&format!("{name}\n")),
            false => table.write(&format!("{mark}\t{name}\t{cluster}\t{user}\t{namespace}\n")),
        }
    }
    cx.out.push_str(&table.finish());
    Failure::result(failures)
}

/// `set-context NAME|--current --namespace=… --cluster=… --user=…`
fn set_context(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let current = flags.on("current");
    let name = match (flags.words.as_slice(), current) {
        ([], true) => cx.session.config.current.clone(),
        ([], false) => return Err(Failure::error("you must specify a non-empty context name or --current")),
        ([_], true) => return Err(Failure::error("you cannot specify both a context name and --current")),
        ([name], false) => name.clone(),
        (words, _) => {
            return Err(Failure::help("config set-context", &format!("Unexpected args: [{}]", words.join(" "))));
        }
    };
    if name.is_empty() {
        return Err(Failure::error("no current context is set"));
    }
    let config = &mut cx.session.config;
    let (index, word) = match config.contexts.iter().position(|c| c.name == name) {
        Some(index) => (index, "modified"),
        None => {
            config.contexts.push(Context { name: name.clone(), ..Context::default() });
            (config.contexts.len() - 1, "created")
        }
    };
    let context = &mut config.contexts[index];
    for (flag, field) in [("namespace", &mut context.namespace), ("cluster", &mut context.cluster), ("user", &mut context.user)] {
        if let Some(value) = flags.get(flag) {
            *field = value.to_string();
        }
    }
    cx.line(format!("Context {name:?} {word}."));
    Ok(())
}

/// `set PROPERTY VALUE` and `unset PROPERTY` for what the lab has: contexts and which of them is in use.
fn set(cx: &mut Cx, property: &str, value: Option<&String>) -> Result<(), Failure> {
    let text = value.cloned().unwrap_or_default();
    let config = &mut cx.session.config;
    match property.split('.').collect::<Vec<_>>().as_slice() {
        ["current-context"] => config.current = text,
        ["contexts", name] if value.is_none() => config.contexts.retain(|c| c.name != *name),
        ["contexts", name, field @ ("namespace" | "cluster" | "user")] => {
            let at = config.contexts.iter().position(|c| c.name == *name).unwrap_or_else(|| {
                config.contexts.push(Context { name: name.to_string(), ..Context::default() });
                config.contexts.len() - 1
            });
            let context = &mut config.contexts[at];
            match *field {
                "namespace" => context.namespace = text,
                "cluster" => context.cluster = text,
                _ => context.user = text,
            }
        }
        _ => return Err(Failure::error(format!("the lab's kubectl keeps contexts only: it has no property {property:?}"))),
    }
    cx.line(format!("Property {property:?} {}.", if value.is_some() { "set" } else { "unset" }));
    Ok(())
}

fn use_context(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let [name] = flags.words.as_slice() else {
        return Err(Failure::help("config use-context", &format!("Unexpected args: [{}]", flags.words.join(" "))));
    };
    if name.is_empty() {
        return Err(Failure::error("empty context names are not allowed"));
    }
    if cx.session.config.context(name).is_none() {
        return Err(Failure::error(format!("no context exists with the name: {name:?}")));
    }
    cx.session.config.current = name.clone();
    cx.line(format!("Switched to context {name:?}."));
    Ok(())
}

fn rename_context(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let [old, new] = flags.words.as_slice() else {
        return Err(Failure::help("config rename-context", &format!("Unexpected args: [{}]", flags.words.join(" "))));
    };
    let config = &mut cx.session.config;
    if config.context(old).is_none() {
        return Err(Failure::error(format!("cannot rename the context {old:?}, it's not in {FILE}")));
    }
    if config.context(new).is_some() {
        let text = format!("cannot rename the context {old:?}, the context {new:?} already exists in {FILE}");
        return Err(Failure::error(text));
    }
    config.contexts.iter_mut().filter(|c| c.name == *old).for_each(|c| c.name = new.clone());
    if config.current == *old {
        config.current = new.clone();
    }
    cx.line(format!("Context {old:?} renamed to {new:?}."));
    Ok(())
}

fn delete_context(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let Some(name) = flags.words.first().cloned() else { return Err(super::help::of("config")) };
    if cx.session.config.context(&name).is_none() {
        return Err(Failure::error(format!("cannot delete context {name}, not in {FILE}")));
    }
    if cx.session.config.current == name {
        cx.line("warning: this removed your active context, use \"kubectl config use-context\" to select a different one");
    }
    cx.session.config.contexts.retain(|c| c.name != name);
    cx.line(format!("deleted context {name} from {FILE}"));
    Ok(())
}

fn view(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    if !flags.words.is_empty() {
        return Err(Failure::help("config view", &format!("unexpected arguments: [{}]", flags.words.join(" "))));
    }
    let config = cx.session.config.clone();
    let shown = config.contexts.iter().filter(|c| !flags.on("minify") || c.name == config.current);
    let contexts: Vec<Value> = shown
        .map(|c| {
            let mut context = json!({"cluster": c.cluster, "user": c.user});
            if !c.namespace.is_empty() {
                context["namespace"] = Value::String(c.namespace.clone());
            }
            json!({"context": context, "name": c.name})
        })
        .collect();
    let value = json!({
        "apiVersion": "v1",
        "clusters": [{"cluster": {"server": address(cx)}, "name": NAME}],
        "contexts": contexts,
        "current-context": config.current,
        "kind": "Config",
        "users": [{"name": NAME, "user": {}}],
    });
    match Output::of(cx, flags)? {
        Output::Table(_) => Output::Yaml.print_value(cx, &value),
        output => output.print_value(cx, &value),
    }
}

/// Where the API server is: behind the Service `kubernetes`.
pub(super) fn address(cx: &Cx) -> String {
    let slice = cx.backend.read().get::<EndpointSlice>(&Key::new("default", "kubernetes"));
    let host = slice.and_then(|s| s.endpoints.first()).and_then(|e| e.addresses.first());
    let port = slice.and_then(|s| s.ports.first()).and_then(|p| p.port);
    format!("https://{}:{}", host.map_or("kubernetes.default.svc", String::as_str), port.unwrap_or(443))
}
