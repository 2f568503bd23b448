#!/bin/bash
# Stops everything; --wipe also forgets all state.
R=/run/k8slab; V=/var/lib/k8slab
for n in proxy-1 proxy-2 proxy-3 kubelet-1 kubelet-2 kubelet-3; do [ -f $R/$n.pid ] && kill $(cat $R/$n.pid) 2>/dev/null; done
sleep 1
for k in 1 2 3; do
  C="ctr -a $R/node-$k/containerd.sock -n k8s.io"
  for t in $($C tasks ls -q 2>/dev/null); do $C tasks kill -s KILL $t 2>/dev/null; done
  sleep 0.3
  for t in $($C tasks ls -q 2>/dev/null); do $C tasks rm -f $t >/dev/null 2>&1; done
done
for n in containerd-1 containerd-2 containerd-3 scheduler kcm apiserver registry etcd; do [ -f $R/$n.pid ] && kill $(cat $R/$n.pid) 2>/dev/null; done
sleep 2
rm -f $R/*.pid
grep -o '/var/lib/k8slab[^ ]*\|/run/k8slab[^ ]*' /proc/mounts | sort -r | xargs -r -n1 umount -l 2>/dev/null
for n in cp node-1 node-2 node-3 outside; do ip netns del $n 2>/dev/null; done
[ "$1" = --wipe ] && rm -rf $V $R
true
