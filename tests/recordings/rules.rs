//! `ksl rules` as a person types it: the live rules of a node in any mode, at any moment of a session, a manifest or a preset.

use std::process::Command;

/// Standard output, standard error and exit code of `ksl` with these words.
fn ksl(words: &str) -> (String, String, i32) {
    let folder = env!("CARGO_MANIFEST_DIR");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ksl"));
    let out = command.args(words.split_whitespace()).current_dir(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&out.stdout), text(&out.stderr), out.status.code().unwrap_or(-1))
}

const SESSION: &str = "tests/golden/transcripts/29-source-ip.transcript";

#[test]
fn each_mode_prints_in_the_form_of_its_own_tool() {
    let rules = |mode: &str| ksl(&format!("rules --mode {mode} --node node-1 {SESSION}")).0;
    let iptables = rules("iptables");
    assert!(iptables.starts_with("*nat\n") && iptables.contains("*filter\n") && iptables.trim_end().ends_with("COMMIT"));
    // The session ends with externalTrafficPolicy Local and its one Pod on this node.
    assert!(
        iptables
            .contains("-A KUBE-EXT-LOLE4ISW44XBNF3G -m comment --comment \"pod traffic for default/web external destinations\"")
    );
    assert!(iptables.contains("KUBE-SVL-LOLE4ISW44XBNF3G"));
    let nftables = rules("nftables");
    assert!(nftables.starts_with("table ip kube-proxy {\n"));
    assert!(nftables.contains("tcp . 30080 : goto external-PFISGYVC-default/web/tcp/"));
    let ipvs = rules("ipvs");
    assert!(ipvs.starts_with("IP Virtual Server version") && ipvs.contains("TCP  192.0.2.11:30080 rr\n  -> 10.244.1."));
}

#[test]
fn nodes_differ_and_so_do_moments() {
    let at = |words: &str| ksl(&format!("rules {words} {SESSION}")).0;
    let dropped = "--comment \"default/web has no local endpoints\"";
    assert!(at("--node node-2").contains(dropped) && !at("--node node-1").contains(dropped));
    // Before the manifest is applied, the cluster has its own Services only.
    assert!(!at("--at 100ms").contains("default/web") && at("--at=100ms").contains("kube-system/kube-dns:dns"));
    let preset = ksl("rules --preset first").0;
    assert_eq!(preset.matches("--comment \"default/web -> ").count(), 3);
}

#[test]
fn what_cannot_be_shown_is_said_with_what_can() {
    for (words, why) in [
        ("rules --mode ebpf", "iptables, nftables or ipvs"),
        ("rules --node node-9", "node-1, node-2, node-3"),
        ("rules --at soon", "as 2.5s or 1m"),
        ("rules --preset nothing", "first"),
        ("rules nothing.yaml", "nothing.yaml"),
    ] {
        let (out, err, code) = ksl(words);
        assert!(out.is_empty() && err.contains(why) && code == 1, "{words}: {code} {err}");
    }
}
