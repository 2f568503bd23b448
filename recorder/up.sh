#!/bin/bash
# Starts whatever does not run yet: network, etcd, control plane, registry, nodes (containerd, kubelet, kube-proxy).
K=/work/k8s; B=$K/bin; E=$K/etc; R=/run/k8slab; V=/var/lib/k8slab; L=$K/log
mkdir -p $R $V $L $E; bash $K/net.sh; bash $K/certs.sh
inns() { local n=$1; shift; nsenter --net=/run/netns/$n "$@"; }
start() { # name netns command...
  n=$1 ns=$2; case $3 in /work/*) [ -x $3 ] || return 0;; esac; shift 2
  [ -f $R/$n.pid ] && cat /proc/$(cat $R/$n.pid)/cmdline 2>/dev/null | tr "\\0" " " | grep -q "${1##*/}" && return
  (cd /; setsid nsenter --net=/run/netns/$ns "$@" </dev/null >>$L/$n.log 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- 250>&- 251>&- & echo $! > $R/$n.pid)
}
start etcd cp $B/etcd --data-dir $V/etcd --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 --unsafe-no-fsync --log-level warn
start registry cp $K/lab/lab registry $K/lab/registry 192.0.2.10:5000
start apiserver cp $B/kube-apiserver --etcd-servers http://127.0.0.1:2379 --advertise-address 192.0.2.10 --service-cluster-ip-range 10.96.0.0/12 --authorization-mode Node,RBAC \
  --token-auth-file $E/tokens.csv --client-ca-file $E/ca.crt --tls-cert-file $E/apiserver.crt --tls-private-key-file $E/apiserver.key \
  --service-account-issuer https://kubernetes.default.svc.cluster.local --service-account-key-file $E/sa.pub --service-account-signing-key-file $E/sa.key \
  --kubelet-client-certificate $E/kubelet-client.crt --kubelet-client-key $E/kubelet-client.key --kubelet-preferred-address-types InternalIP --cert-dir $V/apiserver
for i in $(seq 120); do inns cp $B/kubectl --kubeconfig $E/admin.kubeconfig get --raw /readyz >/dev/null 2>&1 && break; sleep 0.5; done
start kcm cp $B/kube-controller-manager --kubeconfig $E/kcm.kubeconfig --authentication-kubeconfig $E/kcm.kubeconfig --authorization-kubeconfig $E/kcm.kubeconfig --cluster-cidr 10.244.0.0/16 --use-service-account-credentials --service-account-private-key-file $E/sa.key --root-ca-file $E/ca.crt --leader-elect=false --cluster-signing-cert-file $E/ca.crt --cluster-signing-key-file $E/ca.key
start scheduler cp $B/kube-scheduler --kubeconfig $E/scheduler.kubeconfig --authentication-kubeconfig $E/scheduler.kubeconfig --authorization-kubeconfig $E/scheduler.kubeconfig --leader-elect=false
[ -x $B/kube-controller-manager -a -x $B/kubelet ] || { echo "no kubelet yet"; exit 0; }
for k in 1 2 3; do
  N=node-$k; D=$V/$N; mkdir -p $D/cni $D/kubelet $D/logs $D/manifests $R/$N $D/certs.d/docker.io
  printf 'server = "http://192.0.2.10:5000"\n[host."http://192.0.2.10:5000"]\n  capabilities = ["pull", "resolve"]\n' > $D/certs.d/docker.io/hosts.toml; mkdir -p $D/certs.d/_default; cp $D/certs.d/docker.io/hosts.toml $D/certs.d/_default/
  cat > $D/containerd.toml <<T
version = 2
root = "$D/containerd"
state = "$R/$N/containerd"
[grpc]
  address = "$R/$N/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$D/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10"
  disable_apparmor = true
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$D/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$D/certs.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
T
  cat > $D/cni/10-lab.conflist <<T
{"cniVersion": "0.4.0", "name": "lab", "plugins": [
 {"type": "ptp", "ipMasq": false, "ipam": {"type": "host-local", "dataDir": "$D/ipam", "ranges": [[{"subnet": "10.244.$k.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
 {"type": "portmap", "capabilities": {"portMappings": true}}]}
T
  start containerd-$k $N containerd -c $D/containerd.toml
done
for k in 1 2 3; do
  N=node-$k; D=$V/$N; C="ctr -a $R/$N/containerd.sock -n k8s.io"
  for i in $(seq 60); do $C version >/dev/null 2>&1 && break; sleep 0.25; done
  [ -f $D/imported ] || { for t in $K/lab/images/*.tar; do $C images import $t >/dev/null; done; touch $D/imported; }
  for s in cpu cpuacct cpuset memory devices freezer blkio pids systemd unified; do mkdir -p /sys/fs/cgroup/$s/$N; done
  cat /sys/fs/cgroup/cpuset/cpuset.cpus > /sys/fs/cgroup/cpuset/$N/cpuset.cpus; cat /sys/fs/cgroup/cpuset/cpuset.mems > /sys/fs/cgroup/cpuset/$N/cpuset.mems
  cat > $D/kubelet.yaml <<T
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $E/ca.crt}}
authorization: {mode: Webhook}
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix://$R/$N/containerd.sock
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupsPerQOS: true
cgroupRoot: /$N
enforceNodeAllocatable: []
failSwapOn: false
evictionHard: {memory.available: 1Mi}
localStorageCapacityIsolation: false
imageGCHighThresholdPercent: 100
resolvConf: $E/resolv.conf
podLogsDir: $D/logs
staticPodPath: $D/manifests
volumePluginDir: $D/volplugins
address: 192.0.2.1$k
healthzBindAddress: 127.0.0.1
T
  z=zone-a; [ $k = 3 ] && z=zone-b
  start kubelet-$k $N $B/kubelet --config $D/kubelet.yaml --kubeconfig $E/$N.kubeconfig --root-dir $D/kubelet --cert-dir $D/pki --hostname-override $N --node-ip 192.0.2.1$k --node-labels topology.kubernetes.io/zone=$z
  [ -x $B/kube-proxy ] && start proxy-$k $N $B/kube-proxy --kubeconfig $E/proxy-$k.kubeconfig --hostname-override $N --cluster-cidr 10.244.0.0/16 --proxy-mode iptables --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0 --conntrack-tcp-timeout-close-wait 0
done
[ -f $K/lab/images/coredns.tar ] && [ ! -f $V/coredns ] && inns cp $B/kubectl --kubeconfig $E/admin.kubeconfig apply -f $K/coredns/coredns.yaml >/dev/null && touch $V/coredns
true
