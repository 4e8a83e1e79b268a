#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""report.py progs|rx|lab|service FILE.csv: medians over the rounds and ratios within them, as Markdown. It judges
nothing: the clock of a shared machine is no test."""

import csv
import statistics
import sys


def number(x):
    return f"{x:.0f}" if abs(x) >= 100 else f"{x:.3g}"


def spread(values):
    return f"{number(statistics.median(values))} ({number(min(values))} to {number(max(values))})"


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def progs(path):
    """Added ns over "floor" of the same round, and as a ratio to what "f" and "F" add there."""
    ns, streams, targets = {}, [], []
    with open(path) as f:
        for stream, target, _, turn, value in csv.reader(f):
            ns[stream, target, turn] = float(value)
            streams += [stream] * (stream not in streams)
            targets += [target] * (target not in targets)
    for stream in streams:
        turns = sorted({turn for s, _, turn in ns if s == stream})

        def added(target):
            return [ns[stream, target, t] - ns[stream, "floor", t] for t in turns]

        def ratio(target, to):
            pairs = zip(added(target), added(to))
            values = [a / b for a, b in pairs if b > 0]
            return f"{statistics.median(values):.2f}" if values else ""

        floor = statistics.median(ns[stream, "floor", t] for t in turns)
        print(f"\nStream {stream}, {len(turns)} rounds; floor {floor:.0f} ns\n")
        rows = [
            [t, spread(added(t)), ratio(t, "f"), ratio(t, "F")]
            for t in targets if t != "floor" and (stream, t, turns[0]) in ns
        ]
        table(["target", "added ns, median (min to max)", "of f", "of F"], rows)


def grouped(path, keys, columns, against):
    """Medians by case, and where `against` names a case the median ratio to it in the same round."""
    with open(path) as f:
        rows = list(csv.DictReader(f))
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[k] for k in keys), []).append(row)
    base = {row["round"]: row for row in rows if row["case"] == against}

    def cell(group, column):
        text = spread([float(row[column]) for row in group])
        pairs = [(float(r[column]), float(base[r["round"]][column])) for r in group if r["round"] in base]
        ratios = [a / b for a, b in pairs if b]
        if not ratios or group[0]["case"] == against:
            return text
        return f"{text}, {statistics.median(ratios):.3f}"

    def order(key):
        return [float(k) if k.isdigit() else k for k in key]

    head = keys + ["rounds"] + [c + (f", of {against}" if base else "") for c in columns]
    body = [
        [*key, str(len(groups[key]))] + [cell(groups[key], c) for c in columns]
        for key in sorted(groups, key=order)
    ]
    table(head, body)


KINDS = {
    "progs": progs,
    "rx": lambda path: grouped(path, ["case"], ["mpps_per_processor", "ns_per_packet", "pps", "processor_share",
                                                "idle_before_pct"], "xdp-filter"),
    "lab": lambda path: grouped(path, ["case"], ["request_p50_ms", "request_p99_ms", "failed", "bulk_mbit",
                                                 "receive_pct", "idle_before_pct"], "off"),
    "service": lambda path: grouped(path, ["flood_pps", "loop", "case"], ["ok_pct", "served_s", "connect_p50_ms",
                                    "connect_p99_ms", "request_p50_ms", "request_p99_ms", "idle_before_pct"], ""),
}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    KINDS[sys.argv[1]](sys.argv[2])
