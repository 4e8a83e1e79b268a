# SPDX-License-Identifier: Apache-2.0
"""Policies on a live interface: applied under traffic, kept over restarts, refused as a whole; zones by
VLAN and interface; who is never banned."""

import json
import random
import re
import signal
import time

import pytest

from tests.netns.lab import PAGE, SOURCE, WEIR, lab_of, needs_root, sh, until

pytestmark = needs_root
PORTS = "1000-1099"


@pytest.fixture
def lab():
    with lab_of("direct") as made:
        yield made


def write(lab, name, text):
    (lab.dir / name).write_text(text)
    return str(lab.dir / name)


def apply(lab, text, name="p.yaml", **more):
    return lab.weir("policy apply", write(lab, name, text), **more)


def shown(lab):
    """Key to its row in what is in force."""
    return {row["key"]: row for row in json.loads(lab.weir("policy show --json").stdout)["keys"]}


def held(lab):
    """Bans and denied prefixes, without their times, which follow the wall clock's corrections."""
    rows = json.loads(lab.weir("bans --json").stdout)["bans"]
    return {row["prefix"]: {key: row[key] for key in ("kind", "reason", "packets")} for row in rows}


def scan(lab, ports=PORTS):
    """XMAS probes; returns how many nmap says that it sent."""
    out = lab.at(lab.client, "nmap", "-sX", "-n", "-Pn", "--disable-arp-ping", "--max-retries", "0", "--packet-trace",
                 "-p", ports, lab.target[4]).stdout
    return len(re.findall(rf"^SENT .* TCP {re.escape(lab.source[4])}:", out, re.M))


def test_check_needs_no_daemon(lab):
    good = sh(WEIR, "policy", "check", write(lab, "good.yaml", "mode: enforce\n"))
    assert "good.yaml: good" in good.stdout and good.stderr == ""
    bad = sh(WEIR, "policy", "check", write(lab, "bad.yaml", "mode: loud\nallow: [x]\n"), check=False)
    assert bad.returncode == 1 and bad.stdout == ""
    assert [line.split(":", 3)[1:3] for line in bad.stderr.splitlines()] == [["1", "7"], ["2", "9"]]
    rows = json.loads(sh(WEIR, "policy", "check", "--json", str(lab.dir / "bad.yaml"), check=False).stdout)
    assert rows["ok"] is False and rows["errors"][0]["line"] == 1 and rows["errors"][0]["column"] == 7
    assert sh(WEIR, "policy", "check", str(lab.dir / "none.yaml"), check=False).returncode == 5
    assert sh(WEIR, "policy", "check", check=False).returncode == 2
    assert "detections.*.action" in sh(WEIR, "policy", "keys").stdout
    assert apply(lab, "mode: observe\n", check=False).returncode == 3


def test_replay_needs_no_daemon(lab):
    sample = str(lab.dir / "sample.pcap")
    sh(str(SOURCE / "tools" / "make-sample"), sample)
    plain = sh(WEIR, "replay", sample).stdout
    enforced = sh(WEIR, "replay", "-c", write(lab, "p.yaml", "mode: enforce\n"), sample).stdout
    assert "Policy:" not in plain and re.search(r"^Dropped: +[1-9]\d* for a finding, 0 on", enforced, re.M)
    off = "zones: [{name: x, match: {vlan: 5}}]\nmode: loud\n"
    bad = sh(WEIR, "replay", "-c", write(lab, "bad.yaml", off), sample, check=False)
    assert bad.returncode == 1 and bad.stdout == "" and "bad.yaml:2:7: mode: loud: expected" in bad.stderr
    assert sh(WEIR, "replay", "-c", "none.yaml", sample, check=False).returncode == 1


def test_run_with_policy_and_its_interfaces(lab):
    lab.interfaces = []
    bare = lab.at(lab.home, WEIR, "run", "--state-dir", str(lab.state), check=False)
    assert bare.returncode == 2 and "no interface" in bare.stderr
    policy = write(lab, "p.yaml", "mode: enforce\ninterfaces: [{match: w*, attach: tc}]\ndetections: {scan.xmas: alert}\n")
    line = lab.run("-c", policy)
    assert " ws ingress=tcx " in line or " ws ingress=clsact " in line
    assert "mode=enforce" in line and line.rstrip().endswith(f"policy={policy}")
    row = shown(lab)
    assert row["mode"] == {"key": "mode", "value": "enforce", "file": policy, "line": 1, "column": 7, "default": False}
    assert row["limits.bans"]["default"] is True
    assert "scan.xmas.action: alert" in lab.weir("policy show").stdout
    assert lab.status()["policy"] == policy
    assert scan(lab, "1000") == 1
    until(lambda: [e for e in lab.events() if e["weir"]["action"] == "alert"], "an event by the policy's action")
    wrong = lab.at(lab.home, WEIR, "run", "-c", write(lab, "x.yaml", "mode: x\n"), "--state-dir", str(lab.dir / "other"),
                   check=False)
    assert wrong.returncode == 1 and "x.yaml:1:7:" in wrong.stderr and not (lab.dir / "other").exists()


