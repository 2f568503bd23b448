//! The store and its rules: names, uids, resourceVersions, conflicts, allocation of ClusterIPs and node ports,
//! admission, patch, deletion, and the changes that watchers will be told of.
//!
//! Promises: a request that is refused changes nothing; every change has one resourceVersion, higher than all before.
//! Must not know: controllers, kubelets, proxies, clients, the screen.
