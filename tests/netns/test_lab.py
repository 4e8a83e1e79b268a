# SPDX-License-Identifier: Apache-2.0
"""The lab of `make run`: real tools are named, the client is served, nothing is left behind."""

import os
import pathlib
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE", pathlib.Path(__file__).parents[2]))

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes network namespaces")


def namespaces():
    return subprocess.run(["ip", "netns", "list"], text=True, capture_output=True, check=True).stdout


def test_lab():
    weir = os.environ.get("WEIR", str(SOURCE / "build" / "weir"))
    done = subprocess.run([str(SOURCE / "tools" / "lab")], text=True, capture_output=True, timeout=120, check=False,
                          env={**os.environ, "WEIR": weir})
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    final = [line for line in done.stdout.splitlines() if " final " in line]
    for name in ("scan.xmas", "scan.null", "scan.fin"):  # nmap's 30 probes each, counted exactly
        assert any(f" {name} " in line and " x30 " in line and " 10.83.1.2:" in line for line in final), name
    assert any(" integrity.syn_fin " in line and " x5 " in line for line in final)
    for name in ("integrity.land", "integrity.source_route"):
        assert f" {name} " in done.stdout, name
    assert "10.83.3.2" not in done.stdout.split("weir status")[0], "a finding about the ordinary client"
    assert "client: 40 of 40 pages" in done.stdout
    assert "weirlab" not in namespaces()
