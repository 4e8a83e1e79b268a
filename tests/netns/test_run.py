# SPDX-License-Identifier: Apache-2.0
"""`weir run` and its commands on a veth between two namespaces, with nmap and curl as they are."""

import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import time

import jsonschema
import pytest

from tests.netns.lab import SECONDS, SOURCE, WEIR, lab_of, needs_root, until

CLIENT, SERVER = "10.81.0.1", "10.81.0.2"

pytestmark = needs_root


@pytest.fixture(name="lab")
def direct_lab():
    with lab_of("direct") as made:
        yield made


def scan(lab, letter):
    """Ports of the server by nmap; returns how many TCP packets it says it sent."""
    out = lab.at(lab.client, "nmap", f"-s{letter}", "-n", "-Pn", "--disable-arp-ping", "--packet-trace", "--max-retries", "1",
                 "--initial-rtt-timeout", "50ms", "--max-rtt-timeout", "100ms", "-p", "1000-1049", SERVER).stdout
    return len(re.findall(rf"^SENT .* TCP {re.escape(CLIENT)}:", out, re.M))


def test_last_event_has_the_exact_count(lab):
    assert " ws ingress=" in lab.run() and not lab.events()
    sent = scan(lab, "X")
    assert sent >= 50
    until(lambda: lab.events(), "an event")
    assert lab.status()["detections"]["scan.xmas"]["found"] == sent
    lab.end(signal.SIGTERM)
    last = lab.events()[-1]
    assert last["weir"]["count"] == sent and last["src_ip"] == CLIENT and last["dest_ip"] == SERVER
    assert {e["weir"]["detection"] for e in lab.events()} == {"scan.xmas"}


def test_event_within_a_second(lab):
    lab.run()
    follow = lab.spawn(lab.server, WEIR, "events", "-f", "--json", "--state-dir", str(lab.dir / "state"),
                       stdout=subprocess.PIPE)
    lab.at(lab.client, "nmap", "-sX", "-n", "-Pn", "-p", "999", SERVER)
    event = json.loads(follow.stdout.readline())
    until(lab.events, "an event", seconds=1)
    assert event["weir"]["detection"] == "scan.xmas"
    assert json.loads(lab.weir("events --json").stdout.splitlines()[0]) == event
    assert "scan.xmas" in lab.weir("events").stdout


def test_enforce_drops_and_bans_block(lab):
    lab.run()
    assert lab.weir("ban", CLIENT, "--for", "10m", "--reason", "too loud").returncode == 0
    assert lab.fetch() == "300000"  # observe: only counted
    assert lab.status()["counters"]["would_drop_ban"] > 0
    lab.weir("mode enforce")
    assert lab.status()["mode"] == "enforce"
    assert lab.fetch(check=False) == "0"
    ban = json.loads(lab.weir("bans --json").stdout)["bans"][0]
    assert ban["prefix"] == CLIENT and ban["reason"] == "too loud" and ban["packets"] > 0
    assert 0 < ban["expires_in_s"] <= 600
    lab.weir("unban", CLIENT)
    assert lab.weir("unban", CLIENT, check=False).returncode == 5
    assert lab.fetch() == "300000"
    scan(lab, "X")
    status = lab.status()
    assert status["counters"]["drop_detection"] == status["detections"]["scan.xmas"]["found"] > 0


def answers_icmp(lab):
    return lab.at(lab.client, "hping3", "-q", "--icmp", "-c", "1", SERVER, check=False).returncode == 0


def test_a_ban_of_new_connections_spares_what_is_open(lab):
    lab.run("--mode", "enforce")
    slow = lab.spawn(lab.client, "curl", "-s", "--limit-rate", "150k", "-o", "/dev/null", "-w", "%{size_download}",
                     f"http://{SERVER}/page", stdout=subprocess.PIPE)
    time.sleep(0.5)
    assert lab.weir("ban", CLIENT, "--scope", "udp", check=False).returncode != 0
    assert lab.weir("ban", CLIENT, "--scope", "new").returncode == 0
    assert lab.fetch(check=False) == "0"
    assert slow.communicate(timeout=SECONDS)[0] == "300000"
    assert answers_icmp(lab)
    assert json.loads(lab.weir("bans --json").stdout)["bans"][0]["scope"] == "new"
    lab.weir("ban", CLIENT, "--scope", "tcp")
    assert answers_icmp(lab)
    lab.weir("ban", CLIENT)
    assert not answers_icmp(lab)


