# SPDX-License-Identifier: Apache-2.0
"""What is known of a slow scan outlives the daemon, and everything that was pinned."""

import signal
import stat

from tests.netns.lab import needs_root, until
from tests.netns.scanned import client, findings, scanned_lab

pytestmark = needs_root

ASK = """
import socket, sys
for port in map(int, sys.argv[3:]):
    try:
        socket.create_connection((sys.argv[1], port), 2, source_address=(sys.argv[2], 0))
    except OSError:
        pass
"""


def ask(lab, source, *ports):
    lab.at(lab.client, "/usr/bin/python3", "-c", ASK, lab.target[4], source, *map(str, ports))


def test_evidence_outlives_the_daemon():
    """Closed ports, one by one: the first leaves no record, four failures and another contact are a finding."""
    slow, user = client(0), client(1)
    with scanned_lab() as lab:
        ask(lab, slow, 1001, 1002)
        ask(lab, user, 1001)
        lab.end(signal.SIGKILL)  # the pins have it
        assert "adopted=yes" in lab.run("--quiet")
        ask(lab, slow, 1003)
        lab.end(signal.SIGTERM)  # now the file has it, too
        lab.weir("down")
        kept = lab.state / "sources"
        lines = kept.read_text().splitlines()
        assert lines[0].startswith("weir sources 1 ") and stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert [line.split("\t")[0] for line in lines[1:]] == [slow] and lines[1].split("\t")[3] == "4"
        with kept.open("a") as more:
            more.write("damage\n")
        assert "adopted=no" in lab.run("--quiet")
        assert "line 3: expected address" in (lab.dir / "log").read_text()  # and keeps nobody from running
        ask(lab, slow, 1004, 1005)
        assert not findings(lab, slow)
        ask(lab, user, 1004, 1005, 1006)
        ask(lab, slow, 1006)
        until(lambda: "scan.sequential_test" in findings(lab, slow), "a scan of before")
        assert not findings(lab, user)
        assert lab.status()["scans"]["ended_early"] == 0
