# SPDX-License-Identifier: Apache-2.0
"""Network namespaces for the tests: who talks to whom over what, and weir in between.

    direct   client wc ------------- ws server (weir)
    vlan     the same, addresses on VLAN 7 of both; weir on the parent
    jumbo    the same, MTU 9000
    gateway  client wc -- gc gateway (weir on both) gs -- ws server
    stacked  the same, the gateway's addresses on a macvlan device over gc and a bridge over gs

The server has nginx on port 80. Everything ends in down()."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sysconfig
import tempfile
import time

import pytest

HERE = pathlib.Path(__file__).parent
SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE", pathlib.Path(__file__).parents[2]))
WEIR = os.environ.get("WEIR", str(SOURCE / "build" / "weir"))
SECONDS = 30  # for one command
PAGE = 300_000  # bytes of /page
VLAN = 7

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes network namespaces")

NGINX = """daemon off; pid {dir}/nginx.pid; error_log /dev/null; worker_processes 1;
events {{ worker_connections 1024; }}
http {{ access_log off; client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
       uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5; client_max_body_size 16m; keepalive_requests 10000;
       server {{ listen 80 fastopen=16; listen [::]:80 fastopen=16; root {dir}/web;
                location /upload {{ return 204; }} }} }}
"""


def sh(*args, check=True, timeout=SECONDS, **more):
    done = subprocess.run(args, check=False, text=True, capture_output=True, timeout=timeout, **more)
    assert not check or done.returncode == 0, f"{' '.join(args)}: {done.returncode}: {done.stderr[-500:]}"
    return done


def until(what, name, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.02)
    pytest.fail(f"{name}: not within {seconds} s")


def finding_rows():
    """Detections that are findings above info unless policy says otherwise, from the catalogue."""
    text = (SOURCE / "src/abi/detections.def").read_text()
    rows = re.findall(r"^DETECT\(\s*\d+,\s*\w+,\s*(\w+),\s*(\w+),\s*\w+,\s*(\w+),\s*(\w+),\s*(\w+),", text, re.M)
    assert rows
    return {f"{category}.{name}" for category, name, observe, enforce, severity in rows
            if severity != "INFO" and {observe, enforce} - {"OFF", "COUNT"}}


class Lab:
    def __init__(self, shape="direct"):
        tag = f"weir{os.getpid()}"
        self.shape = shape
        self.client, self.gateway, self.server = f"{tag}c", f"{tag}g", f"{tag}s"
        routed = shape in ("gateway", "stacked")
        self.namespaces = [self.client, self.server] + [self.gateway] * routed
        self.home = self.gateway if routed else self.server  # where weir runs
        self.interfaces = ["gc", "gs"] if routed else ["ws"]
        self.port = f"wc.{VLAN}" if shape == "vlan" else "wc"  # that the client sends on
        self.source = {4: "10.81.0.1", 6: "2001:db8:81::1"}
        self.target = {4: "10.81.1.2", 6: "2001:db8:82::2"} if routed else {4: "10.81.0.2", 6: "2001:db8:81::2"}
        self.own = {4: "10.81.0.254", 6: "2001:db8:81::fe"}  # one more address of weir's machine
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="weir-test-"))
        self.state = self.dir / "state"
        self.processes = []
        self.daemon = None

    # Network

    def up(self):
        for ns in self.namespaces:
            sh("ip", "netns", "add", ns)
            sh("ip", "-n", ns, "link", "set", "lo", "up")
            self.at(ns, "sysctl", "-qw", "net.ipv4.tcp_fastopen=3", "net.ipv4.tcp_ecn=1")
        if self.home == self.gateway:
            self.wire_gateway()
        else:
            self.wire_direct()
        self.serve()

    def wire(self, ns, name, peer_ns, peer, mtu=1500):
        sh("ip", "-n", ns, "link", "add", name, "mtu", str(mtu), "type", "veth",
           "peer", "name", peer, "mtu", str(mtu), "netns", peer_ns)
        for where, what in ((ns, name), (peer_ns, peer)):
            sh("ip", "-n", where, "link", "set", what, "up")

    def address(self, ns, name, *addresses):
        for address in addresses:
            plain = ["nodad"] if ":" in address else []
            sh("ip", "-n", ns, "addr", "add", address, "dev", name, *plain)

    def wire_direct(self):
        self.wire(self.client, "wc", self.server, "ws", 9000 if self.shape == "jumbo" else 1500)
        for ns, name, end in ((self.client, "wc", self.source), (self.server, "ws", self.target)):
            if self.shape == "vlan":
                name = self.wire_vlan(ns, name)
            self.address(ns, name, f"{end[4]}/24", f"{end[6]}/64")
        self.address(self.server, name, f"{self.own[4]}/24", f"{self.own[6]}/64")

    def wire_vlan(self, ns, parent):
        """A VLAN device on the parent, whose tag is in the frame when the other end gets it."""
        name = f"{parent}.{VLAN}"
        self.at(ns, "ethtool", "-K", parent, "txvlan", "off")
        if sh("ip", "-n", ns, "link", "add", "link", parent, "name", name, "type", "vlan", "id", str(VLAN),
              check=False).returncode:
            self.wire(ns, name, ns, f"{name}.in")
            self.vlan_hand_over(ns, parent, f"{name}.in", "pop")
            self.vlan_hand_over(ns, f"{name}.in", parent, "push")
        sh("ip", "-n", ns, "link", "set", name, "up")
        return name

    def vlan_hand_over(self, ns, name, to, section):
        number = json.loads(sh("ip", "-n", ns, "-j", "link", "show", to).stdout)[0]["ifindex"]
        program = self.dir / f"{section}-{number}.o"
        sh("clang", "-O2", "-g", "-target", "bpf", f"-I/usr/include/{sysconfig.get_config_var('MULTIARCH')}",
           f"-DTO={number}", f"-DID={VLAN}", "-c", str(HERE / "vlan.bpf.c"), "-o", str(program))
        self.at(ns, "tc", "qdisc", "add", "dev", name, "clsact")
        self.at(ns, "tc", "filter", "add", "dev", name, "ingress", "bpf", "da", "obj", str(program), "sec", section)

    def wire_gateway(self):
        self.wire(self.client, "wc", self.gateway, "gc")
        self.wire(self.server, "ws", self.gateway, "gs")
        self.address(self.client, "wc", f"{self.source[4]}/24", f"{self.source[6]}/64")
        self.address(self.server, "ws", f"{self.target[4]}/24", f"{self.target[6]}/64")
        inner, outer = self.wire_stacked() if self.shape == "stacked" else ("gc", "gs")
        self.address(self.gateway, inner, "10.81.0.254/24", "2001:db8:81::fe/64")
        self.address(self.gateway, outer, "10.81.1.254/24", "2001:db8:82::fe/64")
        self.at(self.gateway, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        for ns, via4, via6 in ((self.client, "10.81.0.254", "2001:db8:81::fe"), (self.server, "10.81.1.254", "2001:db8:82::fe")):
            sh("ip", "-n", ns, "route", "add", "default", "via", via4)
            sh("ip", "-n", ns, "-6", "route", "add", "default", "via", via6)

    def wire_stacked(self):
        sh("ip", "-n", self.gateway, "link", "add", "link", "gc", "name", "gcm", "type", "macvlan", "mode", "bridge")
        sh("ip", "-n", self.gateway, "link", "add", "gsb", "type", "bridge")
        sh("ip", "-n", self.gateway, "link", "set", "gs", "master", "gsb")
        for name in ("gcm", "gsb"):
            sh("ip", "-n", self.gateway, "link", "set", name, "up")
        return "gcm", "gsb"

    def mac(self, ns, name):
        return json.loads(sh("ip", "-n", ns, "-j", "link", "show", name).stdout)[0]["address"]

    def next_hop(self):
        """Hardware address that the client's frames go to."""
        if self.home == self.gateway:
            return self.mac(self.gateway, "gcm" if self.shape == "stacked" else "gc")
        return self.mac(self.server, self.port.replace("wc", "ws"))

    def serve(self):
        web = self.dir / "web"
        web.mkdir()
        (web / "page").write_bytes(b"x" * PAGE)
        (web / "small").write_bytes(b"x" * 500)
        with open(web / "big", "wb") as big:
            big.truncate(64_000_000)
        (self.dir / "nginx.conf").write_text(NGINX.format(dir=self.dir))
        sh("chmod", "-R", "a+rX", str(self.dir))
        self.spawn(self.server, "nginx", "-e", "/dev/null", "-c", str(self.dir / "nginx.conf"))
        until(lambda: ":80 " in self.at(self.server, "ss", "-ltn").stdout, "nginx listens")

    # Processes. nsenter, because `ip netns exec` hides mounts.

    def inside(self, ns, args):
        return ["nsenter", f"--net=/run/netns/{ns}", *args]

    def at(self, ns, *args, **more):
        return sh(*self.inside(ns, args), **more)

    def spawn(self, ns, *args, **more):
        more = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **more}
        process = subprocess.Popen(self.inside(ns, args), text=True, **more)
        self.processes.append(process)
        return process

    def fetch(self, check=True, version=4):
        host = f"[{self.target[6]}]" if version == 6 else self.target[4]
        return self.at(self.client, "curl", "-s", "-o", "/dev/null", "-m", "2", "-w", "%{size_download}",
                       f"http://{host}/page", check=check).stdout

    # weir

    def start(self, *args):
        """weir run, without waiting for it."""
        ports = [word for name in self.interfaces for word in ("-i", name)]
        with open(self.dir / "log", "a", encoding="utf-8") as log:
            self.daemon = self.spawn(self.home, WEIR, "run", *ports, "--state-dir", str(self.state),
                                     "--eve", str(self.dir / "eve.json"), *args, stdout=subprocess.PIPE, stderr=log)

    def run(self, *args):
        """Start weir; returns its line `ready`."""
        self.start(*args)
        line = self.daemon.stdout.readline()
        assert line.startswith("ready "), (self.dir / "log").read_text()
        return line

    def weir(self, command, *args, **more):
        return sh(WEIR, *command.split(), "--state-dir", str(self.state), *args, **more)

    def status(self):
        """What `weir status --json` prints, straight from the socket: tests ask often."""
        request = b'{"command":"status"}'
        with socket.socket(socket.AF_UNIX) as s, s.makefile("rb") as reply:
            s.settimeout(SECONDS)
            s.connect(str(self.state / "weir.sock"))
            s.sendall(struct.pack("<I", len(request)) + request)
            return json.loads(reply.read(struct.unpack("<I", reply.read(4))[0]))

    def found(self):
        """Packets by detection."""
        return {name: row["found"] for name, row in self.status()["detections"].items() if row["found"]}

    def events(self):
        with contextlib.suppress(FileNotFoundError):
            return [json.loads(line) for line in (self.dir / "eve.json").read_text().splitlines()]
        return []

    def attached(self):
        """Names of the programs on weir's interfaces; bpftool before 7.3 shows no tcx."""
        shown = json.loads(self.at(self.home, "bpftool", "-j", "net").stdout)[0]
        return [p.get("name", "xdp") for kind in ("xdp", "tc") for p in shown.get(kind, [])]

    def end(self, number):
        self.daemon.send_signal(number)
        self.daemon.wait(SECONDS)
        self.daemon.stdout.close()

    def down(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        if self.state.exists():
            self.weir("down", check=False)
        for ns in self.namespaces:
            sh("ip", "netns", "del", ns, check=False)
        if os.path.ismount(self.state / "bpf"):
            sh("umount", str(self.state / "bpf"), check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


@contextlib.contextmanager
def lab_of(shape):
    made = Lab(shape)
    try:
        made.up()
        yield made
    finally:
        made.down()
