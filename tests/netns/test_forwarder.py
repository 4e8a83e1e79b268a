# SPDX-License-Identifier: Apache-2.0
"""Real stacks over a network that loses, repeats, delays and reorders: nothing they do is a finding
above info, and in enforce mode everything they do succeeds."""

import collections
import concurrent.futures
import socket
import threading
import time

import pytest

from tests.netns.forwarder import forwarder_lab, inside
from tests.netns.lab import needs_root, until
from tests.netns.test_ordinary import assert_silent

pytestmark = needs_root

BAD = {"delay": 500, "jitter": 1500, "drop": 5, "twice": 5, "late": 10, "hold": 4000}
# Options that every SYN has today, and none of them.
STACKS = {"modern": "1", "plain": "0"}
SHORT = 2000  # connections one after the other
PORTS = 300  # that they come from, so that each is used again while it is in TIME-WAIT
ANSWER = 200_000


class Peer:
    """A server that the test speaks with itself; handle(connection) serves one at a time."""

    def __init__(self, lab, port, handle):
        with inside(lab.server):
            self.socket = socket.create_server(("", port))
        self.handle = handle
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            with self.socket.accept()[0] as connection:
                self.handle(connection)


def dial(lab, port):
    with inside(lab.client):
        return socket.create_connection((lab.target[4], port), timeout=20)


def read_all(connection):
    total = 0
    while part := connection.recv(65536):
        total += len(part)
    return total


def short_connections(lab):
    """The server closes first, so that its side waits; a port comes again within a second."""
    done = lab.at(lab.client, "curl", "-sS", "-Z", "--parallel-immediate", "--parallel-max", "40", "-H", "Connection: close",
                  "-o", "/dev/null", "-m", "20", "-w", "%{http_code} %{local_port}\n",
                  f"http://{lab.target[4]}/small?[1-{SHORT}]", timeout=60)
    lines = [line.split() for line in done.stdout.splitlines()]
    uses = collections.Counter(port for _, port in lines)
    assert sum(code == "200" for code, _ in lines) == SHORT
    assert sum(uses.values()) - len(uses) > SHORT / 2, "ports came again"


def pages(lab):
    """A connection kept, Fast Open without and with a cookie, large pages, an upload, an impatient user."""
    u = f"http://{lab.target[4]}"
    for words, status in ((["--keepalive-time", "1", f"{u}/small?[1-100]"], 0), (["--tcp-fastopen", f"{u}/small"], 0),
                          (["--tcp-fastopen", f"{u}/small"], 0), ([f"{u}/page?[1-10]"], 0),
                          (["--data-binary", f"@{lab.dir}/web/page", f"{u}/upload"], 0),
                          (["-m", "0.2", "--limit-rate", "1M", f"{u}/big"], 28), ([f"{u}:81/"], 7)):
        done = lab.at(lab.client, "curl", "-sS", "-o", "/dev/null", *words, check=False)
        assert done.returncode == status, f"curl {words}: {done.returncode}: {done.stderr}"


def bulk(lab):
    for way in ((), ("-R",)):
        lab.at(lab.client, "iperf3", "-c", lab.target[6], "-p", "5202", "-t", "2", "-P", "2", *way)


def half_close(lab):
    """The client is done, the server answers at length; then the other way round."""

    def answer(connection):
        assert read_all(connection) == 10
        connection.sendall(b"x" * ANSWER)

    def only_listen(connection):
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == ANSWER

    Peer(lab, 7001, answer)
    Peer(lab, 7002, only_listen)
    for _ in range(5):
        with dial(lab, 7001) as c:
            c.sendall(b"x" * 10)
            c.shutdown(socket.SHUT_WR)
            assert read_all(c) == ANSWER
        with dial(lab, 7002) as c:
            assert read_all(c) == 0
            c.sendall(b"x" * ANSWER)


def keep_alive(lab):
    """Idle, and probed every second by both sides."""
    def listen(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        read_all(connection)

    Peer(lab, 7003, listen)
    with dial(lab, 7003) as c:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        for _ in range(2):
            c.sendall(b"x" * 100)
            time.sleep(2.2)


def closed_window(lab):
    """The server does not read for two seconds: the window closes and is probed."""
    def slow(connection):
        time.sleep(2)
        read_all(connection)

    Peer(lab, 7004, slow)
    with dial(lab, 7004) as c:
        c.sendall(b"x" * 3_000_000)


@pytest.mark.parametrize("stack", STACKS)
def test_silent(stack):
    with forwarder_lab(**BAD) as lab:
        for ns in (lab.client, lab.server):
            lab.at(ns, "sysctl", "-qw", *(f"net.ipv4.tcp_{option}={STACKS[stack]}"
                                          for option in ("timestamps", "sack", "window_scaling")),
                   f"net.ipv4.ip_local_port_range=40000 {39999 + PORTS}")
        lab.run("--mode", "enforce")
        lab.spawn(lab.server, "iperf3", "-s", "-p", "5202")
        until(lambda: ":5202 " in lab.at(lab.server, "ss", "-ltn").stdout, "iperf3 listens")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for part in [pool.submit(what, lab)
                         for what in (short_connections, pages, bulk, half_close, keep_alive, closed_window)]:
                part.result()
        time.sleep(0.3)
        did = lab.forward()
        assert min(did["dropped"], did["twice"], did["late"]) > 20 and not did["oversize"], did
        status = assert_silent(lab)
        print(f"{stack}: frames {did}, rows {status['detections']}")
