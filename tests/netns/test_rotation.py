# SPDX-License-Identifier: Apache-2.0
"""Floods that change their kind every two seconds, from forged sources, while a client fetches pages: each is told,
nobody else notices, what weir holds does not grow, and every packet that came is accounted for.

WEIR_SOAK_FLOODS: so many seconds (`make soak`: 1800), and then the end of attack mode is waited for."""

import json
import os
import re
import shutil
import signal
import sysconfig
import threading
import time

import pytest

from tests.netns.lab import HERE, lab_of, needs_root, sh, until

pytestmark = needs_root
SOAK = int(os.environ.get("WEIR_SOAK_FLOODS", "0"))
SLOT = 2.2  # seconds of one vector
SOON = 2.0  # to tell it; DESIGN 6
PACKETS = 100_000  # of one vector at most
LIMIT = {"flood.syn": 1000, "flood.ack": 200, "flood.cookie_ack": 200}  # packets a second; 100 of the others
RSS_MORE_KB = 8192  # that the process may take beyond what it had after the first round
NO_COOKIE_AFTER, NORMAL_AFTER = 35, 160  # seconds from the end of the last flood
AHEAD = ["nice", "-n", "-10"]  # what is to be a flood is one on a machine with other work, too


def hping(lab, *options, pace_us=200):
    return [*AHEAD, "hping3", "-q", *options, "--rand-source", "-i", f"u{pace_us}", "-c", str(PACKETS), lab.target[4]]


def mixed(lab):
    """SYNs of many builds: no fingerprint to drop them by."""
    return [*AHEAD, "trafgen", "-q", "-o", "wc", "--cpus", "1", "-n", str(PACKETS), "-t", "150us",
            f"{{ eth(da={lab.next_hop()}), ipv4(ttl=64, sa=drnd(), da={lab.target[4]}), "
            f"tcp(sp=drnd(), dp=80, seq=drnd(), syn, win=drnd()) }}"]


VECTORS = [  # row, what sends it
    ("flood.syn", lambda lab: hping(lab, "-S", "-p", "80", pace_us=100)),
    ("flood.cookie_ack", lambda lab: hping(lab, "-A", "-p", "80")),  # which answers with cookies by now
    ("flood.ack", lambda lab: hping(lab, "-A", "-p", "40000")),
    ("flood.rst", lambda lab: hping(lab, "-R", "-p", "80")),
    ("flood.amplification", lambda lab: hping(lab, "-A", "-P", "-s", "443", "-k", "-p", "40000", "-d", "64")),
    ("flood.fin", lambda lab: hping(lab, "-F", "-A", "-p", "80")),
    ("flood.synack", lambda lab: hping(lab, "-S", "-A", "-p", "40000")),
]
if shutil.which("trafgen"):
    VECTORS.insert(1, ("flood.syn", mixed))


class Client:
    """Fetches a page again and again, until told to end."""

    def __init__(self, lab):
        self.lab, self.served, self.failed, self.ends = lab, 0, 0, False
        self.thread = threading.Thread(target=self.visit)
        self.thread.start()

    def visit(self):
        page = f"http://{self.lab.target[4]}/small"
        while not self.ends:
            code = self.lab.at(self.lab.client, "curl", "-s", "-m", "8", "-o", "/dev/null", "-w", "%{http_code}", page,
                               check=False).stdout
            self.served += code == "200"
            self.failed += code != "200"
            time.sleep(0.05)

    def end(self):
        self.ends = True
        self.thread.join()


def maps(pid):
    """Bytes of the maps that the process holds, by id."""
    held = {}
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as f:
                text = f.read()
        except FileNotFoundError:
            continue
        if "map_id:" in text:
            number, size = (int(re.search(rf"^{key}:\s*(\d+)", text, re.M)[1]) for key in ("map_id", "memlock"))
            held[number] = size
    return held


def rss_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s*(\d+)", f.read())[1])


def arrived(lab):
    """Frames that the interface took, and those that weir judged there."""
    shown = json.loads(sh("ip", "-n", lab.server, "-s", "-j", "link", "show", "ws").stdout)[0]["stats64"]["rx"]
    return shown["packets"], lab.status()["packets"]["xdp"]


def unjudged(lab):
    """Frames of which weir said nothing, once all is quiet."""
    last = None
    for _ in range(50):
        now = arrived(lab)
        if now == last:
            break
        last = now
        time.sleep(0.1)
    return now[0] - now[1]


def found(lab, row):
    return lab.found().get(row, 0)


def events(lab):
    """Floods, all their events."""
    return [e["weir"] for e in lab.events() if e.get("weir", {}).get("detection", "").startswith("flood.")]


def comes_fast(lab, row):
    """Waits until a flood comes at a rate that is one, or is told. Returns since when."""
    limit, before, end = LIMIT.get(row, 100), found(lab, row), time.monotonic() + 20
    while time.monotonic() < end:
        since, came = time.monotonic(), lab.status()["packets"]["xdp"]
        time.sleep(0.2)
        now = lab.status()["packets"]["xdp"]
        if (now - came) / (time.monotonic() - since) > limit * 1.5 or found(lab, row) > before:
            return since
    pytest.fail(f"{row}: no flood comes, this machine is too slow")


