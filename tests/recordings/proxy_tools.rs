//! The printed rules are read by the real tools, where there are any: iptables-restore and nft, in a network namespace of
//! their own. Without the tools or the right to make a namespace the tests say so and pass.

use kube_service_lab::node::proxy::{Mode, RuleSet, nftables};
use kube_service_lab::vectors::proxy::Node;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

/// The cases of a recorded file.
fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/golden/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file["cases"].as_array().unwrap().clone()
}

/// Runs a shell script in a new network namespace with `input` on its standard input.
fn in_namespace(script: &str, input: &str) -> Result<String, String> {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let run = || {
        let mut child = Command::new("unshare")
            .args(["--net", "sh", "-c", script])
            .env("PATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input.as_bytes()))?;
        child.wait_with_output()
    };
    let out = run().map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if out.status.success() { Ok(text(&out.stdout)) } else { Err(text(&out.stderr)) }
}

/// The tool's version; `None`: it cannot run here.
fn version(tool: &str, script: &str) -> Option<String> {
    let version = in_namespace(&format!("cat > /dev/null; {script}"), "");
    if let Err(error) = &version {
        println!("skipped: no {tool}, or no right to make a network namespace: {error}");
    }
    version.ok()
}

#[test]
fn iptables_restore_takes_the_printed_rules() {
    // Listing too must work: the kernel may have no tables.
    if version("iptables-restore", "iptables-restore --version && echo '*nat\nCOMMIT' | iptables-restore --test").is_none() {
        return;
    }
    for case in cases("iptables-rules.json").iter().filter(|case| case["in"].get("endpointSlices").is_some()) {
        let text = Node::new(Mode::Iptables, &case["in"]).unwrap().proxier.rules().print();
        let result = in_namespace("iptables-restore --test", &text);
        assert_eq!(result.map(|_| ()), Ok(()), "{}\n{text}", case["name"]);
    }
}

/// The lines of a listing with the elements of each set in order: the kernel lists them by their hashes.
fn lines(listing: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut elements: Vec<String> = Vec::new();
    for line in listing.lines() {
        let inside = line.trim_start().strip_prefix("elements = { ").or(line.strip_prefix("\t\t\t     "));
        match inside {
            Some(some) => elements.extend(some.trim_end_matches([' ', '}', ',']).split(", ").map(str::to_owned)),
            None => {
                elements.sort_unstable();
                out.append(&mut elements);
                out.push(line.to_owned());
            }
        }
    }
    out
}

#[test]
fn nft_takes_the_printed_table_and_lists_it_like_that() {
    let Some(version) = version("nft", "nft --version && nft list ruleset") else { return };
    for case in cases("nftables-rules.json") {
        let node = Node::new(Mode::Nftables, &case["in"]).unwrap();
        let RuleSet::Nftables(rules) = &**node.proxier.rules() else { panic!("not nftables") };
        let (commands, listed) = (nftables::add_lines(rules).join("\n") + "\n", nftables::list(rules));
        let result = in_namespace("nft -c -f -", &listed);
        assert_eq!(result.map(|_| ()), Ok(()), "{}\n{listed}", case["name"]);
        let real = in_namespace("nft -f - && nft list table ip kube-proxy", &commands);
        let real = real.unwrap_or_else(|error| panic!("{}: {error}\n{commands}", case["name"]));
        // Other versions of nft spell some rules differently.
        if version.contains("v1.0.6 ") {
            assert_eq!(lines(&real), lines(&listed), "{}", case["name"]);
        }
    }
}
