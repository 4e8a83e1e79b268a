# SPDX-License-Identifier: Apache-2.0
"""What the kernel's stack can do beyond plain TCP: segments signed by MD5, Multipath TCP over two addresses
(every other test negotiates ECN, and test_ordinary Fast Open). In enforce mode all of it arrives, and no finding."""

import json

import pytest

from tests.netns.lab import HERE, lab_of, needs_root, until
from tests.netns.stack import BYTES, PORT
from tests.netns.test_ordinary import assert_silent

pytestmark = needs_root
SECOND = "10.81.0.9"  # another address of the client


def multipath(lab):
    """The client opens a second subflow, from its other address."""
    lab.at(lab.client, "ip", "addr", "add", f"{SECOND}/24", "dev", lab.port)
    for ns in (lab.client, lab.server):
        lab.at(ns, "ip", "mptcp", "limits", "set", "subflow", "2", "add_addr_accepted", "2")
    lab.at(lab.client, "ip", "mptcp", "endpoint", "add", SECOND, "dev", lab.port, "subflow")


def joins(lab):
    shown = json.loads(lab.at(lab.server, "nstat", "-jasz", "MPTcpExtMPJoinAckRx").stdout)
    return shown["kernel"]["MPTcpExtMPJoinAckRx"]


def fetch(lab, kind, version):
    program = ("/usr/bin/python3", "-B", str(HERE / "stack.py"), kind)
    server = lab.spawn(lab.server, *program, "serve", lab.source[version])
    until(lambda: f":{PORT} " in lab.at(lab.server, "ss", "-ltn").stdout, "the server listens")
    for _ in range(3):
        assert lab.at(lab.client, *program, "fetch", lab.target[version]).stdout == f"{BYTES}\n"
    server.kill()
    server.wait(5)


@pytest.mark.parametrize("attach", ["auto", "tc"])
def test_signed_and_multipath_connections_are_silent(attach):
    with lab_of("direct") as lab:
        multipath(lab)
        lab.run("--attach", attach, "--mode", "enforce")
        for version in (4, 6):
            fetch(lab, "md5", version)
            fetch(lab, "mptcp", version)
        assert joins(lab) >= 3
        assert_silent(lab)
