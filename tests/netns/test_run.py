# SPDX-License-Identifier: Apache-2.0
"""`weir run` and its commands on a veth between two namespaces, with nmap and curl as they are."""

import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import pytest

HERE = pathlib.Path(__file__).parent
SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE", HERE.parent.parent))
WEIR = os.environ.get("WEIR", str(SOURCE / "build" / "weir"))
CLIENT, SERVER = "10.81.0.1", "10.81.0.2"
SECONDS = 30  # for one command

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes network namespaces")


def sh(*args, check=True, **more):
    return subprocess.run(args, check=check, text=True, capture_output=True, timeout=SECONDS, **more)


class Lab:
    """Namespaces client and server; weir lives in the server's."""

    def __init__(self):
        tag = f"weir{os.getpid()}"
        self.client, self.server = f"{tag}c", f"{tag}s"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="weir-test-"))
        self.processes = []
        self.daemon = None

    def up(self):
        for ns in (self.client, self.server):
            sh("ip", "netns", "add", ns)
            sh("ip", "-n", ns, "link", "set", "lo", "up")
        sh("ip", "-n", self.client, "link", "add", "wc", "type", "veth", "peer", "name", "ws", "netns", self.server)
        for ns, name, addr in ((self.client, "wc", CLIENT), (self.server, "ws", SERVER)):
            sh("ip", "-n", ns, "addr", "add", f"{addr}/24", "dev", name)
            sh("ip", "-n", ns, "link", "set", name, "up")
        web = self.dir / "web"
        web.mkdir()
        (web / "page").write_bytes(b"x" * 300_000)
        self.spawn(self.server, "/usr/bin/python3", "-m", "http.server", "-d", str(web), "80")
        until(lambda: ":80 " in self.at(self.server, "ss", "-ltn").stdout, "the web server listens")

    def inside(self, ns, args):
        return ["nsenter", f"--net=/run/netns/{ns}", *args]

    def at(self, ns, *args, check=True):
        return sh(*self.inside(ns, args), check=check)

    def spawn(self, ns, *args, **more):
        more = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **more}
        process = subprocess.Popen(self.inside(ns, args), text=True, **more)
        self.processes.append(process)
        return process

    def weir(self, command, *args, check=True):
        return sh(WEIR, *command.split(), "--state-dir", str(self.dir / "state"), *args, check=check)

    def status(self):
        return json.loads(self.weir("status --json").stdout)

    def run(self, *args):
        """Start weir; returns its line `ready`."""
        self.log = open(self.dir / "log", "a", encoding="utf-8")
        self.daemon = self.spawn(self.server, WEIR, "run", "-i", "ws", "--state-dir", str(self.dir / "state"),
                                 "--eve", str(self.dir / "eve.json"), *args,
                                 stdout=subprocess.PIPE, stderr=self.log)
        line = self.daemon.stdout.readline()
        assert line.startswith("ready "), (self.dir / "log").read_text()
        return line

    def events(self):
        with contextlib.suppress(FileNotFoundError):
            return [json.loads(line) for line in (self.dir / "eve.json").read_text().splitlines()]
        return []

    def fetch(self, check=True):
        return self.at(self.client, "curl", "-s", "-o", "/dev/null", "-m", "2", "-w", "%{size_download}",
                       f"http://{SERVER}/page", check=check).stdout

    def end(self, number):
        self.daemon.send_signal(number)
        self.daemon.wait(SECONDS)

    def down(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        if (self.dir / "state").exists():
            self.weir("down", check=False)
        for ns in (self.client, self.server):
            sh("ip", "netns", "del", ns, check=False)
        if os.path.ismount(self.dir / "state" / "bpf"):
            sh("umount", str(self.dir / "state" / "bpf"), check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


def until(what, name, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.05)
    pytest.fail(f"{name}: not within {seconds} s")


@pytest.fixture
def lab():
    made = Lab()
    try:
        made.up()
        yield made
    finally:
        made.down()


def attached(lab):
    """Names of the programs on the server's interface."""
    shown = json.loads(lab.at(lab.server, "bpftool", "-j", "net").stdout)[0]
    return [p.get("name", "xdp") for kind in ("xdp", "tc") for p in shown.get(kind, [])]


def scan(lab, letter):
    """Ports of the server by nmap; returns how many TCP packets it says it sent."""
    out = lab.at(lab.client, "nmap", f"-s{letter}", "-n", "-Pn", "--disable-arp-ping", "--packet-trace", "-p", "1000-1049",
                 SERVER).stdout
    return len(re.findall(rf"^SENT .* TCP {re.escape(CLIENT)}:", out, re.M))


@pytest.mark.parametrize("attach", ["auto", "tc"])
@pytest.mark.parametrize("letter,name", [("X", "scan.xmas"), ("N", "scan.null"), ("F", "scan.fin")])
def test_scan_is_named_with_exact_count(lab, letter, name, attach):
    line = lab.run("--attach", attach)
    assert " ws ingress=" in line and "mode=observe" in line
    begin = time.time()
    first = subprocess.Popen(lab.inside(lab.client, ["nmap", f"-s{letter}", "-n", "-Pn", "-p", "999", SERVER]),
                             stdout=subprocess.DEVNULL)
    lab.processes.append(first)
    until(lab.events, "an event")
    event = lab.events()[0]
    seen = time.time()
    assert event["weir"]["detection"] == name and event["src_ip"] == CLIENT and event["dest_ip"] == SERVER
    assert event["in_iface"] == "ws" and event["weir"]["enforced"] is False
    until(lambda: first.poll() is not None, "nmap ends")
    before = lab.status()["detections"][name]["found"]
    sent = scan(lab, letter)
    assert sent >= 50
    assert lab.status()["detections"][name]["found"] - before == sent
    assert seen - begin < 3  # nmap's own start is most of it
    lab.end(signal.SIGTERM)
    assert lab.events()[-1]["weir"]["count"] == before + sent
    assert {e["weir"]["detection"] for e in lab.events()} == {name}


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


def test_ordinary_traffic_is_silent(lab):
    lab.run("--mode", "enforce")
    for _ in range(10):
        assert lab.fetch() == "300000"
    time.sleep(0.3)
    assert lab.events() == []
    status = lab.status()
    assert status["outcomes"]["tcp"] > 100 and not any(status["losses"].values())


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


@pytest.mark.parametrize("attach", ["auto", "tc"])
def test_kills_leave_no_packet_unjudged(lab, attach):
    """kill -9 at any moment, start included, while packets come at a steady rate."""
    if "pins=none" in lab.run("--attach", attach):
        pytest.skip("no bpffs can be mounted here")
    out = lab.dir / "nmap"
    with open(out, "w", encoding="utf-8") as f:
        nmap = lab.spawn(lab.client, "nmap", "-sX", "-n", "-Pn", "--disable-arp-ping", "--packet-trace",
                         "--max-rate", "200", "--min-rate", "200", "-p", "1000-1999", SERVER, stdout=f)
        pause = random.Random(7)
        while nmap.poll() is None:
            time.sleep(pause.uniform(0.0, 0.3))
            lab.end(signal.SIGKILL)
            if pause.random() < 0.5:  # one that dies before or while it adopts
                with open(lab.dir / "log", "a", encoding="utf-8") as log:
                    lab.daemon = lab.spawn(lab.server, WEIR, "run", "-i", "ws", "--attach", attach, "--state-dir",
                                           str(lab.dir / "state"), stderr=log)
                time.sleep(pause.uniform(0.0, 0.5))
                lab.end(signal.SIGKILL)
            assert "adopted=yes" in lab.run("--attach", attach)
    sent = len(re.findall(rf"^SENT .* TCP {re.escape(CLIENT)}:", out.read_text(), re.M))
    assert sent >= 1000
    assert lab.status()["detections"]["scan.xmas"]["found"] == sent
    lab.weir("down")
    assert attached(lab) == []


def test_down_leaves_nothing_and_bans_come_back(lab):
    before = attached(lab)
    lab.run("--mode", "enforce")
    assert attached(lab)  # bpftool before 7.3 shows no tcx
    assert [i["ingress"] for i in lab.status()["interfaces"]] != ["none"]
    lab.weir("ban", CLIENT)
    lab.weir("down")
    lab.daemon.wait(SECONDS)
    assert attached(lab) == before == []
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
                 frame(b'{"command":"ban"}'), frame(b'{"command":"status","x":1}'), frame(b"[" * 60000)):
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
