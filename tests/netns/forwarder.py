# SPDX-License-Identifier: Apache-2.0
"""A lab with a bad network in the middle:

    client wc -- fa middle fb -- ws server (weir)

forwarder.c carries every frame between fa and fb. Offloads of the ends are off, so that there are no
segments larger than the wire's and all checksums are whole. Who attacks stands in the middle: it hears
and speaks on fa and fb as the ends would."""

import contextlib
import ctypes
import os
import socket
import subprocess

from tests.netns.lab import HERE, Lab, sh

CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def inside(namespace):
    """This thread in a network namespace: sockets made here stay there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net", encoding="ascii") as home, \
            open(f"/run/netns/{namespace}", encoding="ascii") as there:
        assert libc.setns(there.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        try:
            yield
        finally:
            assert libc.setns(home.fileno(), CLONE_NEWNET) == 0


class ForwarderLab(Lab):
    """settings: of forwarder.c; times in microseconds, shares in permille."""

    def __init__(self, **settings):
        super().__init__("direct")
        self.middle = f"weir{os.getpid()}m"
        self.namespaces.append(self.middle)
        self.settings = settings
        self.forwarder = None

    def wire_direct(self):
        self.at(self.middle, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        for ns, name, end, outer in ((self.client, "wc", self.source, "fa"), (self.server, "ws", self.target, "fb")):
            self.wire(ns, name, self.middle, outer)
            self.at(ns, "ethtool", "-K", name, "tx", "off", "tso", "off", "gso", "off")
            self.address(ns, name, f"{end[4]}/24", f"{end[6]}/64")
        self.address(self.server, "ws", f"{self.own[4]}/24", f"{self.own[6]}/64")
        program = self.dir / "forwarder"
        sh("cc", "-O2", "-D_GNU_SOURCE", "-std=gnu17", "-o", str(program), str(HERE / "forwarder.c"))
        self.forwarder = self.spawn(self.middle, str(program), "fa", "fb", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=None)
        assert self.forwarder.stdout.readline() == "ready\n"
        self.forward(**self.settings)

    def forward(self, **settings):
        """Change settings; returns what happened to frames so far."""
        self.forwarder.stdin.write(" ".join(f"{k}={v}" for k, v in settings.items()) + "\n")
        self.forwarder.stdin.flush()
        return {k: int(v) for k, v in (word.split("=") for word in self.forwarder.stdout.readline().split())}

    def wiretap(self, name):
        """A packet socket on fa or fb."""
        with inside(self.middle):
            tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            tap.bind((name, 0))
        return tap

    def down(self):
        if self.forwarder:
            self.forwarder.stdin.close()
            self.forwarder.stdout.close()
        super().down()


@contextlib.contextmanager
def forwarder_lab(**settings):
    made = ForwarderLab(**settings)
    try:
        made.up()
        yield made
    finally:
        made.down()
