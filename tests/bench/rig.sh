# SPDX-License-Identifier: Apache-2.0
# Sourced by progs, lab, rx and service. Two network namespaces joined by one veth, no way out of them:
#   $A (client, attacker) $VA 10.77.0.1 --- 10.77.0.2 $VB $B (server; what is measured is on $VB)
# What $VB receives is handled by a kernel thread of its own on processor 1 (threaded NAPI), so that its
# time can be read; generator and $VA have processor 0. Names carry the process id of the run.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

# Pins live in a mount namespace and a bpffs of the run's own, and go with it.
if [ -z "${WEIR_BENCH_PRIVATE:-}" ]; then
    WEIR_BENCH_PRIVATE=1 exec unshare --mount --propagation private "$0" "$@"
fi
mount -t bpf bpf /sys/fs/bpf || exit 1

tools=build/bench/tests/bench
out=${OUT:-build/bench/out}
mkdir -p "$out"
for tool in prog flood connect mkpcap attach; do
    [ -x "$tools/$tool" ] || { echo "$tools/$tool is missing: make bench builds it" >&2; exit 1; }
done
export tools WEIR=${WEIR:-$PWD/build/bench/weir}
export A=wba$$ B=wbb$$ VA=wva$$ VB=wvb$$
export RUN
RUN=$(mktemp -d /tmp/weir-bench-XXXXXX)
BACKGROUND=()

# Measurements take turns on a machine: one lock, held for seconds.
exec 9> "${WEIR_BENCH_LOCK:-/tmp/weir-bench.lock}"
lock() {
    flock 9
    [ "${FIRST:-1}" != 1 ] || chrt --rr -p 5 $$ # before others, behind what it starts
}
unlock() {
    chrt --other -p 0 $$
    flock -u 9
}

# What is measured goes before whatever else the machine does: at once with FIRST=1, by niceness alone where
# the receiving thread must not starve the server behind it.
urgent() {
    if [ "${FIRST:-1}" = 1 ]; then echo "chrt --rr 10"; else echo "nice -n ${NICE:--20}"; fi
}
in_a() { $(urgent) nsenter --net="/run/netns/$A" "$@" 9>&-; }
in_b() { $(urgent) nsenter --net="/run/netns/$B" "$@" 9>&-; }
# In the background, the program itself and not a shell around it: $LAST ends it.
behind() { # namespace, command
    $(urgent) nsenter --net="/run/netns/$1" "${@:2}" 9>&- &
    LAST=$!
    BACKGROUND+=("$LAST")
}
end() { # process
    kill "$1" 2> /dev/null && wait "$1" 2> /dev/null
    return 0
}

rig_down() {
    for pid in "${BACKGROUND[@]}"; do end "$pid"; done
    BACKGROUND=()
    for ns in "$A" "$B"; do
        [ ! -e "/run/netns/$ns" ] || ip netns del "$ns"
    done
}

rig_exit() {
    trap - EXIT INT TERM
    [ -z "${CASE:-}" ] || case_down "$CASE"
    rig_down
    umount "$RUN/state/bpf" 2> /dev/null
    rm -rf "$RUN"
}
trap rig_exit EXIT
trap 'exit 130' INT TERM

rig_side() { # namespace, device, own and other number
    # Real checksums on the wire and no super-packets: as from a network card without offloads.
    nsenter --net="/run/netns/$1" ethtool -K "$2" tx off tso off gso off gro off > /dev/null
    nsenter --net="/run/netns/$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
    ip -n "$1" addr add "10.77.0.$3/24" dev "$2"
    ip -n "$1" link set lo up
    ip -n "$1" link set "$2" up
    ip -n "$1" neigh replace "10.77.0.$4" lladdr "02:00:00:00:00:0$4" dev "$2" nud permanent
    # GRO gives a veth NAPI, without which it takes no XDP frames; seen only once the device is up.
    nsenter --net="/run/netns/$1" ethtool -K "$2" gro on > /dev/null
    ip netns exec "$1" sh -c "echo ${THREADED:-1} > /sys/class/net/$2/threaded"
}

# 64 addresses of the client beside its first: connect -S 10.77.0.100
rig_clients() {
    for i in $(seq 100 163); do
        echo "addr add 10.77.0.$i/24 dev $VA" >&3
        echo "neigh replace 10.77.0.$i lladdr 02:00:00:00:00:01 dev $VB nud permanent" >&4
    done 3> "$RUN/a" 4> "$RUN/b"
    ip -n "$A" -batch "$RUN/a"
    ip -n "$B" -batch "$RUN/b"
}

rig_up() {
    rig_down
    ip netns add "$A" && ip netns add "$B" || return 1
    ip link add "$VA" netns "$A" address 02:00:00:00:00:01 numrxqueues 1 numtxqueues 1 type veth \
        peer name "$VB" netns "$B" address 02:00:00:00:00:02 numrxqueues 1 numtxqueues 1 || return 1
    rig_side "$A" "$VA" 1 2
    rig_side "$B" "$VB" 2 1
    ip -n "$B" route add default via 10.77.0.1
    rig_clients
    attach_xdp "$A" "$VA" "$tools/bpf/sink.bpf.o" sink
}

attach_xdp() { # namespace, device, object, program
    local dir=/sys/fs/bpf/$2_$RANDOM
    bpftool prog loadall "$3" "$dir" type xdp 2> /dev/null &&
        nsenter --net="/run/netns/$1" bpftool net attach xdpdrv pinned "$dir/$4" dev "$2"
}

napi() { pgrep "^napi/$1-" | tail -n 1; } # the thread of a device
# Again after every attach and detach: the threads are made anew.
pin_napi() {
    [ "${THREADED:-1}" = 1 ] || return 0
    local p q
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        p=$(napi "$VA") q=$(napi "$VB")
        [ -z "$p" ] || [ -z "$q" ] || break
        sleep 0.1
    done
    [ -n "$p" ] && [ -n "$q" ] || { echo "no NAPI thread" >&2; return 1; }
    taskset -pc 0 "$p" > /dev/null
    taskset -pc 1 "$q" > /dev/null
    for p in "$p" "$q"; do
        if [ "${FIRST:-1}" = 1 ]; then chrt --rr -p 20 "$p"; else renice -n -20 "$p" > /dev/null; fi
    done
}

# A case is a script: `up` puts something on $VB, `down` takes it away.
case_do() { # case, up or down
    in_b "tests/bench/cases/$1" "$2" > "$RUN/log" 2>&1 && return
    echo "case $1 $2 failed:" >&2
    cat "$RUN/log" >&2
    return 1
}
case_up() { CASE=$1 && case_do "$1" up && pin_napi; }
case_down() { case_do "$1" down; CASE=; }

start_server() {
    behind "$B" taskset -c 1 "$tools/connect" -l
    SERVER=$LAST
    sleep 0.2
}

shuffled() { shuf -e "$@"; } # another order each round: no case always follows the same one

# Wait, at most QUIET seconds, until the machine has been 90 % idle for one; print the last idle share.
quiet() {
    local a b idle=0 all=1
    for _ in $(seq "${QUIET:-5}"); do
        read -ra a < /proc/stat
        sleep 1
        read -ra b < /proc/stat
        idle=$((b[4] - a[4])) all=0
        for k in 1 2 3 4 5 6 7 8; do all=$((all + b[k] - a[k])); done
        [ $((100 * idle)) -lt $((90 * all)) ] || break
    done
    echo $((100 * idle / all))
}
