#!/usr/bin/env python3
"""Builds the images as docker archives (images/*.tar) and a registry directory (registry/)."""
import hashlib, io, json, os, subprocess, tarfile
os.chdir(os.path.dirname(os.path.abspath(__file__)))
os.makedirs("images", exist_ok=True); os.makedirs("registry/blobs", exist_ok=True)
sha = lambda b: hashlib.sha256(b).hexdigest()
applets = subprocess.check_output(["busybox", "--list-full"], text=True).split()
def layer(extra):
    buf = io.BytesIO()
    t = tarfile.open(fileobj=buf, mode="w")
    seen = set()
    def d(p, mode=0o755):
        if p and p not in seen:
            d(os.path.dirname(p)); seen.add(p)
            i = tarfile.TarInfo(p); i.type = tarfile.DIRTYPE; i.mode = mode; t.addfile(i)
    def f(p, data, mode=0o755):
        d(os.path.dirname(p)); i = tarfile.TarInfo(p); i.size = len(data); i.mode = mode; t.addfile(i, io.BytesIO(data))
    for p in ["bin", "sbin", "usr/bin", "usr/sbin", "etc", "root", "proc", "sys", "dev", "var/run", "usr/local/bin", "usr/share/nginx/html", "home"]: d(p)
    d("tmp", 0o1777)
    f("bin/busybox", open("/bin/busybox", "rb").read())
    for a in applets:
        a = a.lstrip("/")
        if a == "bin/busybox" or a == "linuxrc": continue
        d(os.path.dirname(a)); i = tarfile.TarInfo(a); i.type = tarfile.SYMTYPE; i.linkname = "/bin/busybox"; t.addfile(i)
    f("lab", open("lab", "rb").read())
    f("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/nonexistent:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n", 0o644)
    f("etc/group", b"root:x:0:\nnginx:x:101:\nnobody:x:65534:\n", 0o644)
    f("usr/share/nginx/html/index.html", b"<h1>Welcome to nginx!</h1>\n", 0o644)
    for p, data in extra.items(): f(p, data, 0o755 if p == "coredns" else 0o644)
    t.close(); return buf.getvalue()
def image(name, repo, tag, cfg, extra={}):
    lay = layer(extra)
    config = json.dumps({"architecture": "amd64", "os": "linux", "created": "2026-10-14T00:00:00Z", "config": cfg,
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha(lay)]}, "history": [{"created": "2026-10-14T00:00:00Z"}]}).encode()
    with tarfile.open(f"images/{name}.tar", "w") as t:
        def add(p, b):
            i = tarfile.TarInfo(p); i.size = len(b); t.addfile(i, io.BytesIO(b))
        add(sha(config) + ".json", config); add("l/layer.tar", lay)
        add("manifest.json", json.dumps([{"Config": sha(config) + ".json", "RepoTags": [f"{repo}:{tag}"], "Layers": ["l/layer.tar"]}]).encode())
    m = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": len(config), "digest": "sha256:" + sha(config)},
        "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar", "size": len(lay), "digest": "sha256:" + sha(lay)}]}).encode()
    for b in (lay, config, m): open("registry/blobs/" + sha(b), "wb").write(b)
    open(f"registry/{repo.split('/', 1)[-1].replace('/', '_') if '.' in repo.split('/')[0] else 'library_' + repo}_{tag}.json", "wb").write(m)
P = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
for v in ("1.27", "1.28", "1.29"):
    image("nginx-" + v, "nginx", v, {"Env": [P], "Cmd": ["/lab", "web", v], "StopSignal": "SIGTERM"}, {"etc/version": v.encode()})
image("busybox", "busybox", "1.37", {"Env": [P], "Cmd": ["/lab", "idle"]})
image("pause", "registry.k8s.io/pause", "3.10", {"Env": [P], "Entrypoint": ["/lab", "idle"], "User": "65535:65535"})
if os.path.exists("../coredns/coredns"):  # the real CoreDNS 1.15.0, built from source
    image("coredns", "registry.k8s.io/coredns/coredns", "v1.15.0", {"Env": [P], "Entrypoint": ["/coredns"], "WorkingDir": "/"}, {"coredns": open("../coredns/coredns", "rb").read()})
