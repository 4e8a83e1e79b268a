# SPDX-License-Identifier: Apache-2.0
"""Clients of a listener with a short queue keep connecting while forged SYNs arrive: weir answers these with cookies
that the listener's own kernel made and takes back. Floods have forged sources, and a bound in packets and in time."""

import contextlib
import signal
import subprocess
import sysconfig
import threading
import time

import pytest

from tests.netns.lab import HERE, PAGE, WEIR, lab_of, needs_root, sh, until

pytestmark = needs_root

PORT = 8080
BACKLOG = 16
PACE_US = 100  # between forged SYNs
FORGED = 100_000  # at most
# Most of a flood has one fingerprint, and would be dropped for that.
POLICY = "mode: enforce\ndetections: {flood.fingerprint: alert}\ncookies: {when: always}\n"

NGINX = """daemon off; pid {dir}/short.pid; error_log /dev/null; worker_processes 1; events {{ worker_connections 512; }}
http {{ access_log off; client_body_temp_path {dir}/u1; proxy_temp_path {dir}/u2; fastcgi_temp_path {dir}/u3;
       uwsgi_temp_path {dir}/u4; scgi_temp_path {dir}/u5; server {{ root {dir}/web; keepalive_timeout 30;
       listen {port} backlog={backlog}; listen [::]:{port} backlog={backlog}; }} }}
"""

# hping3 knows no IPv6: SYNs from addresses of 2001:db8:66::/48, with the sum that a NIC would make.
FLOOD6 = """
import random, socket, struct, sys, time
name, target, port, count, pace = sys.argv[1], socket.inet_pton(socket.AF_INET6, sys.argv[2]), *map(int, sys.argv[3:6])
mac = bytes.fromhex(sys.argv[6].replace(":", ""))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((name, 0))
begin = time.monotonic()
for i in range(count):
    source = bytes.fromhex("20010db80066") + random.randbytes(10)
    tcp = struct.pack("!HHIIBBHHH", random.randrange(1024, 65536), port, random.randrange(1 << 32), 0, 80, 2, 512, 0, 0)
    words = struct.unpack("!28H", source + target + struct.pack("!HH", 20, 6) + tcp)
    total = sum(words)
    total = (total & 0xffff) + (total >> 16)
    total = ~((total & 0xffff) + (total >> 16)) & 0xffff
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    s.send(mac + bytes(6) + b"\\x86\\xdd" + struct.pack("!IHBB", 6 << 28, 20, 6, 64) + source + target + tcp)
    ahead = begin + i * pace / 1e6 - time.monotonic()
    if ahead > 0.005:
        time.sleep(ahead)
"""


def takes_answers(lab):
    lab.at(lab.client, "ip", "link", "set", "dev", "wc", "xdp", "obj", str(lab.dir / "pass.o"), "sec", "xdp.frags")


@contextlib.contextmanager
def lab_with_short_queue(shape):
    with lab_of(shape) as lab:
        sh("clang", "-O2", "-g", "-target", "bpf", f"-I/usr/include/{sysconfig.get_config_var('MULTIARCH')}",
           "-c", str(HERE / "pass.bpf.c"), "-o", str(lab.dir / "pass.o"))
        takes_answers(lab)
        for version in (4, 6):  # the listener answers anybody
            sh("ip", "-n", lab.server, f"-{version}", "route", "add", "default", "via", lab.source[version])
        # A handshake that hangs is given up after a second, so that the queue is empty soon after a flood.
        lab.at(lab.server, "sysctl", "-qw", "net.ipv4.tcp_synack_retries=0")
        (lab.dir / "short.conf").write_text(NGINX.format(dir=lab.dir, port=PORT, backlog=BACKLOG))
        lab.spawn(lab.server, "nginx", "-e", "/dev/null", "-c", str(lab.dir / "short.conf"))
        until(lambda: f":{PORT} " in lab.at(lab.server, "ss", "-ltn").stdout, "nginx listens")
        yield lab


@pytest.fixture(name="lab", scope="module")
def attacked():
    with lab_with_short_queue("direct") as lab:
        yield lab


def start(lab, policy, *args):
    (lab.dir / "weir.yaml").write_text(policy)
    lab.run("-c", str(lab.dir / "weir.yaml"), *args)
    threading.Thread(target=lab.daemon.stdout.read, daemon=True).start()  # findings: a pipe must not fill


