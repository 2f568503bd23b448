"""What record.py and reset.py share: the API over HTTPS from inside the cp network namespace."""
import http.client, json, os, ssl, subprocess, sys, time

K = "/work/k8s"
HOST, TOKEN = "192.0.2.10", "lab-admin-token"


def enter():
    """Re-executes the script inside the control plane's network namespace."""
    if os.environ.get("K8SLAB_NETNS") != "cp":
        os.environ["K8SLAB_NETNS"] = "cp"
        os.execvp("nsenter", ["nsenter", "--net=/run/netns/cp", sys.executable, *sys.argv])


_conn = None


def api(method, path, body=None, ctype="application/json"):
    global _conn
    for attempt in (0, 1):
        try:
            if _conn is None:
                _conn = http.client.HTTPSConnection(HOST, 6443, context=ssl._create_unverified_context(), timeout=30)
            _conn.request(method, path, json.dumps(body) if body is not None else None,
                          {"Authorization": "Bearer " + TOKEN, "Content-Type": ctype, "Accept": "application/json"})
            r = _conn.getresponse()
            data = r.read()
            try:
                return r.status, json.loads(data)
            except ValueError:
                return r.status, {}
        except (OSError, http.client.HTTPException):
            _conn = None
            if attempt:
                raise


def resources():
    """[(path prefix up to the plural, namespaced, kind, apiVersion, verbs)] of everything served, preferred versions."""
    out, seen = [], set()
    gvs = ["/api/v1"] + [f"/apis/{g['preferredVersion']['groupVersion']}" for g in api("GET", "/apis")[1].get("groups", [])]
    for gv in gvs:
        for r in api("GET", gv)[1].get("resources", []):
            key = (gv.rsplit("/", 1)[0], r["name"])
            if "/" not in r["name"] and key not in seen:
                seen.add(key)
                out.append((gv, r["name"], r["namespaced"], r["kind"], gv.split("/", 2)[2], r["verbs"]))
    return out


def items(gv, name, ns=None, rv0=False):
    p = f"{gv}/namespaces/{ns}/{name}" if ns else f"{gv}/{name}"
    return api("GET", p + ("?resourceVersion=0" if rv0 else ""))[1].get("items") or []
