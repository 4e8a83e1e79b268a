# SPDX-License-Identifier: Apache-2.0
"""Attacks by real tools, live: named within a second, from the right source, counted exactly; over
IPv4 and IPv6, through VLANs, routers and what stands on them, at every hook."""

import datetime
import json
import re
import subprocess
import threading
import time

import pytest

from tests.netns import malformed
from tests.netns.lab import HERE, VLAN, WEIR, lab_of, needs_root, until

pytestmark = needs_root

CASES = [("direct", "auto", "observe"), ("direct", "tc", "enforce"), ("direct", "xdp-generic", "enforce"),
         ("vlan", "auto", "enforce"), ("vlan", "tc", "observe"), ("gateway", "auto", "observe"),
         ("gateway", "tc", "enforce"), ("stacked", "auto", "observe")]
SCANS = {"X": "scan.xmas", "N": "scan.null", "F": "scan.fin"}
COUNT = 5  # packets of each kind
ODD_FLAGS = {"-S -F": "integrity.syn_fin", "-S -R": "integrity.syn_rst", "": "scan.null", "-F -P -U": "scan.xmas",
             "-F": "scan.fin", "-X -Y": "scan.null", "-R -F": "integrity.flags_illegal",
             "-F -S -R -P -A -U": "scan.xmas"}
NOT_TCP = {"shorter than its headers"}  # or not known to be: told, not dropped
ALERT_ONLY = {"integrity.ip6_headers", "integrity.ip_options", "integrity.ttl", "integrity.ip_reserved_bit",
              "integrity.window_scale", "integrity.tcp_option_duplicate", "integrity.tcp_option_misplaced",
              "integrity.urgent_pointer", "integrity.fragment_bits", "integrity.encapsulation_depth",
              "integrity.truncated"}


class Follower:
    """What `weir events -f` says, and how long after the packet."""

    def __init__(self, lab):
        self.events, self.delays = [], []
        self.process = lab.spawn(lab.home, WEIR, "events", "-f", "--json", "--state-dir", str(lab.state),
                                 stdout=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            at = datetime.datetime.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
            if "final" not in event["weir"]:  # that one waits for the quiet
                self.delays.append(time.time() - at)
            self.events.append(event)

    def named(self):
        return {(e["weir"]["detection"], e.get("src_ip")) for e in list(self.events)}


@pytest.fixture(name="live", params=CASES, ids="-".join)
def live_lab(request):
    shape, attach, mode = request.param
    with lab_of(shape) as lab:
        lab.run("--attach", attach, "--mode", mode)
        lab.mode, lab.attach = mode, attach
        yield lab, Follower(lab)


def more(lab, before):
    return {name: n - before.get(name, 0) for name, n in lab.found().items() if n != before.get(name, 0)}


def nmap(lab, version, *args):
    """How many TCP packets it says it sent."""
    six = ["-6"] if version == 6 else []
    patience = ["--max-retries", "0", "--initial-rtt-timeout", "50ms"] if lab.mode == "enforce" else []
    out = lab.at(lab.client, "nmap", *six, *args, *patience, "-n", "-Pn", "--disable-arp-ping", "--packet-trace",
                 "-p", "1000-1019", lab.target[version]).stdout
    return len(re.findall(rf"^SENT \S+ TCP {re.escape(lab.source[version])}:", out, re.M))


def check_scans(lab, version):
    for letter, name in SCANS.items():
        before, dropped = lab.found(), drops(lab)
        sent = nmap(lab, version, f"-s{letter}")
        assert sent >= 20 and more(lab, before).get(name) == sent, letter
        assert drops(lab) - dropped == sent
    if version == 4:
        before = lab.found()
        sent = nmap(lab, 4, "-sX", "-f")  # three fragments of 8, 8 and 4 bytes
        found = more(lab, before)
        assert found["integrity.fragment_tiny"] == found["integrity.fragment_offset_one"] == sent >= 20
        assert found["integrity.fragment_tcp"] == 3 * sent and "scan.xmas" not in found


def check_hping3(lab):
    for flags, name in ODD_FLAGS.items():
        before = lab.found()
        hping3 = lab.spawn(lab.client, "hping3", "-q", "-c", str(COUNT), "-i", "u2000", *flags.split(), "-p", "81",
                           lab.target[4])
        until(lambda before=before, name=name: more(lab, before).get(name, 0) >= COUNT, f"hping3 {flags}")
        time.sleep(0.05)
        hping3.kill()  # it would wait a second for answers
        assert more(lab, before)[name] == COUNT, flags


def drops(lab):
    counters = lab.status()["counters"]
    return counters["drop_detection" if lab.mode == "enforce" else "would_drop_detection"]


def check_malformed(lab, version):
    sender = lab.spawn(lab.client, "/usr/bin/python3", "-B", "-W", "ignore", str(HERE / "malformed.py"), lab.port,
                       lab.next_hop(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None)
    for name, (detection, _) in malformed.table(version).items():
        before, dropped = lab.found(), drops(lab)
        task = {"name": name, "version": version, "count": COUNT, "src": lab.source[version], "dst": lab.target[version],
                "own": lab.own[version]}
        sender.stdin.write(json.dumps(task) + "\n")
        sender.stdin.flush()
        assert sender.stdout.readline() == "sent\n", name
        found = more(lab, before)
        assert found.get(detection) == COUNT, (name, found)
        if lab.mode == "enforce":
            assert drops(lab) - dropped == (0 if detection in ALERT_ONLY or name in NOT_TCP else COUNT), (name, found)
    sender.stdin.close()
    sender.wait(10)


def test_attacks(live):
    lab, follower = live
    for version in (4, 6):
        check_scans(lab, version)
        check_malformed(lab, version)
    check_hping3(lab)
    expected = {(name, lab.source[version]) for version in (4, 6) for name in SCANS.values()}
    until(lambda: expected <= follower.named(), "all scans are named")
    assert max(follower.delays) < 1, "named within a second"
    unnamed = {d for version in (4, 6) for d, _ in malformed.table(version).values()} - {d for d, _ in follower.named()}
    assert not unnamed
    status = lab.status()
    assert not any(status["losses"].values())
    for event in follower.events:
        assert event["in_iface"] == lab.interfaces[0] and event["weir"]["path"] == "ingress", event
        if event["weir"]["detection"] in SCANS.values() and lab.shape == "vlan" and "final" not in event["weir"]:
            assert event["vlan"] == [VLAN], event
