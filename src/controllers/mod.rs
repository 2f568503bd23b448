//! The control loops of kube-controller-manager and the scheduler, one file each, with Kubernetes' own names.
//!
//! Promises: a controller sees the cluster only through its informer cache, which is told of changes later.
//! Must not know: kube-proxy, the network, clients, the screen.
