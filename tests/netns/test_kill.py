# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment, start and adoption included, while packets come at a steady rate: every one
of them is judged, the ordinary client is served, and `weir down` leaves nothing.

WEIR_SOAK_KILLS: how often in all (`make soak`: 500)."""

import json
import os
import pathlib
import random
import re
import signal
import time

import pytest

from tests.netns.lab import PAGE, lab_of, needs_root, sh, until

pytestmark = needs_root
KILLS = int(os.environ.get("WEIR_SOAK_KILLS", "40"))
CASES = (("direct", "auto", "enforce"), ("direct", "tc", "observe"))


def bpf_ids(pid):
    """What the process holds in the kernel: {("prog", 12), ("map", 7), ...}."""
    held = set()
    for path in pathlib.Path(f"/proc/{pid}/fdinfo").glob("*"):
        try:
            held.update(re.findall(r"^(prog|map|link)_id:\s*(\d+)", path.read_text(), re.M))
        except OSError:  # closed meanwhile, or the process is gone
            continue
    return held


def left(held):
    return {f"{kind} {number}" for kind, number in held
            if sh("bpftool", kind, "show", "id", number, check=False).returncode == 0}


class Steady:
    """Xmas packets, 200 a second, until told to end; then how many left, by the client's own netfilter:
    hping3, when interrupted, may have sent one more than it says."""

    def __init__(self, lab):
        self.lab = lab
        lab.at(lab.client, "nft", "add table inet t; add counter inet t sent; "
               "add chain inet t out { type filter hook output priority 0; }; "
               "add rule inet t out tcp dport 81 counter name sent")
        self.process = lab.spawn(lab.client, "hping3", "-q", "-i", "u5000", "-F", "-P", "-U", "-p", "81", lab.target[4])

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        shown = json.loads(self.lab.at(self.lab.client, "nft", "-j", "list", "counter", "inet", "t", "sent").stdout)
        return next(o["counter"]["packets"] for o in shown["nftables"] if "counter" in o)


def kill(lab, held):
    held |= bpf_ids(lab.daemon.pid)
    lab.end(signal.SIGKILL)
    return 1


@pytest.mark.parametrize("shape,attach,mode", CASES)
def test_every_packet_is_judged(shape, attach, mode):
    with lab_of(shape) as lab:
        if "pins=none" in lab.run("--attach", attach, "--mode", mode):
            pytest.skip("no bpffs can be mounted here")
        steady, held, kills, pause = Steady(lab), set(), 0, random.Random(7)
        while kills < KILLS / len(CASES):
            time.sleep(pause.uniform(0.0, 0.3))
            kills += kill(lab, held)
            if pause.random() < 0.5:  # one that dies before or while it adopts
                lab.start("--attach", attach)
                time.sleep(pause.uniform(0.0, 0.5))
                kills += kill(lab, held)
            assert "adopted=yes" in lab.run("--attach", attach)
            assert lab.fetch() == str(PAGE)
        sent = steady.end()
        time.sleep(0.2)
        status = lab.status()
        assert sent > 100 and status["detections"]["scan.xmas"]["found"] == sent
        acted = "drop_detection" if mode == "enforce" else "would_drop_detection"
        assert status["counters"][acted] == sent and status["mode"] == mode
        held |= bpf_ids(lab.daemon.pid)
        assert left(held)
        lab.weir("down")
        assert lab.attached() == [] and not os.path.ismount(lab.state / "bpf")
        assert "clsact" not in lab.at(lab.home, "tc", "qdisc", "show").stdout
        until(lambda: not left(held), "programs, maps and links go")  # freed after a grace period
        print(f"{shape} {attach} {mode}: {kills} kills, {sent} packets, {len(held)} objects in the kernel")