def apply(lab, policy):
    (lab.dir / "weir.yaml").write_text(policy)
    lab.weir("policy apply", str(lab.dir / "weir.yaml"))


def sysctl(lab, value=None):
    if value is not None:
        lab.at(lab.server, "sysctl", "-qw", f"net.ipv4.tcp_syncookies={value}")
    return lab.at(lab.server, "sysctl", "-n", "net.ipv4.tcp_syncookies").stdout.strip()


@contextlib.contextmanager
def flood(lab, version):
    if version == 4:
        forger = lab.spawn(lab.client, "hping3", "-q", "-S", "--rand-source", "-p", str(PORT), "-i", f"u{PACE_US}",
                           "-c", str(FORGED), lab.target[4])
    else:
        forger = lab.spawn(lab.client, "/usr/bin/python3", "-c", FLOOD6, "wc", lab.target[6], str(PORT), str(FORGED),
                           str(PACE_US), lab.next_hop())
    until(lambda: waiting(lab, version) >= BACKLOG // 2, "the flood arrives")
    try:
        yield
        assert forger.poll() is None, "the flood ended before the clients did"
    finally:
        forger.kill()
        forger.wait()


def waiting(lab, version):
    """Handshakes that hang."""
    lines = lab.at(lab.server, "ss", f"-{version}Hnt", "state", "syn-recv", f"sport = :{PORT}").stdout.splitlines()
    return len(lines)


def served(lab, version, clients, patience=3):
    """How many of so many connections, one after the other."""
    host = f"[{lab.target[6]}]" if version == 6 else lab.target[4]
    one = ["-o", "/dev/null", f"http://{host}:{PORT}/small"]
    return lab.at(lab.client, "curl", "-s", "-m", str(patience), "-H", "Connection: close", "-w", "%{http_code}\n", *one * clients,
                  check=False).stdout.split().count("200")


def kernel(lab, name):
    for line in lab.at(lab.server, "nstat", "-asz", name).stdout.splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def cookies(lab):
    return {name: value for name, value in lab.status()["counters"].items() if name.startswith("cookies_")}


def since(lab, before):
    return {name: value - before[name] for name, value in cookies(lab).items()}


@contextlib.contextmanager
def held(lab, version):
    """A connection that is open before the flood, and what it gets during it."""
    code = ("import socket, sys\ns = socket.create_connection((sys.argv[1], int(sys.argv[2])))\nprint('open', flush=True)\n"
            "sys.stdin.readline()\ns.settimeout(3)\ns.sendall(b'GET /small HTTP/1.0\\r\\n\\r\\n')\nprint(s.recv(15).decode())\n")
    asks = lab.spawn(lab.client, "/usr/bin/python3", "-c", code, lab.target[version], str(PORT), stdin=subprocess.PIPE,
                     stdout=subprocess.PIPE)
    assert asks.stdout.readline() == "open\n"
    yield lambda: asks.communicate("go\n", 10)[0].strip()


# First: a network of its own, before that of all others stands.
# Not both at once: what makes the tag where the kernel has no 8021q hides frames from generic XDP.
@pytest.mark.parametrize("shape, attach", [("vlan", "xdp"), ("direct", "xdp-generic")])
def test_other_ways_in(shape, attach):
    """Every connection by a cookie; one carries as much as any other."""
    with lab_with_short_queue(shape) as lab:
        sysctl(lab, 2)
        start(lab, POLICY, "--attach", attach)
        for version in (4, 6):
            assert served(lab, version, 5) == 5
            host = f"[{lab.target[6]}]" if version == 6 else lab.target[4]
            size = lab.at(lab.client, "curl", "-s", "-o", "/dev/null", "-m", "3", "-w", "%{size_download}",
                          f"http://{host}:{PORT}/page").stdout
            assert int(size) == PAGE
        got = cookies(lab)
        assert got["cookies_sent"] >= got["cookies_accepted"] == kernel(lab, "TcpExtSyncookiesRecv") == 12


def test_without_weir(lab):
    """The flood does what it should: nobody is served."""
    sysctl(lab, 0)
    with flood(lab, 4):
        assert served(lab, 4, 2, patience=1) == 0


@pytest.mark.parametrize("version, when", [(4, "always"), (6, "auto")])
def test_clients_are_served(lab, version, when):
    sysctl(lab, 1)
    if not lab.daemon:
        start(lab, POLICY)
    apply(lab, POLICY.replace("always", when))
    until(lambda: not waiting(lab, version), "the queue is empty")
    before, taken = cookies(lab), kernel(lab, "TcpExtSyncookiesRecv")
    assert served(lab, version, 3) == 3
    assert since(lab, before)["cookies_sent"] == 0  # the listener has room
    with held(lab, version) as ask, flood(lab, version):
        until(lambda: since(lab, before)["cookies_sent"] > 100, "cookies")
        assert served(lab, version, 50) == 50
        assert ask().startswith("HTTP/1.1 200")
    got = since(lab, before)
    assert got["cookies_accepted"] == kernel(lab, "TcpExtSyncookiesRecv") - taken > 40
    assert got["cookies_rejected"] == 0
    until(lambda: not waiting(lab, version), "the queue is empty again")
    before = cookies(lab)
    assert served(lab, version, 3) == 3
    assert since(lab, before)["cookies_sent"] == 0
    assert not lab.status()["losses"]["lost_cookie"]


def test_observing_sends_nothing(lab):
    apply(lab, POLICY)
    lab.weir("mode observe")
    before = lab.status()["counters"]
    with flood(lab, 4):
        time.sleep(0.2)
    after = lab.status()["counters"]
    assert after["cookies_sent"] == before["cookies_sent"]
    assert after["would_cookie"] > before["would_cookie"]
    lab.weir("mode enforce")


def test_an_end_that_takes_none(lab):
    """Nothing is sent into a veth whose other end would not take it: its clients would be lost."""
    sysctl(lab, 2)
    apply(lab, POLICY)
    lab.at(lab.client, "ip", "link", "set", "dev", "wc", "xdp", "off")
    until(lambda: lab.status()["cookies"]["not_on"] == ["ws"], "the other end is looked at", seconds=4)
    before = cookies(lab)
    assert served(lab, 4, 3) == 3
    assert since(lab, before)["cookies_sent"] == 0
    takes_answers(lab)
    until(lambda: lab.status()["cookies"]["not_on"] == [], "and again", seconds=4)
    assert served(lab, 4, 3) == 3
    assert since(lab, before)["cookies_sent"] == 3


def test_the_sysctl_is_put_back(lab):
    """What policy lets weir change is as it was found when weir ends, when the policy changes its mind, and after a crash;
    what another set meanwhile stays."""
    allowed, off = POLICY.replace("always", "always, sysctl: set"), POLICY.replace("always", "off, sysctl: set")
    sysctl(lab, 0)
    apply(lab, allowed)
    assert sysctl(lab) == "2"
    assert lab.status()["cookies"] == {"when": "always", "tcp_syncookies": 2, "found": 0, "not_on": []}
    apply(lab, off)
    assert sysctl(lab) == "0"
    apply(lab, allowed)
    lab.weir("mode observe")
    until(lambda: sysctl(lab) == "0", "nothing is sent, nothing is set", seconds=3)
    lab.weir("mode enforce")
    until(lambda: sysctl(lab) == "2", "set again", seconds=3)
    lab.end(signal.SIGKILL)
    assert sysctl(lab) == "2"
    start(lab, POLICY)  # which does not ask for it
    assert sysctl(lab) == "0"
    assert "net.ipv4.tcp_syncookies is 0" in (lab.dir / "log").read_text()
    apply(lab, allowed)
    sysctl(lab, 1)
    lab.end(signal.SIGTERM)
    assert sysctl(lab) == "1"
    start(lab, allowed, "--attach", "tc")
    assert sysctl(lab) == "2"
    assert "ws: no cookies here" in (lab.dir / "log").read_text()
    assert lab.status()["cookies"]["not_on"] == ["ws"]
    lab.end(signal.SIGKILL)
    lab.weir("down")  # in another network namespace: that one's setting is not ours
    assert sysctl(lab) == "2"
    lab.at(lab.server, WEIR, "down", "--state-dir", str(lab.state))
    assert sysctl(lab) == "1"
