#!/bin/bash
# Builds everything that up.sh starts, from Go's module proxy and Debian's packages, into /work/k8s (about 25 minutes on two quiet
# cores). Run it from this folder, as root; then /work/k8s/up.sh.
set -euo pipefail
VERSION=1.37.2; MODULES=v0.37.2; ETCD=v3.7.0; COREDNS=v1.15.0
K=/work/k8s; mkdir -p $K/bin $K/etc $K/log
cp -r . $K/
apt-get install -y --no-install-recommends containerd runc iptables conntrack containernetworking-plugins busybox-static
export GOFLAGS=-mod=mod GONOSUMDB='*'

# The source without its vendor folder; the staging modules come as modules of their own.
cd $K
[ -d src ] || { cp -r "$(go mod download -json k8s.io/kubernetes@v$VERSION | sed -n 's/.*"Dir": "\(.*\)",/\1/p')" src; chmod -R u+w src; }
cd src
sed -i -E "s#(k8s.io/[a-z-]+) => ./staging/src/.*#\1 => \1 $MODULES#; /sample-(cli-plugin|controller|apiserver)/d" go.mod
rm -rf vendor go.work go.work.sum
V=k8s.io/component-base/version
L="-X $V.gitVersion=v$VERSION -X $V.gitMajor=1 -X $V.gitMinor=37 -X $V.gitTreeState=clean -X k8s.io/client-go/pkg/version.gitVersion=v$VERSION"
for c in kubectl kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy; do
  go build -p 2 -ldflags "-s -w $L" -o $K/bin/ ./cmd/$c
done
program() { # folder, module, version, where it goes
  cd $K/$1; [ -f go.mod ] || go mod init x; go get $2@$3; go mod tidy; go build -p 2 -o $4 .
}
program etcd go.etcd.io/etcd/server/v3 $ETCD $K/bin/etcd
program coredns github.com/coredns/coredns $COREDNS $K/coredns/coredns
cd $K/lab && go mod tidy && go build -o lab . && python3 images.py