def test_applied_policy_is_kept(lab):
    lab.run()
    write(lab, "bad.netset", "192.0.2.0/24\n")
    done = apply(lab, "mode: enforce\nallow: [192.0.2.7]\ndeny:\n- {file: bad.netset, reason: feed}\n- 203.0.113.9\n")
    assert done.stderr == ""
    bans = {row["prefix"]: row for row in json.loads(lab.weir("bans --json").stdout)["bans"]}
    assert bans["192.0.2.0/24"]["kind"] == "deny" and bans["192.0.2.0/24"]["reason"] == "feed"
    assert bans["203.0.113.9"]["reason"] == "deny[1]"
    (lab.dir / "bad.netset").unlink()  # it travelled with the policy
    (lab.dir / "p.yaml").unlink()
    lab.daemon.send_signal(signal.SIGHUP)
    for number in (signal.SIGTERM, signal.SIGKILL):
        assert shown(lab)["deny[0].reason"]["value"] == "feed"
        lab.end(number)
        line = lab.run()
        assert "mode=enforce" in line and "policy=" + str(lab.dir / "p.yaml") in line
        assert {row["prefix"] for row in json.loads(lab.weir("bans --json").stdout)["bans"]} == set(bans)
    lab.weir("mode observe")
    lab.end(signal.SIGKILL)
    assert "mode=observe" in lab.run()  # the panic switch is no policy, and outlives the daemon all the same
    assert "192.0.2.1: is not banned" in lab.weir("unban", "192.0.2.1", check=False).stderr


def test_config_replaces_what_was_applied(lab):
    first = write(lab, "a.yaml", "mode: enforce\ndeny: [192.0.2.0/24]\n")
    second = write(lab, "b.yaml", "deny: [198.51.100.0/24]\n")
    lab.run("-c", first)
    lab.weir("mode observe")
    lab.end(signal.SIGKILL)
    assert "mode=observe" in lab.run("-c", first)  # the same policy: a restart
    lab.end(signal.SIGKILL)
    lab.weir("mode enforce")
    line = lab.run("-c", second)  # another: says nothing about the mode
    assert "mode=enforce" in line and f"policy={second}" in line and "adopted=" in line
    assert [row["prefix"] for row in json.loads(lab.weir("bans --json").stdout)["bans"]] == ["198.51.100.0/24"]


def test_lists_replace_lists_and_bans_stay(lab):
    lab.run("--mode", "enforce")
    lab.weir("ban", lab.source[4], "--reason", "by hand")
    assert lab.fetch(check=False) == "0"
    apply(lab, f"allow: [{lab.source[4]}]\n")
    assert lab.fetch() == "300000"
    assert lab.weir("ban", lab.source[4], check=False).returncode == 6
    apply(lab, "mode: enforce\n")
    assert lab.fetch(check=False) == "0"  # the ban is noted, and holds again
    lab.weir("unban", lab.source[4])
    assert lab.fetch() == "300000"
    apply(lab, f"deny: [{lab.source[4]}]\n")
    assert lab.fetch(check=False) == "0"
    apply(lab, "")
    assert lab.fetch() == "300000"


@pytest.mark.parametrize("attach", ["auto", "tc"])
def test_apply_under_traffic(lab, attach):
    """Every probe is judged, by one policy or the other; both know it under a name of their own."""
    lab.run("--attach", attach, "--mode", "enforce")
    lab.weir("ban", "192.0.2.1", "--reason", "kept")
    policies = [write(lab, "a.yaml", "detections: {scan.xmas: drop}\n"),
                write(lab, "b.yaml", "detections: {scan.xmas: off, integrity.flags_without_ack: drop}\ndeny: [192.0.2.0/24]\n")]
    begin = time.monotonic()
    lab.weir("policy apply", policies[1])
    probes = min(max(1500, int(1600 * (time.monotonic() - begin))), 60000)  # eight policies' worth, however busy the machine is
    with open(lab.dir / "nmap", "w", encoding="utf-8") as out:
        nmap = lab.spawn(lab.client, "nmap", "-sX", "-n", "-Pn", "--disable-arp-ping", "--packet-trace", "--max-retries", "0",
                         "--max-rate", "200", "--min-rate", "200", "-p", f"1000-{999 + probes}", lab.target[4], stdout=out)
        rounds, pause = 0, random.Random(5)
        while nmap.poll() is None:
            lab.weir("policy apply", policies[rounds % 2])
            rounds += 1
            if rounds % 3 == 0:
                time.sleep(pause.uniform(0, 0.2))
    sent = len(re.findall(rf"^SENT .* TCP {re.escape(lab.source[4])}:", (lab.dir / "nmap").read_text(), re.M))
    status = lab.status()
    found = lab.found()
    print(f"{sent} probes, {rounds} policies, {found}")
    assert sent >= probes and rounds >= 3
    assert status["counters"]["drop_detection"] == sent
    assert found["scan.xmas"] > 0 and found["integrity.flags_without_ack"] >= sent - found["scan.xmas"]
    reasons = {row["prefix"]: row["reason"] for row in json.loads(lab.weir("bans --json").stdout)["bans"]}
    assert reasons["192.0.2.1"] == "kept"