def play(lab, row, command):
    """One vector. Returns after how many seconds it was told."""
    before = found(lab, row)
    forger = lab.spawn(lab.client, *command, start_new_session=True)
    try:
        began = comes_fast(lab, row)
        until(lambda: found(lab, row) > before, f"{row} is told", seconds=5)
        told = time.monotonic() - began
        time.sleep(max(0, began + SLOT - time.monotonic()))
        assert forger.poll() is None, f"{row} ended too early"
    finally:
        os.killpg(forger.pid, signal.SIGKILL)  # trafgen has a child that sends
        forger.wait()
        lab.processes.remove(forger)
    return told


@pytest.fixture(name="lab", scope="module")
def flooded():
    with lab_of("direct") as lab:
        for ns, via in ((lab.server, lab.source), (lab.client, lab.target)):  # the listener answers anybody
            lab.at(ns, "ip", "route", "add", "default", "via", via[4])
        sh("clang", "-O2", "-g", "-target", "bpf", f"-I/usr/include/{sysconfig.get_config_var('MULTIARCH')}",
           "-c", str(HERE / "pass.bpf.c"), "-o", str(lab.dir / "pass.o"))  # the end of a veth that takes cookies
        lab.at(lab.client, "ip", "link", "set", "dev", "wc", "xdp", "obj", str(lab.dir / "pass.o"), "sec", "xdp.frags")
        lab.run("--mode", "enforce")
        threading.Thread(target=lab.daemon.stdout.read, daemon=True).start()  # findings: a pipe must not fill
        yield lab


def service(lab):
    return next((r for r in json.loads(lab.weir("floods", "--json").stdout)["floods"] if r.get("port") == 80), None)


def ends(lab):
    """Attack mode does, by itself."""
    quiet = time.monotonic()
    time.sleep(NO_COOKIE_AFTER)
    sent = lab.status()["counters"]["cookies_sent"]
    until(lambda: service(lab)["state"] == "normal", "the state is normal again", seconds=NORMAL_AFTER - NO_COOKIE_AFTER)
    print(f"state normal {time.monotonic() - quiet:.0f} s after the last flood")
    assert "over" in service(lab)["flood"]
    assert lab.status()["counters"]["cookies_sent"] == sent


def test_rotation(lab):
    unseen, client = unjudged(lab), Client(lab)
    held, rss, rounds, told = maps(lab.daemon.pid), 0, 0, []
    end = time.monotonic() + SOAK
    try:
        while rounds == 0 or time.monotonic() < end:
            told += (play(lab, row, command(lab)) for row, command in VECTORS)
            rounds += 1
            rss = rss or rss_kb(lab.daemon.pid)
    finally:
        client.end()
    status = lab.status()
    told.sort()
    late = len(told) // 10 + 1  # a busy machine may lose a moment
    counts = {name: n for name, n in status["counters"].items() if n and ("drop" in name or "cookies" in name)}
    print(f"{rounds} rounds of {len(VECTORS)} vectors, {status['packets']}, told after {told[len(told) // 2]:.2f} s, "
          f"the {late} slowest after {told[-late]:.2f} to {told[-1]:.2f} s; "
          f"{client.served} pages, {client.failed} failed; maps {sum(held.values())} bytes, "
          f"process {rss} kB, then {rss_kb(lab.daemon.pid)}; {counts}, "
          f"losses { {name: n for name, n in status['losses'].items() if n} }")
    assert told[-1 - late] < SOON and told[-1] < SOON + 1
    assert client.served > 5 * rounds and not client.failed
    assert maps(lab.daemon.pid) == held
    assert rss_kb(lab.daemon.pid) < rss + RSS_MORE_KB
    assert unjudged(lab) == unseen
    assert not json.loads(lab.weir("bans", "--json").stdout)["bans"]
    flood = service(lab)["flood"]
    assert 0 < flood["cookies_accepted"] <= flood["served"] and flood["cookies_accepted"] <= flood["cookies_sent"]
    assert flood["cookies_rejected"] > 200
    if SOAK:
        ends(lab)


def test_what_was_told(lab):
    """In the events: each kind, begun no oftener than it was sent; at the end all packets of those that no other row takes."""
    counts = lab.found()
    lab.end(signal.SIGTERM)
    told, rows = events(lab), {row for row, _ in VECTORS}
    begun = {row: sum(e["detection"] == row and e["count"] == 1 for e in told) for row in rows}
    print(begun)
    assert SOAK or begun == {row: 1 for row in rows}
    assert all(begun.values()) and {e["detection"] for e in told} <= rows | {"flood.fingerprint", "flood.half_open"}
    for row in ("flood.synack", "flood.rst", "flood.fin"):
        mine = [e for e in told if e["detection"] == row]
        ended = [e["count"] for e, more in zip(mine, mine[1:] + [{"count": 1}]) if more["count"] == 1]
        assert sum(ended) == counts[row], row
