#!/bin/bash
set -e
cd /work/k8s/etc; [ -f tokens.csv ] && exit 0
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 3650 -subj /CN=kubernetes -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,digitalSignature 2>/dev/null
cert() { # name subject san
  openssl req -newkey rsa:2048 -nodes -keyout $1.key -out $1.csr -subj "$2" 2>/dev/null
  printf "%s\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=digitalSignature,keyEncipherment\n" "${3:+subjectAltName=$3}" > $1.ext
  openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile $1.ext -out $1.crt 2>/dev/null; rm $1.csr $1.ext
}
cert apiserver /CN=kube-apiserver IP:10.96.0.1,IP:192.0.2.10,IP:127.0.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
cert kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
openssl genrsa -out sa.key 2048 2>/dev/null; openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
kc() { # file context user token
cat > $1 <<Y
apiVersion: v1
kind: Config
clusters:
- name: x
  cluster: {server: "https://192.0.2.10:6443", certificate-authority-data: $(base64 -w0 ca.crt)}
contexts:
- name: x
  context: {cluster: x, user: x}
current-context: x
users:
- name: x
  user: {token: $2}
Y
}
: > tokens.tmp
tok() { t=lab-$1-token; echo "$t,$2,$1,\"$3\"" >> tokens.tmp; kc $1.kubeconfig $t; }
tok admin admin system:masters
tok kcm system:kube-controller-manager ""
tok scheduler system:kube-scheduler ""
for k in 1 2 3; do tok node-$k system:node:node-$k system:nodes; tok proxy-$k system:kube-proxy ""; done
mv tokens.tmp tokens.csv
echo 'nameserver 192.0.2.10' > resolv.conf
