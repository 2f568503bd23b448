//! Commands that only hold others: what they say when none of those is named, in kubectl's form.

use crate::kubectl::failure::Failure;

/// A command with its purpose, how it is typed, and its own commands.
struct Group {
    path: &'static str,
    purpose: &'static str,
    usage: &'static str,
    commands: &'static [(&'static str, &'static str)],
}

/// Those whose words the lab knows (kubectl's own ones for `rollout` are with it).
const GROUPS: &[Group] = &[
    Group {
        path: "set",
        purpose: "Configure application resources.\n\n These commands help you make changes to existing application resources.",
        usage: "kubectl set SUBCOMMAND [options]",
        commands: &[
            ("env", "Update environment variables on a pod template"),
            ("image", "Update the image of a pod template"),
            ("resources", "Update resource requests/limits on objects with pod templates"),
            ("selector", "Set the selector on a resource"),
            ("serviceaccount", "Update the service account of a resource"),
            ("subject", "Update the user, group, or service account in a role binding or cluster role binding"),
        ],
    },
    Group {
        path: "config",
        purpose: "Modify kubeconfig files using subcommands like \"kubectl config set current-context my-context\".\n        \n The loading order follows these rules:\n\n  1.  If the --kubeconfig flag is set, then only that file is loaded. The flag may only be set once and no merging takes place.\n  2.  If $KUBECONFIG environment variable is set, then it is used as a list of paths (normal path delimiting rules for your system). These paths are merged. When a value is modified, it is modified in the file that defines the stanza. When a value is created, it is created in the first file that exists. If no files in the chain exist, then it creates the last file in the list.\n  3.  Otherwise, ${HOME}/.kube/config is used and no merging takes place.",
        usage: "kubectl config SUBCOMMAND [options]",
        commands: &[
            ("current-context", "Display the current-context"),
            ("delete-cluster", "Delete the specified cluster from the kubeconfig"),
            ("delete-context", "Delete the specified context from the kubeconfig"),
            ("delete-user", "Delete the specified user from the kubeconfig"),
            ("get-clusters", "Display clusters defined in the kubeconfig"),
            ("get-contexts", "Describe one or many contexts"),
            ("get-users", "Display users defined in the kubeconfig"),
            ("rename-context", "Rename a context from the kubeconfig file"),
            ("set", "Set an individual value in a kubeconfig file"),
            ("set-cluster", "Set a cluster entry in kubeconfig"),
            ("set-context", "Set a context entry in kubeconfig"),
            ("set-credentials", "Set a user entry in kubeconfig"),
            ("unset", "Unset an individual value in a kubeconfig file"),
            ("use-context", "Set the current-context in a kubeconfig file"),
            ("view", "Display merged kubeconfig settings or a specified kubeconfig file"),
        ],
    },
    Group {
        path: "create service",
        purpose: "Create a service using a specified subcommand.\n\nAliases:\nservice, svc",
        usage: "kubectl create service [flags] [options]",
        commands: &[
            ("clusterip", "Create a ClusterIP service"),
            ("externalname", "Create an ExternalName service"),
            ("loadbalancer", "Create a LoadBalancer service"),
            ("nodeport", "Create a NodePort service"),
        ],
    },
    Group {
        path: "create secret",
        purpose: "Create a secret with specified type.\n        \n A docker-registry type secret is for accessing a container registry.\n        \n A generic type secret indicate an Opaque secret type.\n        \n A tls type secret holds TLS certificate and its associated key.",
        usage: "kubectl create secret (docker-registry | generic | tls) [options]",
        commands: &[
            ("docker-registry", "Create a secret for use with a Docker registry"),
            ("generic", "Create a secret from a local file, directory, or literal value"),
            ("tls", "Create a TLS secret"),
        ],
    },
    Group {
        path: "top",
        purpose: "Display resource (CPU/memory) usage.\n\n The top command allows you to see the resource consumption for nodes or pods.\n\n This command requires Metrics Server to be correctly configured and working on the server.",
        usage: "kubectl top [flags] [options]",
        commands: &[
            ("node", "Display resource (CPU/memory) usage of nodes"),
            ("pod", "Display resource (CPU/memory) usage of pods"),
        ],
    },
    Group {
        path: "auth",
        purpose: "Inspect authorization.",
        usage: "kubectl auth [flags] [options]",
        commands: &[
            ("can-i", "Check whether an action is allowed"),
            ("reconcile", "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects"),
            ("whoami", "Experimental: Check self subject attributes"),
        ],
    },
];

/// Names of commands are at least this wide.
const NAME_WIDTH: usize = 11;

/// What a group says without one of its commands; `None` for one whose words the lab does not know.
pub fn help(path: &str) -> Option<Failure> {
    let group = GROUPS.iter().find(|g| g.path == path)?;
    let width = group.commands.iter().map(|(name, _)| name.len()).fold(NAME_WIDTH, usize::max);
    let commands: Vec<String> = group.commands.iter().map(|(name, short)| format!("  {name:<width$}   {short}")).collect();
    Some(Failure::plain(format!(
        "{}\n\nAvailable Commands:\n{}\n\nUsage:\n  {}\n\n\
         Use \"kubectl {path} <command> --help\" for more information about a given command.\n\
         Use \"kubectl options\" for a list of global command-line options (applies to all commands).",
        group.purpose,
        commands.join("\n"),
        group.usage
    )))
}
