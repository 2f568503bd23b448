#!/bin/bash
# Network namespaces: cp (control plane, 192.0.2.10), node-1..3 (192.0.2.11-13), outside (198.51.100.5).
set -e
ip netns list | grep -q '^cp' && exit 0
for n in cp node-1 node-2 node-3 outside; do
  ip netns add $n; ip -n $n link set lo up
  nsenter --net=/run/netns/$n sysctl -qw net.ipv4.ip_forward=1
done
ip -n cp link add br0 type bridge forward_delay 0; ip -n cp link set br0 up; ip -n cp addr add 192.0.2.10/24 dev br0
for k in 1 2 3; do
  ip -n cp link add n$k type veth peer name eth0 netns node-$k
  ip -n cp link set n$k master br0 up
  ip -n node-$k link set eth0 up; ip -n node-$k addr add 192.0.2.1$k/24 dev eth0; ip -n node-$k route add default via 192.0.2.10
  for j in 1 2 3; do [ $j = $k ] || ip -n node-$k route add 10.244.$j.0/24 via 192.0.2.1$j; done
  ip -n cp route add 10.244.$k.0/24 via 192.0.2.1$k
done
ip -n cp link add out type veth peer name eth0 netns outside
ip -n cp link set out up; ip -n cp addr add 198.51.100.1/24 dev out
ip -n outside link set eth0 up; ip -n outside addr add 198.51.100.5/24 dev eth0; ip -n outside route add default via 198.51.100.1
ip -n cp rule add iif out to 10.244.0.0/16 blackhole
nsenter --net=/run/netns/cp sysctl -qw net.bridge.bridge-nf-call-iptables=0 || true