def test_refused_policy_leaves_all_as_it_was(lab):
    lab.run()
    apply(lab, f"mode: enforce\nlimits: {{bans: 65536}}\ndeny: [{lab.source[4]}]\n")
    assert lab.fetch(check=False) == "0"
    time.sleep(0.5)  # for what curl still had on its way
    before = shown(lab), held(lab)
    assert before[1][lab.source[4]]["packets"] > 0
    assert apply(lab, "mode: observe\ndeny: [{file: none.netset}]\n", name="bad.yaml", check=False).returncode == 1
    lines = "\n".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}" for i in range(70_000))
    write(lab, "long.netset", lines)
    full = apply(lab, f"mode: observe\nlimits: {{bans: 100k}}\nallow: [{lab.source[4]}]\ndeny: [{{file: long.netset}}]\n",
                 name="long.yaml", check=False)
    assert full.returncode == 1 and "limits.bans" in full.stderr, full.stderr
    assert before == (shown(lab), held(lab))
    lab.end(signal.SIGKILL)
    assert "mode=enforce" in lab.run()
    assert before[0] == shown(lab)


def test_long_list_comes_through_the_socket(lab):
    lab.run()
    write(lab, "long.netset", "".join(f"# {i}\n11.{i >> 8}.{i & 255}.0/24\n12.{i >> 8}.{i & 255}.0/25\n"
                                      for i in range(60_000)))
    begin = time.monotonic()
    done = apply(lab, "deny: [{file: long.netset}]\n")
    print(f"120,000 prefixes applied in {time.monotonic() - begin:.2f} s")
    assert done.stderr == ""
    assert json.loads(lab.weir("policy show --json").stdout)["denied"] == 120_000
    assert lab.fetch() == "300000"


def test_limits_take_effect_later_and_say_so(lab):
    lab.run()
    done = apply(lab, "limits: {bans: 1k}\n")
    assert "limits.bans: the policy says 1000, the running table has 65536" in done.stderr
    lab.weir("down")
    lab.daemon.wait(30)
    lab.run()
    assert "limits.bans" not in (lab.dir / "log").read_text().splitlines()[-1:]
    assert apply(lab, "limits: {bans: 1k}\n").stderr == ""


def test_zones_by_vlan():
    with lab_of("vlan") as lab:
        lab.run("--mode", "enforce")
        apply(lab, "mode: enforce\nzones: [{name: other, match: {vlan: 8}, mode: observe}]\n")
        sent = scan(lab)
        assert lab.status()["counters"]["drop_detection"] == sent
        apply(lab, "mode: enforce\nzones: [{name: seven, match: {vlan: 7}, mode: observe}]\n")
        assert scan(lab) == sent
        counters = lab.status()["counters"]
        assert counters["drop_detection"] == sent and counters["would_drop_detection"] == sent
        lab.weir("ban", lab.source[4])
        assert lab.fetch() == "300000"
        assert lab.status()["counters"]["would_drop_ban"] > 0


def test_zones_follow_their_interface():
    with lab_of("gateway") as lab:
        lab.run("--mode", "enforce")
        done = apply(lab, "mode: enforce\nzones:\n- {name: inside, match: {interface: gc}, mode: observe}\n"
                     "- {name: later, match: {interface: late0}}\n")
        assert "zones[1]: late0: there is no such interface now" in done.stderr
        sent = scan(lab)
        assert lab.found()["scan.xmas"] == sent and lab.status()["counters"]["drop_detection"] == 0
        apply(lab, "mode: enforce\nzones:\n- {name: later, match: {interface: late0}, mode: observe}\n")
        scan(lab)
        assert lab.status()["counters"]["drop_detection"] == sent
        for change in (("down",), ("name", "late0"), ("up",)):
            lab.at(lab.home, "ip", "link", "set", "gc" if change != ("up",) else "late0", *change)
        time.sleep(1.5)  # the zone holds within a second
        scan(lab, "1000-1009")
        assert lab.found()["scan.xmas"] > 2 * sent and lab.status()["counters"]["drop_detection"] == sent


