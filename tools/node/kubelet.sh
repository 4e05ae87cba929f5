# Sourced by node. containerd, its images, kubelet and kube-proxy.
# shellcheck shell=bash disable=SC2154

on_containerd() { ctr --address "$state/containerd.sock" --namespace k8s.io "$@"; }

start_containerd() {
  mkdir -p "$state/cni"
  # Version 2 of the file is what containerd 1.6 wants; 2.x reads it too.
  cat >"$state/containerd.toml" <<TOML
version = 2
disabled_plugins = ["io.containerd.internal.v1.opt"] # it would make /opt/containerd
root = "$state/containerd/root"
state = "$state/containerd/state"
[grpc]
  address = "$state/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  disable_apparmor = true
  # Where root lacks CAP_SYS_RESOURCE runc may not lower the score, and every sandbox would fail on it.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$cni_plugins"
    conf_dir = "$state/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
TOML
  cat >"$state/cni/10-bridge.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "$name", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_network"}]], "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "$state/ipam"}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
  start containerd nsenter --net="/run/netns/$namespace" containerd --config "$state/containerd.toml"
  await containerd on_containerd version
}

# A docker-archive of one file: what `ctr images import` and `docker load` take.
pack_pause_image() {
  local directory=$state/pause layer config
  mkdir -p "$directory"
  tar --create --file "$directory/layer.tar" --directory "$binaries" --owner 0 --group 0 --mtime @0 pause
  layer=$(sha256sum <"$directory/layer.tar")
  config='{"architecture": "'$(oci_architecture)'", "os": "linux", "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
    "rootfs": {"type": "layers", "diff_ids": ["sha256:'${layer%% *}'"]}}'
  echo "$config" >"$directory/config.json"
  echo '[{"Config": "config.json", "RepoTags": ["'$pause_image'"], "Layers": ["layer.tar"]}]' >"$directory/manifest.json"
  tar --create --file "$state/pause.tar" --directory "$directory" config.json layer.tar manifest.json
}

oci_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}

# import_images IMAGE.tar...: the pause image and these.
import_images() {
  local image
  pack_pause_image
  for image in "$state/pause.tar" "$@"; do on_containerd images import "$image" >/dev/null; done
}

start_kubelet() {
  make_cgroups
  record_kernel_settings
  cat >"$state/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_address
healthzBindAddress: 127.0.0.1
containerRuntimeEndpoint: unix://$state/containerd.sock
podLogsDir: $state/pods
cgroupDriver: cgroupfs
cgroupRoot: /$cgroup
failCgroupV1: false # the default refuses machines with cgroup v1 since 1.35
failSwapOn: false
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $state/pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $state/pki/kubelet.crt
tlsPrivateKeyFile: $state/pki/kubelet.key
resolvConf: ""
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
nodeStatusUpdateFrequency: 2s
YAML
  start kubelet nsenter --net="/run/netns/$namespace" "$binaries/kubelet" --config "$state/kubelet.yaml" --kubeconfig "$state/kubelet.kubeconfig" \
    --root-dir "$state/kubelet" --hostname-override "$name" --node-ip "$node_address"
  await kubelet "$binaries/kubectl" --kubeconfig "$kubeconfig" get node "$name"
}

# With it Services work inside pods, 10.96.0.1 of the API server among them.
start_kube_proxy() {
  cat >"$state/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: {kubeconfig: $kubeconfig}
clusterCIDR: $pod_network
hostnameOverride: $name
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s} # those are the machine's
YAML
  start kube-proxy nsenter --net="/run/netns/$namespace" "$binaries/kube-proxy" --config "$state/kube-proxy.yaml"
}

# Containers outlive kubelet and containerd. Only what this node's own socket lists is ended.
remove_containers() {
  local container
  on_containerd containers list --quiet 2>/dev/null | while read -r container; do
    on_containerd containers info --spec "$container" 2>/dev/null | grep -oE '/(var/)?run/netns/cni-[0-9a-f-]+' | sed 's|.*/||'
  done | sort -u >"$state/netns.pods"
  on_containerd tasks list --quiet 2>/dev/null | while read -r container; do
    on_containerd tasks delete --force "$container" >/dev/null 2>&1
  done
  on_containerd containers list --quiet 2>/dev/null | while read -r container; do
    on_containerd containers delete "$container" >/dev/null 2>&1
  done
  # A shim that lost its task to a crash stays: its -address is this node's socket.
  pgrep -f -- "containerd-shim-runc-v2 .*-address $state/containerd.sock" | while read -r container; do kill -KILL "$container"; done
  # Sockets of shims and runc's records are containerd's, at fixed places; only what is empty now goes.
  rmdir /run/containerd/s /run/containerd/runc/k8s.io /run/containerd/runc /run/containerd 2>/dev/null
  # The kubelet links every container log here, whatever podLogsDir says.
  find /var/log/containers -type l -lname "$state/*" -delete 2>/dev/null
}
