#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# replay.sh [ROUNDS]: processor time of `weir replay` beside `tcpdump -r FILE` with a filter, over the
# same files in the page cache, interleaved. Prints medians and their ratio; judges nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-7}
weir=${WEIR:-build/weir}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -Itests -o "$work/mkpcap" tests/bench/mkpcap.c

seconds() { # command: user and system time of one run
    local TIMEFORMAT='%U %S'
    { time "$@" > /dev/null 2>&1; } 2>&1 | awk '{ printf "%.3f\n", $1 + $2 }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

printf '%-8s %12s %14s %14s %8s\n' file packets 'weir ns/pkt' 'tcpdump ns/pkt' ratio
for kind in syn synopt est mixed; do
    "$work/mkpcap" "$kind" 1000000 "$work/one"
    # Four times the same packets: the start of either program no longer counts.
    { cat "$work/one"; for _ in 2 3 4; do tail -c +25 "$work/one"; done; } > "$work/$kind.pcap"
    rm "$work/one"
    cat "$work/$kind.pcap" > /dev/null
    for _ in $(seq "$rounds"); do
        seconds "$weir" replay "$work/$kind.pcap" >> "$work/a"
        seconds tcpdump -nr "$work/$kind.pcap" 'tcp[13] = 4' >> "$work/b"
    done
    awk -v a="$(median < "$work/a")" -v b="$(median < "$work/b")" -v k="$kind" 'BEGIN {
        n = 4e6; printf "%-8s %12d %14.1f %14.1f %8.2f\n", k, n, a / n * 1e9, b / n * 1e9, b / a }'
    rm "$work/a" "$work/b" "$work/$kind.pcap"
done