def xmas(lab, source=None):
    """One probe, from the client or under the name of another."""
    spoof = ["-a", source] if source else []
    lab.at(lab.client, "hping3", "-q", "-c", "1", "-F", "-P", "-U", "-p", "81", *spoof, lab.target[4], check=False)


def test_bans_that_detections_ask_for(lab):
    """Made at once, longer each time, kept over a crash; not for all and not without end."""
    def made():
        return json.loads(lab.weir("status --json").stdout)["bans_by_detections"]

    def expires(prefix):
        return next((r["expires_in_s"] for r in json.loads(lab.weir("bans --json").stdout)["bans"]
                     if r["prefix"] == prefix and r["kind"] == "ban"), None)

    policy = "mode: {mode}\nbans: {{escalate: 2x, max_per_minute: {most}, never: [10.81.0.9]}}\n" \
             "detections:\n  scan.xmas: {{action: ban, for: 60s}}\n"
    lab.run("-c", write(lab, "p.yaml", policy.format(mode="observe", most=100)))
    client = lab.source[4]
    xmas(lab)
    until(lambda: lab.found().get("scan.xmas") == 1, "the probe is seen")
    assert made()["made"] == 0 and expires(client) is None
    apply(lab, policy.format(mode="enforce", most=100))
    xmas(lab)
    until(lambda: expires(client), "the client is banned")
    assert 50 <= expires(client) <= 60 and held(lab)[client]["reason"] == "scan.xmas"
    assert lab.fetch(check=False) != str(PAGE)
    lab.end(signal.SIGKILL)
    assert "adopted=yes" in lab.run() and expires(client) and lab.fetch(check=False) != str(PAGE)
    assert client in (lab.state / "bans").read_text()
    lab.weir("unban", client)
    assert lab.fetch() == str(PAGE)
    xmas(lab, "192.0.2.1")
    xmas(lab, "10.81.0.9")
    until(lambda: made()["made"] == 1 and made()["spared"] == 1, "one is banned, one is spared")
    assert expires("10.81.0.9") is None
    apply(lab, policy.format(mode="enforce", most=1).replace("60s", "1s"))
    for last in range(2, 6):
        xmas(lab, f"192.0.2.{last}")
    until(lambda: made()["over_limit"] >= 3, "what is beyond the limit is counted")
    until(lambda: "over the limit of 1 a minute" in (lab.dir / "log").read_text(), "and said")


def test_never_banned():
    with lab_of("gateway") as lab:  # the server has a default route, by way of the gateway
        lab.home, lab.interfaces = lab.server, ["ws"]
        lab.run()
        refused = lab.weir("ban", "10.81.1.254", check=False)
        assert refused.returncode == 6 and "gateway of a default route" in refused.stderr, refused.stderr
        assert lab.weir("ban", "10.81.0.0/16", check=False).returncode == 6  # which holds it
        assert lab.weir("ban", "2001:db8:82::fe", check=False).returncode == 6
        lab.weir("ban", "10.81.1.254", "--force")
        lab.weir("unban", "10.81.1.254")
        done = apply(lab, "deny: [10.81.1.0/24]\nbans: {never: [gateway, 192.0.2.0/24]}\n")
        assert "10.81.1.0/24 holds 10.81.1.254, which bans.never would spare" in done.stderr
        assert "192.0.2.0/24" in lab.weir("ban", "192.0.2.77", check=False).stderr
        apply(lab, "bans: {never: []}\n")
        lab.weir("ban", "10.81.1.254")
        # The other end of a session on port 22.
        apply(lab, "bans: {never: [management]}\n")
        lab.spawn(lab.server, "/usr/bin/python3", "-c", "import socket,time\ns=socket.create_server(('',22))\n"
                  "c=s.accept()\ntime.sleep(60)")
        until(lambda: ":22 " in lab.at(lab.server, "ss", "-ltn").stdout, "something listens on port 22")
        lab.weir("unban", "10.81.1.254")
        lab.weir("ban", lab.source[4])
        lab.weir("unban", lab.source[4])
        lab.spawn(lab.client, "/usr/bin/python3", "-c", "import socket,time\n"
                  f"s=socket.create_connection(('{lab.target[4]}',22))\ntime.sleep(60)")
        until(lambda: "SSH session" in lab.weir("ban", lab.source[4], check=False).stderr, "the session is seen")
