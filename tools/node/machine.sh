# Sourced by node. What a node takes from the machine and gives back: processes, network, mounts, cgroups, settings.
# shellcheck shell=bash disable=SC2154

milliseconds() { date +%s%3N; }

# One sentence on standard error about the first thing that is missing, and exit code 1.
explain_what_is_missing() {
  local command
  [ "$(uname -s)" = Linux ] || lack "Linux, and this is $(uname -s)"
  [ "$(id -u)" = 0 ] || lack "root, to make network namespaces and cgroups"
  for command in containerd:containerd ctr:containerd runc:runc ip:iproute2 nsenter:util-linux iptables:iptables openssl:openssl; do
    command -v "${command%%:*}" >/dev/null || lack "${command%%:*}: install the package ${command##*:}"
  done
  [ -x "$cni_plugins/bridge" ] || lack "CNI plug-ins in $cni_plugins: install the package containernetworking-plugins, or set CNI_PLUGINS"
  for command in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl pause; do
    [ -x "$binaries/$command" ] || lack "$binaries/$command: run tools/kubernetes/build $binaries node"
  done
  unshare --net true 2>/dev/null || lack "the right to make network namespaces (CAP_SYS_ADMIN)"
}

lack() {
  echo "a real node needs $1" >&2
  exit 1
}

# start NAME COMMAND...: in the background, log in logs/NAME.log, process id in pids/NAME.
start() {
  local process=$1
  shift
  setsid "$@" >"$state/logs/$process.log" 2>&1 </dev/null &
  echo $! >"$state/pids/$process"
}

# alive PID: it runs; one that has ended and waits for init to notice does not.
alive() { grep -Eqs '^State:[[:space:]]+[^ZX[:space:]]' "/proc/$1/status"; }

# stop NAME: asks, waits ten seconds, insists.
stop() {
  local pid tries=100
  pid=$(cat "$state/pids/$1" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null
  while alive "$pid" && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
  ! alive "$pid" || kill -KILL "$pid"
  rm -f "$state/pids/$1"
}

# await NAME COMMAND...: until COMMAND succeeds; fails when process NAME has ended or after five minutes.
await() {
  local process=$1 end=$((SECONDS + 300))
  shift
  until "$@" >/dev/null 2>&1; do
    alive "$(cat "$state/pids/$process")" || { echo "node: $process has ended" >&2; return 1; }
    [ "$SECONDS" -lt "$end" ] || { echo "node: no success within five minutes: $*" >&2; return 1; }
    sleep 0.1
  done
}

# Runs a command in the node's network. `ip netns exec` would hide the cgroup mounts from the kubelet.
inside() { nsenter --net="/run/netns/$namespace" "$@"; }

# The network namespace's name is the lock on the number.
claim_number() {
  for number in $(seq 0 255); do
    address_node
    if ip netns add "$namespace" 2>/dev/null; then
      echo "$number" >"$state/number"
      return
    fi
  done
  echo "node: all numbers 0 to 255 are taken; remove nodes with: node down NAME" >&2
  return 1
}

connect_network() {
  ip link add "$veth" type veth peer name eth0 netns "$namespace"
  ip address add "$host_address/30" dev "$veth"
  ip link set "$veth" up
  inside ip address add "$node_address/30" dev eth0
  inside ip link set eth0 up
  inside ip link set lo up
  inside sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  # Services have no other route: kube-proxy rewrites them before they would leave.
  inside ip route add 10.96.0.0/16 dev eth0
  ip route add "$pod_network" via "$node_address" dev "$veth"
}

disconnect_network() {
  local pod
  # Pod namespaces are containerd's, named cni-*: this node's are those that lead to a container of its own.
  while read -r pod; do ip netns delete "$pod" 2>/dev/null; done <"$state/netns.pods"
  ip link delete "$veth" 2>/dev/null
  ip netns delete "$namespace" 2>/dev/null
}

unmount_state() {
  local mounted
  awk -v below="$state/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r |
    while read -r mounted; do umount "$mounted" 2>/dev/null || umount --lazy "$mounted"; done
}

cgroup_roots() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    echo /sys/fs/cgroup
  else
    find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d
  fi
}

make_cgroups() {
  local root
  cgroup_roots | while read -r root; do
    mkdir -p "$root/$cgroup"
    # A cpuset without processors and memory takes no process.
    [ ! -f "$root/cpuset.mems" ] || { cat "$root/cpuset.cpus" >"$root/$cgroup/cpuset.cpus"; cat "$root/cpuset.mems" >"$root/$cgroup/cpuset.mems"; }
  done
}

remove_cgroups() {
  local root
  cgroup_roots | while read -r root; do
    [ ! -d "$root/$cgroup" ] || find "$root/$cgroup" -depth -type d -exec rmdir {} \; 2>/dev/null
  done
}

# The kubelet sets these for the whole machine.
kernel_settings="vm/overcommit_memory kernel/panic kernel/panic_on_oops"

record_kernel_settings() {
  local setting
  for setting in $kernel_settings; do echo "$setting $(cat "/proc/sys/$setting")"; done >"$state/kernel"
}

restore_kernel_settings() {
  local setting value
  while read -r setting value; do echo "$value" >"/proc/sys/$setting"; done <"$state/kernel"
}
