# Sourced by node. etcd, API server, controller manager and scheduler in the node's network namespace.
# shellcheck shell=bash disable=SC2154

# certificate FILE SUBJECT [SUBJECT-ALT-NAMES]: a key pair signed by the node's authority, in pki/FILE.key and .crt.
certificate() {
  local file=$state/pki/$1
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$file.key" -out "$file.csr" 2>/dev/null
  openssl x509 -req -in "$file.csr" -CA "$state/pki/ca.crt" -CAkey "$state/pki/ca.key" -days 30 \
    -set_serial "0x$(openssl rand -hex 8)" -out "$file.crt" ${3:+-extfile <(echo "subjectAltName=$3")} 2>/dev/null
}

make_keys() {
  mkdir -p "$state/pki"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$name" \
    -keyout "$state/pki/ca.key" -out "$state/pki/ca.crt" 2>/dev/null
  openssl ecparam -genkey -name prime256v1 -noout -out "$state/pki/service-accounts.key"
  openssl ec -in "$state/pki/service-accounts.key" -pubout -out "$state/pki/service-accounts.pub" 2>/dev/null
  certificate apiserver /CN=kube-apiserver "DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1,IP:$node_address"
  certificate admin /O=system:masters/CN=admin
  certificate kubelet "/O=system:nodes/CN=system:node:$name" "DNS:$name,IP:$node_address"
}

# kubeconfig_for CERTIFICATE: a kubeconfig on standard output.
kubeconfig_for() {
  cat <<YAML
apiVersion: v1
kind: Config
clusters:
  - name: $name
    cluster: {server: "https://$node_address:6443", certificate-authority-data: $(base64 -w0 "$state/pki/ca.crt")}
users:
  - name: $1
    user: {client-certificate-data: $(base64 -w0 "$state/pki/$1.crt"), client-key-data: $(base64 -w0 "$state/pki/$1.key")}
contexts:
  - name: $name
    context: {cluster: $name, user: $1}
current-context: $name
YAML
}

start_control_plane() {
  make_keys
  (umask 077 && kubeconfig_for admin >"$kubeconfig" && kubeconfig_for kubelet >"$state/kubelet.kubeconfig")
  # A throw-away cluster need not survive a power cut: no fsync.
  start etcd nsenter --net="/run/netns/$namespace" "$binaries/etcd" --name "$name" --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster "$name=http://127.0.0.1:2380"
  start kube-apiserver nsenter --net="/run/netns/$namespace" "$binaries/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
    --bind-address "$node_address" --advertise-address "$node_address" --secure-port 6443 --service-cluster-ip-range 10.96.0.0/16 \
    --tls-cert-file "$state/pki/apiserver.crt" --tls-private-key-file "$state/pki/apiserver.key" --client-ca-file "$state/pki/ca.crt" \
    --kubelet-client-certificate "$state/pki/admin.crt" --kubelet-client-key "$state/pki/admin.key" \
    --kubelet-preferred-address-types InternalIP --allow-privileged \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$state/pki/service-accounts.pub" \
    --service-account-signing-key-file "$state/pki/service-accounts.key" \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction
  await kube-apiserver "$binaries/kubectl" --kubeconfig "$kubeconfig" get --raw /readyz
  start kube-controller-manager nsenter --net="/run/netns/$namespace" "$binaries/kube-controller-manager" --kubeconfig "$kubeconfig" \
    --leader-elect=false --bind-address 127.0.0.1 --use-service-account-credentials \
    --service-account-private-key-file "$state/pki/service-accounts.key" --root-ca-file "$state/pki/ca.crt" \
    --cluster-signing-cert-file "$state/pki/ca.crt" --cluster-signing-key-file "$state/pki/ca.key"
  start kube-scheduler nsenter --net="/run/netns/$namespace" "$binaries/kube-scheduler" --kubeconfig "$kubeconfig" \
    --leader-elect=false --bind-address 127.0.0.1
  await kube-controller-manager "$binaries/kubectl" --kubeconfig "$kubeconfig" -n default get serviceaccount default
}

# The API server first: without etcd it would take a minute to give up.
stop_control_plane() {
  stop kube-scheduler
  stop kube-controller-manager
  stop kube-apiserver
  stop etcd
}
