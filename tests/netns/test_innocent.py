# SPDX-License-Identifier: Apache-2.0
"""What only resembles a scan is none, and nobody is banned for it: every scan row bans, in enforce mode."""

import pytest

from tests.netns.lab import finding_rows, needs_root
from tests.netns.scanned import OPEN, client, scanned_lab, serve

pytestmark = needs_root

# One byte each way over every port: what a passive FTP client or an RPC client does.
TALK = """
import socket, sys, threading
host, first, n, serve = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "serve"
def answer(s):
    c, _ = s.accept()
    c.sendall(c.recv(9))
    c.close()
held = [socket.create_server((host, first + i)) for i in range(n)] if serve else []
threads = [threading.Thread(target=answer, args=(s,)) for s in held]
[t.start() for t in threads]
if serve:
    print("ready", flush=True)
for i in range(0 if serve else n):
    with socket.create_connection((host, first + i), timeout=5) as c:
        c.sendall(b"x")
        c.recv(9)
[t.join() for t in threads]
"""
# A monitor: each round it opens every port and closes it, by FIN or by a reset (as HAProxy's checks do).
CHECK = """
import socket, struct, sys, time
host, source, rounds, ports = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
for i in range(rounds):
    for port in map(int, ports):
        try:
            c = socket.create_connection((host, port), timeout=1, source_address=(source, 0))
        except OSError:
            continue
        if i % 2:
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.close()
    time.sleep(0.02)
"""
ASK = """
import socket, sys
for p in sys.argv[1:]:
    h, n = p.split(':')
    try:
        socket.create_connection((h, int(n)), timeout=1).close()
    except OSError:
        pass
"""
# Answers to what somebody forged with our address: SYN-ACKs and resets out of nowhere.
BACKSCATTER = """
import sys
from scapy.all import IP, TCP, Ether, sendp
to, mac = sys.argv[1:]
frames = [Ether(dst=mac) / IP(src=f"10.81.0.{10 + i % 5}", dst=to) /
          TCP(sport=(80, 443, 25565)[i % 3], dport=1 + i * 977 % 65535, flags=("SA", "RA", "R")[i // 15 % 3], seq=i * 7919, ack=i + 1)
          for i in range(300)]
sendp(frames, iface="wc", verbose=False)
"""
SCAN_ROWS = {name for name in finding_rows() if name.startswith("scan.")}


@pytest.fixture(name="lab", scope="module")
def _lab(tmp_path_factory):
    policy = tmp_path_factory.mktemp("innocent") / "policy.yaml"
    policy.write_text("detections:\n" + "".join(f"  {name}: {{action: ban}}\n" for name in sorted(SCAN_ROWS)))
    with scanned_lab("-c", str(policy), "--mode", "enforce") as lab:
        yield lab


@pytest.fixture(autouse=True)
def nobody_is_suspected(lab):
    yield
    assert SCAN_ROWS & set(lab.found()) == set(), lab.found()
    bans = lab.status()["bans_by_detections"]
    assert not any(bans.values()), bans
    assert not [event for event in lab.events() if event["event_type"] == "incident"]


def curl(lab, source, *args, check=True):
    return lab.at(lab.client, "curl", "-s", "-m", "10", "-o", "/dev/null", "--interface", source, *args, check=check)


def test_many_users_behind_one_address(lab):
    """Two hundred connections at fifty a time, and what they do not find."""
    curl(lab, client(1), "-Z", "--parallel-max", "50", "-H", "Connection: close", f"http://{lab.target[4]}/small?[1-200]")


def test_a_browser(lab):
    curl(lab, client(2), "-Z", "--parallel-immediate", "--parallel-max", "30", f"http://{lab.target[4]}/page?[1-60]")
    curl(lab, client(2, 6), "-Z", "--parallel-immediate", f"http://[{lab.target[6]}]/small?[1-60]")


def test_a_crawler(lab):
    for host in (lab.target[4], lab.own[4]):
        curl(lab, client(3), "-H", "Connection: close", f"http://{host}/[1-150]")
        curl(lab, client(3), f"https://{host}/", check=False)


def test_a_port_for_each_file(lab):
    server = serve(lab, lab.server, TALK, lab.target[4], "20000", "60", "serve")
    lab.at(lab.client, "/usr/bin/python3", "-c", TALK, lab.target[4], "20000", "60", "ask")
    server.wait(10)


def test_a_monitor(lab):
    """Six services, of which it finds one down."""
    lab.at(lab.client, "/usr/bin/python3", "-c", CHECK, lab.target[4], client(4), "20", *map(str, OPEN), "81")


def test_a_service_restarts(lab):
    for _ in range(20):
        curl(lab, client(5), f"http://{lab.target[4]}:81/", check=False)
    curl(lab, client(5), f"http://{lab.target[4]}/small")


def test_peers_that_went_away(lab):
    """Outward: forty peers, each on a port of its own, all but a few gone."""
    peers = [f"{client(i % 30)}:{30000 + i * 7}" for i in range(40)]
    lab.at(lab.server, "/usr/bin/python3", "-c", ASK, *peers)


def test_backscatter(lab):
    lab.at(lab.client, "/usr/bin/python3", "-c", BACKSCATTER, lab.target[4], lab.next_hop())
