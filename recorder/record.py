#!/usr/bin/env python3
"""record.py SCRIPT.transcript OUT.transcript [--no-reset] [-v]

Plays a transcript script against the real cluster and writes a transcript in the format of /work/shared/golden
(and OUT.objects.json when it has snapshots). Outputs already in SCRIPT are ignored. One session at a time (flock)."""
import fcntl, json, os, re, shutil, signal, subprocess, sys, tempfile, threading, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from labapi import *

enter()
LAB = K + "/lab/lab"
VERBOSE = "-v" in sys.argv
TIMEOUT = 180


def parse(text):
    """-> [(kind, line or (name, body))]"""
    steps, lines, i = [], text.split("\n"), 0
    blank, inout = True, False
    while i < len(lines):
        l = lines[i]
        if l.startswith("@file "):
            body = []
            i += 1
            while i < len(lines) and lines[i] != "@end":
                body.append(lines[i])
                i += 1
            steps.append(("file", (l[6:].strip(), "\n".join(body) + "\n")))
            inout = False
        elif l.startswith("$ "):
            steps.append(("cmd", l[2:]))
            inout = True
        elif l.startswith("= "):
            steps.append(("var", l[2:]))
            inout = False
        elif l.startswith("! "):
            steps.append(("act", l[2:].strip()))
            inout = l.split()[1] in ("request", "collect", "resolve")
        elif l.startswith("#") and (not inout or blank):
            steps.append(("comment", l))
            inout = False
        blank = l == "" or l == "@end"
        i += 1
    return steps


