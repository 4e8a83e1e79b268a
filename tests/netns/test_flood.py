# SPDX-License-Identifier: Apache-2.0
"""Floods by hping3 from forged sources, bounded in packets and in time, against a listener that real clients use
meanwhile: one incident each within two seconds, clients served, nobody banned; a crowd of real clients is none."""

import contextlib
import datetime
import json
import signal
import threading
import time

import pytest

from tests.netns.lab import lab_of, needs_root, until

pytestmark = needs_root

FLOODS = {  # options of hping3, microseconds between two packets
    "flood.syn": (["-S"], 50),
    "flood.ack": (["-A"], 500),
    "flood.rst": (["-R"], 500),
    "flood.fin": (["-F", "-A"], 500),
    "flood.synack": (["-S", "-A"], 500),
}
PACKETS = 40_000  # of one flood at most
SOON = 2.0  # seconds to tell it
CROWD = 6000

CROWDS = """
import socket, struct, sys
for _ in range(int(sys.argv[3])):
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
"""


@pytest.fixture(name="lab", scope="module")
def flooded():
    with lab_of("direct") as lab:
        for ns, via in ((lab.server, lab.source), (lab.client, lab.target)):  # the listener answers anybody
            lab.at(ns, "ip", "route", "add", "default", "via", via[4])
        lab.run("--mode", "enforce")
        threading.Thread(target=lab.daemon.stdout.read, daemon=True).start()  # findings: a pipe must not fill
        yield lab


def received(lab):
    return lab.status()["packets"]["xdp"]


def banned(lab):
    return json.loads(lab.weir("bans", "--json").stdout)["bans"]


@contextlib.contextmanager
def flood(lab, options, pace_us):
    """Yields when it arrives: that time."""
    before = received(lab)
    forger = lab.spawn(lab.client, "hping3", "-q", *options, "--rand-source", "-p", "80", "-i", f"u{pace_us}",
                       "-c", str(PACKETS), lab.target[4])
    until(lambda: received(lab) - before > 20, "the flood arrives")
    try:
        yield time.time()
        assert forger.poll() is None, "it ended too early"
    finally:
        forger.kill()
        forger.wait()


def incidents(lab):
    """Floods that began: detection and time."""
    with contextlib.suppress(FileNotFoundError):
        lines = (lab.dir / "eve.json").read_text().split("\n")[:-1]
        return [(e["weir"]["detection"], datetime.datetime.strptime(e["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp())
                for e in map(json.loads, (line for line in lines if '"flood.' in line))
                if e["weir"]["detection"].startswith("flood.") and e["weir"]["count"] == 1]
    return []


def served(lab, clients):
    """How many of so many connections, one after the other."""
    one = ["-o", "/dev/null", f"http://{lab.target[4]}/small"]
    return lab.at(lab.client, "curl", "-s", "-m", "3", "-H", "Connection: close", "-w", "%{http_code}\n", *one * clients,
                  check=False).stdout.split().count("200")


@pytest.mark.parametrize("name", FLOODS)
def test_flood(lab, name):
    before = len(incidents(lab))
    with flood(lab, *FLOODS[name]) as began:
        until(lambda: len(incidents(lab)) > before, "it is told", seconds=5)
        assert served(lab, 30) == 30
    told = incidents(lab)[before:]
    print([(n, round(at - began, 2)) for n, at in told])
    assert [n for n, _ in told] == [name]
    assert told[0][1] - began < SOON
    assert not banned(lab)


def test_what_is_shown(lab):
    """The flood of SYNs, with the clients served meanwhile; what is usual, until it is forgotten."""
    def shown(*args):
        return [r for r in json.loads(lab.weir("floods", "--json", *args).stdout)["floods"] if r.get("port") == 80]

    (service,) = shown()
    assert service["address"] == lab.target[4] and service["kind"] == "service"
    assert service["state"] == "attack" and service["syn_limit_per_s"] >= 999
    assert [v["detection"] for v in service["flood"]["vectors"]][0] == "flood.syn"
    assert service["flood"]["served"] >= 30 and service["flood"]["vectors"][0]["peak_per_s"] >= 999
    assert "flood.syn" in lab.weir("floods").stdout
    assert not shown("--forget")


def test_what_is_usual_is_kept(lab):
    """Learned from a crowd; over kill -9, over `weir down`, and in a file that is brought back."""
    def usual(*args):
        shown = json.loads(lab.weir("floods", "--json", *args).stdout)["floods"]
        return next((r["syn_usual_per_s"] for r in shown if r.get("port") == 80), 0)

    lab.weir("floods", "--forget")
    crowd = lab.spawn(lab.client, "/usr/bin/python3", "-c", CROWDS, lab.target[4], "80", str(CROWD // 2))
    assert crowd.wait(20) == 0
    time.sleep(4)  # the beats of the crowd are over, and user space has taken their turns
    assert usual() >= 4
    for number in (signal.SIGKILL, signal.SIGTERM):
        before = usual()
        lab.end(number)
        if number == signal.SIGTERM:
            lab.weir("down")
        lab.run("--mode", "enforce")
        threading.Thread(target=lab.daemon.stdout.read, daemon=True).start()
        assert before / 2 <= usual() <= before * 1.5 + 1  # half of it fades in a minute
    export = lab.dir / "usual.json"
    export.write_text(lab.weir("floods", "--json").stdout)
    before = usual()
    assert usual("--forget") == 0
    assert before / 2 <= usual("--import", str(export)) <= before + 1
    export.write_text('{"floods": [{"kind": "service", "address": "192.0.2.1"}]}')
    refused = lab.weir("floods", "--import", str(export), check=False)
    assert refused.returncode == 2 and "port" in refused.stderr
    export.write_text("[]")
    refused = lab.weir("floods", "--import", str(export), check=False)
    assert refused.returncode == 1 and "expected what `weir floods --json` prints" in refused.stderr


def test_crowd(lab):
    before, start = incidents(lab), time.monotonic()
    crowd = [lab.spawn(lab.client, "/usr/bin/python3", "-c", CROWDS, lab.target[4], "80", str(CROWD // 2)) for _ in range(2)]
    for one in crowd:
        assert one.wait(20) == 0
    print(f"{CROWD / (time.monotonic() - start):.0f} connections a second")
    time.sleep(1)
    assert incidents(lab) == before
