#!/usr/bin/env python3
"""Back to an empty cluster: default holds only the Service kubernetes, no foreign namespaces, clean nodes, no cluster-scoped leftovers."""
import json, os, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from labapi import *

enter()
BASE = K + "/etc/baseline.json"
SYSTEM = {"default", "kube-system", "kube-public", "kube-node-lease"}
KEEP_NODE_LABELS = {"beta.kubernetes.io/arch", "beta.kubernetes.io/os", "kubernetes.io/arch", "kubernetes.io/hostname", "kubernetes.io/os", "topology.kubernetes.io/zone"}
KEEP_NODE_ANN = {"node.alpha.kubernetes.io/ttl", "volumes.kubernetes.io/controller-managed-attach-detach"}
SKIP = {"events", "nodes", "namespaces", "componentstatuses", "leases", "leasecandidates", "csinodes", "ipaddresses", "servicecidrs", "apiservices", "certificatesigningrequests", "clustertrustbundles"}
VERBOSE = "-v" in sys.argv
log = lambda *a: VERBOSE and print(*a, flush=True)


def main():
    t0 = time.time()
    for k in (1, 2, 3):
        subprocess.run(["ip", "-n", "cp", "link", "set", f"n{k}", "up"])
    res = [r for r in resources() if "list" in r[5] and "delete" in r[5]]
    cluster = [r for r in res if not r[2] and r[1] not in SKIP]
    spaced = [r for r in res if r[2] and r[1] not in SKIP]
    if not os.path.exists(BASE) or "--baseline" in sys.argv:
        b = {"cluster": {}, "ns": {}}
        for gv, n, *_ in cluster:
            b["cluster"][n] = [o["metadata"]["name"] for o in items(gv, n)]
        for s in SYSTEM - {"default"}:
            b["ns"][s] = {n: [o["metadata"]["name"] for o in items(gv, n, s)] for gv, n, *_ in spaced if n not in ("pods", "replicasets", "endpointslices", "endpoints")}
        json.dump(b, open(BASE, "w"))
    base = json.load(open(BASE))
    # namespaces first: they go by themselves
    for ns in items("/api/v1", "namespaces"):
        if ns["metadata"]["name"] not in SYSTEM:
            api("DELETE", "/api/v1/namespaces/" + ns["metadata"]["name"])
    # nodes
    for nd in items("/api/v1", "nodes"):
        m, s = nd["metadata"], nd["spec"]
        p = {"metadata": {}, "spec": {}}
        bad = {k: None for k in m.get("labels", {}) if k not in KEEP_NODE_LABELS}
        zone = "zone-b" if m["name"] == "node-3" else "zone-a"
        if m.get("labels", {}).get("topology.kubernetes.io/zone") != zone:
            bad["topology.kubernetes.io/zone"] = zone
        if bad:
            p["metadata"]["labels"] = bad
        ann = {k: None for k in m.get("annotations", {}) if k not in KEEP_NODE_ANN}
        if ann:
            p["metadata"]["annotations"] = ann
        if s.get("unschedulable"):
            p["spec"]["unschedulable"] = None
        taints = s.get("taints") or []
        keep = [t for t in taints if t["key"].startswith("node.kubernetes.io/")]
        if keep != taints:
            p["spec"]["taints"] = keep or None
        if p["metadata"] or p["spec"]:
            log("node", m["name"], p)
            api("PATCH", "/api/v1/nodes/" + m["name"], p, "application/merge-patch+json")

    def drop(gv, n, ns, o):
        m = o["metadata"]
        p = f"{gv}/namespaces/{ns}/{n}/{m['name']}" if ns else f"{gv}/{n}/{m['name']}"
        if m.get("finalizers"):
            api("PATCH", p, {"metadata": {"finalizers": None}}, "application/merge-patch+json")
        body = {"propagationPolicy": "Background"}
        if n == "pods":
            body["gracePeriodSeconds"] = 1
        log("delete", p)
        api("DELETE", p, body)

    def leftovers(ns, r):
        gv, n = r[0], r[1]
        out = []
        for o in items(gv, n, ns):
            name = o["metadata"]["name"]
            if ns == "default":
                if (n, name) in (("services", "kubernetes"), ("endpoints", "kubernetes"), ("endpointslices", "kubernetes"), ("configmaps", "kube-root-ca.crt"), ("serviceaccounts", "default")):
                    continue
            elif n in ("pods", "replicasets", "endpointslices", "endpoints") or name in base["ns"].get(ns, {}).get(n, []):
                continue
            out.append((gv, n, ns, o))
        return out

    ORDER = ["horizontalpodautoscalers", "cronjobs", "jobs", "deployments", "statefulsets", "daemonsets", "replicasets", "replicationcontrollers", "services", "pods"]
    key = lambda r: ORDER.index(r[1]) if r[1] in ORDER else 99
    end = time.time() + 40
    first = True
    while True:
        left = []
        for r in sorted(spaced, key=key):
            for ns in ("default",):
                for x in leftovers(ns, r):
                    left.append(x)
                    if first or not x[3]["metadata"].get("deletionTimestamp"):
                        drop(*x)
        for gv, n, *_ in cluster:
            for o in items(gv, n):
                if o["metadata"]["name"] not in base["cluster"].get(n, []) and not (n in ("persistentvolumes",) and o["metadata"].get("deletionTimestamp")):
                    left.append((gv, n, None, o))
                    drop(gv, n, None, o)
        first = False
        ns_left = [n["metadata"]["name"] for n in items("/api/v1", "namespaces") if n["metadata"]["name"] not in SYSTEM]
        if ns_left and time.time() - t0 > 20:  # a finalizer in a namespace: take everything's away
            for ns in ns_left:
                for r in spaced:
                    for o in items(r[0], r[1], ns):
                        drop(r[0], r[1], ns, o)
        notready = [nd["metadata"]["name"] for nd in items("/api/v1", "nodes")
                    if nd["spec"].get("taints") or not any(c["type"] == "Ready" and c["status"] == "True" for c in nd["status"].get("conditions", []))]
        svc = api("GET", "/api/v1/namespaces/default/services/kubernetes")
        if svc[0] == 200 and svc[1]["spec"].get("selector"):
            api("DELETE", "/api/v1/namespaces/default/services/kubernetes")
        if not left and not ns_left and not notready and svc[0] == 200:
            break
        log("left", [(x[1], x[3]["metadata"]["name"]) for x in left], ns_left, notready)
        if time.time() > end:
            print("reset: still there:", [(x[1], x[3]["metadata"]["name"]) for x in left], ns_left, notready, file=sys.stderr)
            break
        time.sleep(0.5)
    # images that a pull gave a digest: back to imported ones
    for k in (1, 2, 3):
        c = ["ctr", "-a", f"/run/k8slab/node-{k}/containerd.sock", "-n", "k8s.io", "images"]
        refs = subprocess.run(c + ["ls", "-q"], capture_output=True, text=True).stdout.split()
        digests = [r for r in refs if "@sha256:" in r]
        if digests:
            subprocess.run(c + ["rm", *digests], capture_output=True)
    api("DELETE", "/apis/events.k8s.io/v1/namespaces/default/events")
    api("DELETE", "/api/v1/namespaces/default/events")
    log("reset took %.1f s" % (time.time() - t0))


main()
