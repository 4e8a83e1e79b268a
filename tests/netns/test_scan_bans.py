# SPDX-License-Identifier: Apache-2.0
"""Bans for scans, by the default policy in enforce mode: the proven lose everything, the others new
connections alone, decoys are not banned."""

import json
import signal

import pytest

from tests.netns.lab import needs_root, until
from tests.netns.scanned import client, findings, incidents, scanned_lab

pytestmark = needs_root

# One byte for each line that it is given, over one connection; what came of it.
HOLD = """
import socket, sys
s = socket.create_connection((sys.argv[1], 80), source_address=(sys.argv[2], 0), timeout=3)
print("ready", flush=True)
for _ in sys.stdin:
    s.sendall(b"GET /small HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    try:
        print(len(s.recv(100)), flush=True)
    except OSError:
        print(0, flush=True)
"""


@pytest.fixture(name="lab", scope="module")
def _lab(tmp_path_factory):
    policy = tmp_path_factory.mktemp("bans") / "policy.yaml"
    policy.write_text(f"allow: [{{prefix: {client(5)}, name: auditor}}]\n")
    with scanned_lab("-c", str(policy), "--mode", "enforce") as lab:
        yield lab


def scope(lab, source):
    """None: it is not banned."""
    return next((row["scope"] for row in json.loads(lab.weir("bans --json").stdout)["bans"] if row["prefix"] == source), None)


def nmap(lab, *args, ports="100-200"):
    lab.at(lab.client, "nmap", *args, "-T4", "-n", "-Pn", "--disable-arp-ping", "--max-retries", "0", "-p", ports,
           lab.target[4], timeout=60, check=False)


def reaches(lab, source, target=None):
    return lab.at(lab.client, "curl", "-s", "-m", "1", "-o", "/dev/null", "--interface", source,
                  f"http://{target or lab.target[4]}/small", check=False).returncode == 0


def explained(lab, source, topic):
    rows = json.loads(lab.weir("explain --json", source).stdout)["because"]
    return " ".join(row["text"] for row in rows if row["topic"] == topic)


def test_who_may_be_forged_loses_new_connections(lab):
    source = client(0)
    held = lab.spawn(lab.client, "/usr/bin/python3", "-c", HOLD, lab.target[4], source, stdin=-1, stdout=-1)
    assert held.stdout.readline() == "ready\n"
    nmap(lab, "-sS", "-S", source, "-e", "wc")
    until(lambda: scope(lab, source) == "new", "the ban")
    assert not reaches(lab, source)
    held.stdin.write("\n")
    held.stdin.flush()
    assert int(held.stdout.readline()) > 0  # what is open goes on
    assert "may be forged" in explained(lab, source, "scan") and "new connections only" in explained(lab, source, "ban")
    assert "scan.vertical" in explained(lab, source, "ban") and reaches(lab, client(1))


def test_who_is_proven_loses_everything(lab):
    source = lab.source[4]
    nmap(lab, "-sT", ports="22,80,443,3306,5432,100-200")
    until(lambda: scope(lab, source) == "all", f"a ban of everything: {lab.weir('explain', source).stdout}")
    assert "carried nothing" in explained(lab, source, "scan")
    assert lab.at(lab.client, "ping", "-c", "1", "-W", "1", "-I", source, lab.target[4], check=False).returncode
    assert reaches(lab, client(1))
    lab.weir("unban", source)


def test_decoys_are_not_banned(lab):
    """One of them is a user of the server: known to be one, and not locked out in a scanner's name."""
    decoys = user, _ = [client(2), client(3)]
    assert all(reaches(lab, user, target) for target in (lab.target[4], lab.own[4]) * 2)
    nmap(lab, "-sS", "-D", ",".join([*decoys, "ME"]), "-S", client(4), "-e", "wc")
    until(lambda: "decoy" in explained(lab, user, "scan"), "the set is known")
    until(lambda: not any(scope(lab, source) for source in [*decoys, client(4)]), "no ban of any of them")
    assert reaches(lab, user)
    assert "whose address is forged" in explained(lab, user, "scan")


def test_a_known_scanner_is_told_and_let_be(lab):
    source = client(5)
    nmap(lab, "-sS", "-S", source, "-e", "wc")
    until(lambda: incidents(lab, source), "the incident")
    told = incidents(lab, source)[-1]
    found = findings(lab, source)
    assert told["known"] == "auditor" and told["severity"] == "info" and "known: auditor" in explained(lab, source, "allow")
    assert "scan.vertical" in found and all(event["weir"]["known"] == "auditor" for event in found.values())
    assert {event["alert"]["severity"] for event in found.values()} == {4}
    assert not scope(lab, source) and reaches(lab, source)


def test_the_scope_outlives_the_daemon(lab):
    """In the kernel, and in the file for the next boot."""
    line = next(line for line in (lab.state / "bans").read_text().splitlines() if line.startswith(client(0) + "\t"))
    assert line.split("\t")[1].startswith("n")
    lab.end(signal.SIGKILL)
    assert "adopted=yes" in lab.run("--quiet")
    assert scope(lab, client(0)) == "new" and not reaches(lab, client(0))