def test_who_does_not_read_the_output_stops_nothing(lab):
    lab.run()
    fcntl.fcntl(lab.daemon.stdout, fcntl.F_SETPIPE_SZ, 4096)  # about thirty findings; none is read
    lab.at(lab.client, "hping3", "-q", "-i", "u2000", "-c", "300", "--rand-source", "-p", "80", SERVER, check=False)
    until(lambda: len({e["src_ip"] for e in lab.events()}) >= 250, "findings in the file")
    assert lab.status()["losses"]["lost_lines"] == 0 and lab.fetch() == "300000"
    told = lab.weir("events").stdout.splitlines()
    assert len(told) >= 250
    lab.daemon.send_signal(signal.SIGTERM)
    text, _ = lab.daemon.communicate(timeout=SECONDS)
    assert len([line for line in text.splitlines() if "scan.null" in line]) >= 250
    assert lab.daemon.returncode == 0


def test_killed_daemon_leaves_enforcement_and_is_adopted(lab):
    line = lab.run("--mode", "enforce")
    if "pins=none" in line:
        pytest.skip("no bpffs can be mounted here")
    lab.weir("ban", "10.81.0.0/30", "--reason", "kept")
    lab.end(signal.SIGKILL)
    assert lab.weir("status", check=False).returncode == 3
    assert lab.fetch(check=False) == "0"
    lab.weir("mode observe")  # with the daemon dead
    assert lab.fetch() == "300000"
    lab.weir("mode enforce")
    assert lab.fetch(check=False) == "0"
    assert "adopted=yes" in lab.run()
    status = lab.status()
    assert status["mode"] == "enforce" and status["counters"]["drop_ban"] > 0
    assert lab.fetch(check=False) == "0"
    assert json.loads(lab.weir("bans --json").stdout)["bans"][0]["reason"] == "kept"
    lab.weir("unban", "10.81.0.0/30")
    assert lab.fetch() == "300000"


def test_down_leaves_nothing_and_bans_come_back(lab):
    before = lab.attached()
    lab.run("--mode", "enforce")
    assert lab.attached()  # bpftool before 7.3 shows no tcx
    assert [i["ingress"] for i in lab.status()["interfaces"]] != ["none"]
    lab.weir("ban", CLIENT)
    lab.weir("down")
    lab.daemon.wait(SECONDS)
    assert lab.attached() == before == []
    assert not os.path.ismount(lab.dir / "state" / "bpf")
    assert lab.fetch() == "300000"
    lab.weir("down")  # again: nothing to do
    assert "adopted=no" in lab.run("--mode", "enforce")
    assert lab.fetch(check=False) == "0"  # as after a reboot: from the state directory


def frame(body):
    return struct.pack("<I", len(body)) + body


