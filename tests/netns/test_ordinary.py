# SPDX-License-Identifier: Apache-2.0
"""Ordinary traffic is silent: no finding above info, no drop, no loss, in either mode, over every kind
of link and attachment."""

import os
import time

import pytest

from tests.netns.lab import lab_of, needs_root, finding_rows
from tests.netns.traffic import Ordinary

pytestmark = needs_root
SHORT = 2  # seconds
SOAK = int(os.environ.get("WEIR_SOAK_SECONDS", "0"))  # `make soak`: 1200, for the case LONG
LONG = ("gateway", "auto", "enforce")


def assert_silent(lab):
    status = lab.status()
    assert lab.events() == []
    assert {name for name, row in status["detections"].items() if row["found"]} & finding_rows() == set()
    lost = {name: n for name, n in status["losses"].items() if n}
    # Two connections at once in one slot of a table without chains: chance, and rare.
    met = sum(lost.pop(name, 0) for name in ("lost_content", "lost_payload_entry"))
    assert not lost and met * 20000 <= sum(status["packets"].values()), status
    assert not any(n for name, n in status["counters"].items() if "drop" in name), status["counters"]
    return status


@pytest.mark.parametrize("shape,attach,mode", [
    ("direct", "auto", "observe"),
    ("direct", "auto", "enforce"),
    ("direct", "tc", "enforce"),
    ("direct", "xdp-generic", "enforce"),
    ("vlan", "auto", "enforce"),
    ("vlan", "tc", "enforce"),
    ("jumbo", "auto", "enforce"),
    ("jumbo", "tc", "observe"),
    ("gateway", "auto", "enforce"),
    ("gateway", "tc", "enforce"),
])
def test_silent(shape, attach, mode):
    with lab_of(shape) as lab:
        line = lab.run("--attach", attach, "--mode", mode)
        assert attach == "tc" or f"ingress={ {'auto': 'xdp'}.get(attach, attach) } " in line, line
        long = SOAK and (shape, attach, mode) == LONG
        played = Ordinary(lab, pause=0.2 if long else 0).play(SOAK if long else SHORT)
        time.sleep(0.3)
        status = assert_silent(lab)
        ingress = "tc_ingress" if attach == "tc" else "xdp"
        assert status["packets"][ingress] > 1000 and status["packets"]["tc_egress"] > 1000
        assert status["outcomes"]["tcp"] > 2000
        if shape == "jumbo":  # frames beyond a page were among them: multi-buffer at XDP
            assert status["counters"]["bytes"] / sum(status["packets"].values()) > 2000
        print(f"{shape} {attach} {mode}: {played}, packets {status['packets']}, rows {status['detections']}, "
              f"losses {status['losses']}")
