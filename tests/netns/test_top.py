# SPDX-License-Identifier: Apache-2.0
"""`weir top` against a live instance: once, as lines, and on a terminal of changing size."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from tests.netns.lab import WEIR, lab_of, needs_root

pytestmark = needs_root
BANNED = "198.51.100.7"


@pytest.fixture(name="lab", scope="module")
def attacked_lab():
    """200 packets a second of an Xmas scan, and as many from a banned source."""
    with lab_of("direct") as lab:
        lab.run("--mode", "enforce")
        lab.weir("ban", BANNED, "--reason", "loud")
        for more in (["-F", "-P", "-U"], ["-a", BANNED]):
            lab.spawn(lab.client, "hping3", "-q", "-i", "u5000", *more, "-p", "81", lab.target[4])
        time.sleep(0.5)
        yield lab


def around(rate):
    return 50 < rate < 300  # a busy machine sends fewer than 200


def test_once_as_json(lab):
    top = json.loads(lab.weir("top --once --json").stdout)
    assert top["mode"] == "enforce" and 0.9 < top["seconds"] < 5
    row = next(r for r in top["interfaces"] if r["hook"] == "xdp")
    assert row["interface"] == "ws" and row["packets_per_s"] > 100 and row["bytes_per_s"] > 40 * row["packets_per_s"]
    assert row["drops"] > 100 and row["drops_per_s"] > 100
    verdicts = {r["name"]: r for r in top["verdicts"]}
    assert around(verdicts["drop_ban"]["per_s"]) and around(verdicts["drop_detection"]["per_s"])
    assert around(next(r for r in top["detections"] if r["detection"] == "scan.xmas")["per_s"])
    assert top["sources_in_all"] == 1 and top["sources"][0]["source"] == lab.source[4]
    assert around(top["sources"][0]["per_s"]) and top["sources"][0]["target"] == f"{lab.target[4]} port 81"
    assert top["bans"][0]["prefix"] == BANNED and around(top["bans"][0]["per_s"]) and top["bans"][0]["reason"] == "loud"
    assert top["losses"] == []


def test_plain_text_when_not_a_terminal(lab):
    text = lab.weir("top --once").stdout
    assert text.startswith("weir top  enforce") and "\x1b" not in text
    assert re.search(r"^scan\.xmas +\d+ +\d+$", text, re.M) and re.search(rf"^{BANNED} +ban +\d+ +\d+ +loud$", text, re.M)
    with subprocess.Popen([WEIR, "top", "--json", "--state-dir", str(lab.state)], stdout=subprocess.PIPE, text=True) as top:
        seconds = [json.loads(top.stdout.readline())["seconds"] for _ in range(2)]
        top.terminate()
    assert all(0.9 < s < 5 for s in seconds)


class Terminal:
    """A pseudo-terminal with weir top in it, and what it would show."""

    def __init__(self, lab, term="vt100"):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM=term, LC_ALL="C")
            os.execv(WEIR, [WEIR, "top", "--state-dir", str(lab.state)])
        self.resize(24, 80)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def read(self, seconds=1.5):
        """All that is drawn in that time, without the escape sequences."""
        end, drawn = time.monotonic() + seconds, b""
        with contextlib.suppress(OSError):  # the other end is closed
            while (left := end - time.monotonic()) > 0:
                if select.select([self.fd], [], [], left)[0]:
                    drawn += os.read(self.fd, 65536)
        return re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|[()].|[=>78])|\x0f", " ", drawn.decode("ascii", "replace"))

    def press(self, key, seconds=1.5):
        os.write(self.fd, key.encode())
        return self.read(seconds)

    def end(self):
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return status


def test_terminal(lab):
    terminal = Terminal(lab)
    first = terminal.read()
    for word in ("weir top", "enforce", "interfaces", "verdicts", "q quit"):
        assert word in first, word
    assert "scan.xmas" in terminal.press("4") and "loud" in terminal.press("5")  # curses draws what differs
    assert "total" in terminal.press("t")
    assert "PAUSED" in terminal.press("p")
    assert terminal.read(2).strip() == ""  # nothing changes
    terminal.press("p")
    for rows, columns in ((60, 200), (10, 40), (3, 10), (1, 1), (24, 80)):
        terminal.resize(rows, columns)
        terminal.read(0.5)
    terminal.resize(50, 120)
    assert "losses" in terminal.press("0")
    terminal.press("q", 2)
    assert terminal.end() == 0


def test_a_terminal_that_is_none_gets_text(lab):
    terminal = Terminal(lab, term="nonsense")
    assert "scan.xmas" in terminal.read(3)
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.end()


def test_no_daemon(lab):
    assert lab.at(lab.home, WEIR, "top", "--once", "--state-dir", "/nonexistent", check=False).returncode == 3
    assert lab.weir("top --once more", check=False).returncode == 2