def talk(path, data):
    """All that comes back for data."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5)
        s.connect(str(path))
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        back = b""
        with contextlib.suppress(ConnectionResetError):
            while more := s.recv(65536):
                back += more
    return back


def test_hostile_clients_are_refused_and_the_rest_served(lab):
    lab.run()
    path = lab.dir / "state" / "weir.sock"
    assert path.stat().st_mode & 0o777 == 0o600
    for data in (b"", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x05\0\0\0ab", frame(b"[]"), frame(b"{}"),
                 frame(b'{"command":"ban"}'), frame(b'{"command":"status","x":1}'), frame(b"[" * 60000),
                 frame(b'{"command":"policy apply","bundle":"weir policy 1\\n9 9\\n"}'), b"\0\0\0\x04" + b" " * 100000,
                 frame(b'{"command":"status"' + b" " * 70000 + b"}")):
        back = talk(path, data)
        assert back == b"" or json.loads(back[4:])["ok"] is False
    two = talk(path, frame(b'{"command":"bans"}') + frame(b'{"command":"bans"}'))
    assert two == 2 * frame(b'{"ok":true,"bans":[]}')
    idle = [socket.socket(socket.AF_UNIX) for _ in range(64)]
    for s in idle:
        s.connect(str(path))
    assert "64 clients" in lab.weir("status", check=False).stderr
    for s in idle:
        s.close()
    until(lambda: lab.weir("status", check=False).returncode == 0, "a place is free")


def test_mode_works_with_a_hung_daemon(lab):
    if "pins=none" in lab.run("--mode", "enforce"):
        pytest.skip("no bpffs can be mounted here")
    lab.weir("ban", CLIENT)
    lab.daemon.send_signal(signal.SIGSTOP)
    lab.weir("mode observe")
    assert lab.fetch() == "300000"
    lab.daemon.send_signal(signal.SIGCONT)
    assert lab.status()["mode"] == "observe"


def test_errors_name_value_and_status(lab):
    state = ["--state-dir", str(lab.dir / "state")]
    failed = lab.at(lab.server, WEIR, "run", "-i", "nosuch0", *state, check=False)
    assert failed.returncode == 5 and "nosuch0" in failed.stderr
    assert lab.weir("mode enforce", check=False).returncode == 5
    lab.run()
    second = lab.at(lab.server, WEIR, "run", "-i", "ws", *state, check=False)
    assert second.returncode == 6 and "another instance" in second.stderr
    assert lab.weir("ban", "192.0.2.1/24", check=False).returncode == 2
    assert lab.weir("ban", "192.0.2.1", "--for", "soon", check=False).returncode == 2
    assert lab.weir("mode loud", check=False).returncode == 2
    doctor = json.loads(lab.at(lab.server, WEIR, "doctor", "--json", "ws").stdout)
    assert doctor["interface"]["driver"] == "veth" and doctor["kernel"]["bpf"] is True


def test_dropped_packets_are_logged_on_demand(lab):
    refused = lab.at(lab.server, WEIR, "run", "-i", "ws", "--log-drops", check=False)
    assert refused.returncode == 2 and "--eve" in refused.stderr
    lab.run("--log-drops")
    scan(lab, "X")
    assert {e["event_type"] for e in lab.events()} - {"incident"} == {"alert"}  # observe: nothing is dropped
    lab.weir("mode enforce")
    scan(lab, "X")
    lab.weir("ban", CLIENT)
    for count in ("500", "1"):  # on one CPU; the last one, in another second, tells what was left out
        lab.at(lab.client, "taskset", "-c", "0", "hping3", "-q", "--icmp", "-i", "u2000", "-c", count, SERVER, check=False)
        time.sleep(1.2)
    status = lab.status()
    events = [e for e in lab.events() if e["event_type"] == "drop"]
    validator = jsonschema.Draft7Validator(json.loads((SOURCE / "docs/eve.schema.json").read_text()))
    for event in lab.events():
        validator.validate(event)
    assert {(e["drop"]["reason"], e["proto"], e["weir"].get("detection")) for e in events} == {
        ("detection", "TCP", "scan.xmas"), ("ban", "ICMP", None)}
    counters, suppressed = status["counters"], status["losses"]["lost_drop_event"]
    assert len(events) + suppressed == counters["drop_ban"] + counters["drop_detection"]
    told = sum(e["weir"].get("suppressed", 0) for e in events if e["drop"]["reason"] == "ban")
    assert suppressed and 0 < told <= suppressed
    assert "drop" not in {json.loads(line)["event_type"] for line in lab.weir("events --json").stdout.splitlines()}


def explain(lab, *args):
    """Verdict, and rows by topic."""
    told = json.loads(lab.weir("explain --json", *args).stdout)
    rows = {}
    for row in told["because"]:
        rows.setdefault(row["topic"], []).append(row)
    return told["verdict"], rows, told["findings"]


def test_explain_says_why(lab):
    lab.run()
    verdict, rows, findings = explain(lab, CLIENT)
    assert verdict == {"drop": False, "would_drop": False, "text": "passes"}
    assert set(rows) == {"mode"} and findings == []
    assert "own" in explain(lab, SERVER)[1]
    sent = scan(lab, "X")
    until(lambda: explain(lab, CLIENT)[2], "a finding is kept")
    verdict, rows, findings = explain(lab, CLIENT)
    (incident,) = rows["incident"]
    assert incident["detection"] == "scan.xmas" and incident["count"] == sent and incident["dest_ip"] == SERVER
    assert not verdict["drop"] and "scan.xmas" in verdict["text"]
    assert findings and len(findings) <= 10 and {e["weir"]["detection"] for e in findings} == {"scan.xmas"}
    assert explain(lab, CLIENT, f"{SERVER}:1")[2] == [] and explain(lab, CLIENT, SERVER)[2]
    assert explain(lab, SERVER)[2]  # as a destination
    lab.weir("ban", "10.81.0.0/24", "--reason", "the net")
    lab.weir("ban", CLIENT, "--for", "10m", "--reason", "too loud")
    verdict, rows, _ = explain(lab, CLIENT)
    assert verdict["would_drop"] and not verdict["drop"] and verdict["by"] == "ban"
    assert [(b["prefix"], b["reason"], b["in_force"]) for b in rows["ban"]] == [
        (CLIENT, "too loud", True), ("10.81.0.0/24", "the net", False)]
    lab.weir("mode enforce")
    lab.fetch(check=False)
    verdict, rows, _ = explain(lab, CLIENT)
    assert verdict["drop"] and rows["ban"][0]["packets"] > 0 and 0 < rows["ban"][0]["expires_in_s"] <= 600
    text = lab.weir("explain", CLIENT).stdout
    assert text.startswith("verdict   dropped: the source is banned") and "too loud" in text and "scan.xmas" in text
    assert lab.weir("explain", "nobody", check=False).returncode == 2
    assert lab.weir("explain", check=False).returncode == 2
