# SPDX-License-Identifier: Apache-2.0
"""A live attack leaves a file that tshark opens without complaint: what came before, what the
attacker sent and was sent, dropped packets too, each with what weir made of it."""

import pathlib

import pytest

from tests.netns.lab import lab_of, needs_root, sh, until

pytestmark = needs_root

FIELDS = ("frame.cap_len", "frame.len", "ip.src", "ip.dst", "tcp.flags", "frame.comment", "frame.interface_name")


def read(path):
    """Packets by tshark; what it says on standard error is a complaint."""
    words = [word for field in FIELDS for word in ("-e", field)]
    done = sh("tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=|", *words)
    complaints = [line for line in done.stderr.splitlines() if line and "Running as user" not in line]
    assert not complaints, done.stderr
    return [dict(zip(FIELDS, line.split("|"))) for line in done.stdout.splitlines()]


def verdicts(path):
    """Return values of the programs, by tshark's own reading of epb_verdict."""
    return sh("tshark", "-n", "-r", str(path), "-T", "fields", "-e", "frame.verdict.ebpf_xdp", "-e",
              "frame.verdict.ebpf_tc").stdout.split()


def hping3(lab, *flags, count=10):
    process = lab.spawn(lab.client, "hping3", "-q", "-c", str(count), "-i", "u2000", *flags, lab.target[4])
    return process


def files(lab):
    return sorted(pathlib.Path(lab.dir / "evidence").glob("weir-*.pcapng"))


def attack(lab, name, *flags, count=10):
    before = lab.found().get(name, 0)
    process = hping3(lab, *flags, count=count)
    until(lambda: lab.found().get(name, 0) >= before + count, f"{name} is found")
    process.kill()


@pytest.mark.parametrize("attach,mode", [("auto", "enforce"), ("tc", "observe")])
def test_an_attack_leaves_its_packets(attach, mode):
    with lab_of("direct") as lab:
        policy = lab.dir / "p.yaml"
        policy.write_text(f"mode: {mode}\nevidence: {{packets: 20, recent: 1024}}\n")
        lab.run("--attach", attach, "-c", str(policy), "--evidence", str(lab.dir / "evidence"))
        lab.fetch()
        lab.weir(f"mode {mode}")
        attack(lab, "scan.xmas", "-F", "-P", "-U", "-p", "80", count=10)
        lab.fetch()  # the same source is well behaved, too
        until(lambda: files(lab), "a file is complete")
        path, = files(lab)
        assert "-scan.xmas-10.81.0.1-" in path.name
        packets = read(path)
        status = lab.status()
        assert not any(status["losses"].values()), status["losses"]
        assert status["evidence"]["files"] == 1 and status["evidence"]["packets"] == 20
        assert not any(n for key, n in status["evidence"].items() if key in (
            "packets_lost", "files_failed", "files_skipped", "files_removed"))
    whole = packets[-20:]
    heads = packets[:-20]
    assert 10 < len(heads) <= 1024 and all(int(p["frame.cap_len"]) <= 128 for p in heads)
    assert any(int(p["frame.len"]) > 1000 for p in heads), "of the page that was fetched before"
    assert all(p["frame.cap_len"] == p["frame.len"] for p in whole)
    assert all("10.81.0.1" in (p["ip.src"], p["ip.dst"]) and p["frame.comment"].startswith("weir: ") for p in whole)
    assert all(p["frame.interface_name"] == "ws" for p in packets)
    fate = "action drop: dropped" if mode == "enforce" else "action alert: passed, enforce mode would drop it"
    xmas = [p for p in whole if int(p["tcp.flags"], 16) == 0x29]
    assert len(xmas) == 10 and all(p["frame.comment"] == f"weir: scan.xmas, {fate} (ingress)" for p in xmas)
    assert whole[0] is xmas[0]
    passed = {p["frame.comment"] for p in whole if p not in xmas}
    assert {"weir: passed (ingress)", "weir: passed (egress)"} <= passed


def test_what_a_ban_drops_is_there():
    with lab_of("direct") as lab:
        lab.start("--evidence", "/proc/no/such")
        assert lab.daemon.wait(20) != 0
        lab.daemon.stdout.close()
        assert "--evidence /proc/no/such" in (lab.dir / "log").read_text()
        lab.run("--mode", "enforce", "--evidence", str(lab.dir / "evidence"))
        attack(lab, "scan.fin", "-F", "-p", "81", count=5)
        lab.weir("ban 10.81.0.1 --force")
        before = lab.status()["counters"]["drop_ban"]
        process = hping3(lab, "-S", "-p", "80", count=100)
        until(lambda: lab.status()["counters"]["drop_ban"] >= before + 100, "they are dropped")
        process.kill()
        until(lambda: files(lab), "a file is complete")
        path, = files(lab)
        packets = read(path)
        banned = [p for p in packets if p["frame.comment"] == "weir: dropped, source banned (ingress)"]
        assert len(banned) >= 50
        assert set(verdicts(path)) >= {"1"}, "XDP_DROP"
        assert not any(lab.status()["losses"].values())
        # A second run goes on where this one is: what is pinned stays, files are its own.
        lab.end(15)
        lab.run("--evidence", str(lab.dir / "evidence"))
        lab.weir("unban 10.81.0.1")
        attack(lab, "scan.null", "-p", "82", count=64)
        until(lambda: len(files(lab)) == 2, "another file")
        assert not list(pathlib.Path(lab.dir / "evidence").glob("*.part"))
