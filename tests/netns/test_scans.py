# SPDX-License-Identifier: Apache-2.0
"""Real scans by nmap are named, before their twentieth probe, and from the right source; what only
resembles a scan is not. Every scan has an address of its own, so that none finds evidence of another."""

import socket
import subprocess

import pytest

from tests.netns.lab import lab_of, needs_root, until

pytestmark = needs_root

OPEN = (22, 443, 3306, 5432, 8080)  # beside nginx on 80
PROBES = 20
# nmap's options and the rows one of which must name it first or later; -sT cannot choose its address.
SHAPE = {"scan.vertical", "scan.half_open", "scan.sequential_test"}
SCANS = [("-sT -T4", {"scan.vertical", "scan.connect"}), ("-sS -T3", SHAPE), ("-sS -T5", SHAPE), ("-sA -T4", {"scan.ack"}),
         ("-sW -T4", {"scan.ack"}), ("-sM -T4", {"scan.maimon"}), ("-sF -T4", {"scan.fin"}), ("-sN -T4", {"scan.null"}),
         ("-sX -T4", {"scan.xmas"}), ("-sS -T4 --scan-delay 2ms", SHAPE), ("-sS -T4 -6", SHAPE)]

LISTEN = """
import socket, sys
held = []
for port in map(int, sys.argv[1:]):
    for family, any_ in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        s = socket.socket(family)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((any_, port))
        s.listen(128)
        held.append(s)
print("ready", flush=True)
while True:
    c, _ = held[0].accept()
    c.close()
"""
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


@pytest.fixture(name="lab", scope="module")
def scanned():
    with lab_of("direct") as lab:
        for last in range(10, 40):
            lab.address(lab.client, "wc", f"10.81.0.{last}/24", f"2001:db8:81:{last:x}::1/64")
        lab.at(lab.server, "ip", "-6", "route", "add", "2001:db8:81::/48", "dev", "ws")
        serve(lab, lab.server, LISTEN, *map(str, OPEN))
        lab.run()
        yield lab


def serve(lab, where, program, *args):
    process = lab.spawn(where, "/usr/bin/python3", "-c", program, *args, stdout=subprocess.PIPE)
    assert process.stdout.readline() == "ready\n"
    return process


def findings(lab, source):
    """First event of each row of a source."""
    found = {}
    for event in lab.events():
        if event["event_type"] == "alert" and event.get("src_ip") == source:
            found.setdefault(event["weir"]["detection"], event["weir"])
    return found


def scan(lab, number, options):
    six = "-6" in options
    source = lab.source[6 if six else 4]
    args = options.split()
    if "-sT" not in args:
        source = f"2001:db8:81:{10 + number:x}::1" if six else f"10.81.0.{10 + number}"
        args += ["-S", source, "-e", "wc"]
    target = f"[{lab.target[6]}]"[1:-1] if six else lab.target[4]
    lab.at(lab.client, "nmap", *args, "-n", "-Pn", "--disable-arp-ping", "--top-ports", "1000", target, timeout=60, check=False)
    return source


@pytest.mark.parametrize("number", range(len(SCANS)), ids=[s[0].replace(" ", "") for s in SCANS])
def test_scans_are_named(lab, number):
    options, names = SCANS[number]
    source = scan(lab, number, options)
    until(lambda: names & set(findings(lab, source)), f"{options}: {findings(lab, source)}")
    early = [row for name, row in findings(lab, source).items() if name.startswith("scan.")]
    ports = [row["evidence"]["ports"] for row in early if "ports" in row["evidence"] and row["count"] == 1]
    assert not ports or min(ports) < PROBES, early


def test_decoys_are_known_as_such(lab):
    decoys = "10.81.0.201,10.81.0.202,ME"
    lab.at(lab.client, "nmap", "-sS", "-T4", "-D", decoys, "-S", "10.81.0.34", "-e", "wc", "-n", "-Pn", "--disable-arp-ping",
           "-p", "1-50", lab.target[4], timeout=60, check=False)
    until(lambda: any("scan.decoy" in findings(lab, source) for source in ("10.81.0.34", "10.81.0.201", "10.81.0.202")),
          "decoys")


def quiet(lab, source):
    assert not [n for n, row in findings(lab, source).items() if row["severity"] != "info"]


def test_many_users_behind_one_address(lab):
    source = "10.81.0.35"
    urls = [f"http://{lab.target[4]}/small"] * 200
    lab.at(lab.client, "curl", "-s", "-Z", "--parallel-max", "50", "--no-keepalive", "-H", "Connection: close",
           "--interface", source, *[word for url in urls for word in ("-o", "/dev/null", url)])
    quiet(lab, source)


def test_a_port_for_each_file(lab):
    server = serve(lab, lab.server, TALK, lab.target[4], "20000", "60", "serve")
    lab.at(lab.client, "/usr/bin/python3", "-c", TALK, lab.target[4], "20000", "60", "ask")
    server.wait(10)
    # The connect scan came from this address; only what is new counts.
    assert "scan.outbound" not in findings(lab, lab.source[4])


def test_a_service_restarts(lab):
    source = "10.81.0.36"
    for _ in range(20):
        lab.at(lab.client, "curl", "-s", "-m", "1", "--interface", source, f"http://{lab.target[4]}:81/", check=False)
    lab.at(lab.client, "curl", "-s", "-o", "/dev/null", "--interface", source, f"http://{lab.target[4]}/small")
    quiet(lab, source)


def test_peers_that_went_away(lab):
    """Outward: forty peers, each on a port of its own, every second one gone."""
    peers = [(f"10.81.0.{10 + i % 30}", 30000 + i * 7) for i in range(40)]
    ask = ("import socket, sys\nfor p in sys.argv[1:]:\n    h, n = p.split(':')\n    try:\n"
           "        socket.create_connection((h, int(n)), timeout=1).close()\n    except OSError:\n        pass\n")
    lab.at(lab.server, "/usr/bin/python3", "-c", ask, *[f"{host}:{port}" for host, port in peers])
    assert socket.inet_aton(lab.target[4])
    quiet(lab, lab.target[4])


def test_outward(lab):
    lab.at(lab.server, "nmap", "-sS", "-T4", "-n", "-Pn", "--disable-arp-ping", "--top-ports", "200", lab.source[4])
    until(lambda: "scan.outbound" in findings(lab, lab.target[4]), "a scan of ours")