class Session:
    def __init__(self, out):
        self.out = open(out, "w")
        self.dir = tempfile.mkdtemp(prefix="rec.")
        self.home = tempfile.mkdtemp(prefix="home.")
        os.mkdir(self.home + "/.kube")
        shutil.copy(K + "/etc/admin.kubeconfig", self.home + "/.kube/config")
        self.env = {"HOME": self.home, "PATH": K + "/bin:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb", "EDITOR": "false"}
        self.bg = None
        self.snaps = []
        self.t0 = time.time()
        self.quiet_since = time.time()
        self.last = None

    def w(self, s):
        self.out.write(s + "\n")
        self.out.flush()
        if VERBOSE:
            print(s, flush=True)

    def run(self, cmd, merge=True):
        p = subprocess.Popen(["sh", "-c", cmd], cwd=self.dir, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT if merge else subprocess.DEVNULL, start_new_session=True)
        try:
            o, _ = p.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            o, _ = p.communicate()
        return o.decode("utf-8", "replace"), p.returncode

    def emit(self, text):
        text = text.rstrip("\n")
        if text:
            self.w(text)

    # -- waiting
    KINDS = [("/api/v1", n) for n in ("pods", "services", "endpoints", "configmaps", "secrets", "serviceaccounts", "namespaces", "persistentvolumeclaims", "replicationcontrollers")] + \
            [("/apis/apps/v1", n) for n in ("deployments", "replicasets", "daemonsets", "statefulsets")] + \
            [("/apis/discovery.k8s.io/v1", "endpointslices"), ("/apis/batch/v1", "jobs"), ("/apis/batch/v1", "cronjobs"), ("/apis/autoscaling/v2", "horizontalpodautoscalers"), ("/apis/policy/v1", "poddisruptionbudgets")]

    def state(self):
        s = {}
        for gv, n in self.KINDS:
            for o in items(gv, n, rv0=True):
                s[n, o["metadata"]["uid"]] = o["metadata"]["resourceVersion"]
        for o in items("/api/v1", "nodes", rv0=True):
            s["node", o["metadata"]["name"]] = json.dumps([o["spec"], o["metadata"].get("labels"), [(c["type"], c["status"]) for c in o["status"].get("conditions", [])]])
        return s

    def settle(self):
        end = time.time() + 90
        cur, since = self.state(), time.time()
        while time.time() < end and time.time() - since < 4:
            time.sleep(0.4)
            s = self.state()
            if s != cur:
                cur, since = s, time.time()

    # -- traffic
    def netns(self, who):
        """nsenter arguments for a Pod or `outside`."""
        if who == "outside":
            return ["--net=/run/netns/outside"]
        st, pod = api("GET", f"/api/v1/namespaces/default/pods/{who}")
        if st != 200:
            raise RuntimeError(f"no pod {who}")
        node = pod["spec"]["nodeName"]
        cid = pod["status"]["containerStatuses"][0]["containerID"].split("//")[1]
        t = subprocess.run(["ctr", "-a", f"/run/k8slab/{node}/containerd.sock", "-n", "k8s.io", "tasks", "ls"], capture_output=True, text=True).stdout
        pid = next(l.split()[1] for l in t.splitlines() if l.startswith(cid))
        return ["-t", pid, "--net", "--mount"]

    def traffic(self, who, args):
        ns = self.netns(who)
        lab = LAB if who == "outside" else "/lab"
        return subprocess.Popen(["nsenter", *ns, lab, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"PATH": "/bin"}, cwd="/")

    def snapshot(self, name):
        objs = []
        for gv, n, kind in (("/api/v1", "pods", "Pod"), ("/api/v1", "services", "Service"), ("/apis/apps/v1", "deployments", "Deployment"), ("/apis/apps/v1", "replicasets", "ReplicaSet"),
                            ("/apis/discovery.k8s.io/v1", "endpointslices", "EndpointSlice"), ("/api/v1", "endpoints", "Endpoints"), ("/apis/apps/v1", "daemonsets", "DaemonSet"),
                            ("/apis/apps/v1", "statefulsets", "StatefulSet"), ("/apis/batch/v1", "jobs", "Job"), ("/api/v1", "nodes", "Node")):
            for o in items(gv, n, None if n == "nodes" else "default"):
                o["metadata"].pop("managedFields", None)
                objs.append({"apiVersion": gv.split("/", 2)[2], "kind": kind, **o})
        ev = items("/api/v1", "events", "default")
        for e in ev:
            e["metadata"].pop("managedFields", None)
        self.snaps.append({"name": name, "seconds": round(time.time() - self.t0, 1), "objects": objs, "events": ev})

    def act(self, line):
        a = [os.path.expandvars(x) if "$" in x else x for x in line.split()]
        for i, x in enumerate(line.split()):
            a[i] = re.sub(r"\$\{?(\w+)\}?", lambda m: self.env.get(m.group(1), ""), x)
        self.w("! " + line)
        if a[0] == "settle":
            self.settle()
        elif a[0] == "sleep":
            m = re.fullmatch(r"(?:(\d+)m)?(?:([\d.]+)s)?", a[1])
            time.sleep(float(m.group(1) or 0) * 60 + float(m.group(2) or 0) if m else float(a[1]))
        elif a[0] == "snapshot":
            self.snapshot(a[1])
        elif a[0] == "node":
            k = a[2].split("-")[1]
            subprocess.run(["ip", "-n", "cp", "link", "set", f"n{k}", a[1]], check=True)
        elif a[0] in ("request", "resolve"):
            try:
                args = ["request", a[2], a[3]] if a[0] == "request" else ["resolve", *a[2:]]
                o = self.traffic(a[1], args).communicate(timeout=TIMEOUT)[0].decode()
            except Exception as e:
                o = f"ERR {e}"
            self.emit(o)
            self.w("")
        elif a[0] == "background":
            try:
                self.bg = self.traffic(a[1], ["background", a[2], a[3], a[4], *a[5:]])
                time.sleep(0.1)
            except Exception as e:
                self.bg = e
        elif a[0] == "collect":
            o = self.bg.communicate(timeout=600)[0].decode() if hasattr(self.bg, "communicate") else f"ERR {self.bg}"
            self.emit(o)
            self.w("")

    def play(self, steps):
        for kind, x in steps:
            if kind == "comment":
                self.w(x)
            elif kind == "file":
                name, body = x
                p = os.path.join(self.dir, name)
                os.makedirs(os.path.dirname(p), exist_ok=True)
                open(p, "w").write(body)
                self.w(f"@file {name}\n{body}@end")
            elif kind == "cmd":
                o, rc = self.run(x)
                self.w("$ " + x)
                self.emit(o)
                if rc:
                    self.w(f"[exit {rc}]")
                self.w("")
            elif kind == "var":
                name, cmd = x.split(" ", 1)
                o, _ = self.run(cmd, merge=False)
                self.env[name] = o.strip()
                self.w("= " + x)
            else:
                self.act(x)


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("-")]
    script, out = args[:2]
    steps = parse(open(script).read())
    with open(K + "/.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["bash", K + "/up.sh"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if "--no-reset" not in sys.argv:
            subprocess.run([sys.executable, K + "/reset.py"], check=True)
        s = Session(out)
        try:
            s.play(steps)
        finally:
            if s.bg is not None and hasattr(s.bg, "poll") and s.bg.poll() is None:
                s.bg.kill()
            for k in (1, 2, 3):
                subprocess.run(["ip", "-n", "cp", "link", "set", f"n{k}", "up"])
            shutil.rmtree(s.dir, ignore_errors=True)
            shutil.rmtree(s.home, ignore_errors=True)
        if s.snaps:
            json.dump(s.snaps, open(re.sub(r"\.transcript$", "", out) + ".objects.json", "w"), indent=1, sort_keys=True)


main()
