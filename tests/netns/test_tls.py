# SPDX-License-Identifier: Apache-2.0
"""What TLS clients say of themselves, live: curl and openssl against nginx, over both families,
as `weir replay --tls` reads it from a capture of the same packets; and clients that a policy looks for."""

import json

from tests.netns.lab import WEIR, lab_of, needs_root, sh, until
from tests.netns.test_payload import curl, serve

pytestmark = needs_root


POLICY = """mode: enforce
payload:
  patterns:
  - {name: other, text: never-seen}
  tls:
  - {name: nobody, ja3: 00000000000000000000000000000000}
  - {name: long, sni: "*.LONG.example"}
  - {name: banned, sni: banned.example, action: ban}
"""


def clients(events):
    """Findings about clients that the policy looks for."""
    return [{"name": e["weir"]["evidence"]["pattern_name"], "action": e["weir"]["action"], "source": e["src_ip"],
             "port": e["src_port"], "packet": e["weir"]["packet"]}
            for e in events if e["event_type"] == "alert" and e["weir"]["detection"] == "payload.signature"]


def hellos(lab):
    return [e for e in lab.events() if e["event_type"] == "tls"]


def said(event):
    return {"port": event["dest_port"], "client": event["src_port"], "tls": event["tls"],
            "version": event["weir"]["offered_version"]}


def test_clients_are_told_as_replay_tells_them():
    with lab_of("direct") as lab:
        serve(lab)
        capture = lab.dir / "all.pcap"
        tcpdump = lab.spawn(lab.server, "tcpdump", "-i", "ws", "-U", "-w", str(capture), "-s", "0", "tcp")
        policy = lab.dir / "p.yaml"
        policy.write_text(POLICY)
        lab.run("--tls", "-c", str(policy))
        until(capture.exists, "tcpdump captures")
        for host in (lab.target[4], f"[{lab.target[6]}]"):
            curl(lab, "--connect-to", f"server.example:443:{host}:443", "--http2", "https://server.example/small")
            curl(lab, "--http1.1", "--tls-max", "1.2", f"https://{host}/small")
            # A hello of several segments: 2,000 bytes of names of protocols.
            lab.at(lab.client, "openssl", "s_client", "-connect", f"{host}:465", "-servername", "x.long.example", "-alpn",
                   ",".join(f"{'x' * 240}{i}" for i in range(9)), input="", check=False)
        assert lab.fetch() == "300000"
        until(lambda: len(hellos(lab)) == 6, "six hellos")
        status = lab.status()
        assert not any(status["losses"].values()), status["losses"]
        assert status["tls"] == {"hellos": 6, "hellos_broken": 0, "hellos_lost": 0, "clients_found": 2}
        assert status["bans_by_detections"]["made"] == 0
        lab.at(lab.client, "curl", "-sk", "-m", "3", "--connect-to", f"banned.example:443:{lab.target[4]}:443",
               "https://banned.example/small", check=False)
        until(lambda: lab.status()["bans_by_detections"]["made"] == 1, "the ban is made")
        bans = json.loads(lab.weir("bans --json").stdout)["bans"]
        assert [(b["prefix"], b["reason"]) for b in bans] == [(lab.source[4], "payload.signature")]
        lab.fetch(check=False)
        assert lab.status()["counters"]["drop_ban"]
        assert lab.fetch(version=6) == "300000"
        live = [said(e) for e in hellos(lab)]
        assert all(e["in_iface"] == "ws" for e in hellos(lab))
        found = clients(lab.events())
        tcpdump.terminate()
        tcpdump.wait(10)
        replayed = [json.loads(line) for line in sh(WEIR, "replay", "--tls", "--json", "-c", str(policy),
                                                        str(capture)).stdout.splitlines()]
    assert live == [said(e) for e in replayed if e["event_type"] == "tls"]
    assert [(c["name"], c["action"]) for c in found] == [("long", "alert")] * 2 + [("banned", "ban")]
    assert [c["source"] for c in found] == [lab.source[4], lab.source[6], lab.source[4]]
    assert found == clients(replayed)
    assert live[0]["tls"]["sni"] == "server.example" and live[0]["tls"]["client_alpns"] == ["h2", "http/1.1"]
    assert live[0]["version"] == "TLS 1.3" and live[0]["tls"]["ja4"].startswith("t13d")
    assert live[1]["version"] == "TLS 1.2" and "sni" not in live[1]["tls"] and live[1]["tls"]["ja4"].startswith("t12i")
    assert live[2]["tls"]["sni"] == "x.long.example"
    assert [e["tls"]["ja4"] for e in live[:3]] == [e["tls"]["ja4"] for e in live[3:6]]


def test_clients_of_a_gateway_are_told_once():
    """Each packet is seen twice there, and its own client goes out."""
    with lab_of("gateway") as lab:
        serve(lab)
        lab.run("--attach", "tc", "--tls")
        curl(lab, f"https://{lab.target[4]}/small")
        lab.at(lab.home, "curl", "-sk", "-m", "10", f"https://{lab.target[4]}/small")
        until(lambda: len(hellos(lab)) >= 2, "both are told")
        told = hellos(lab)
        assert [e["src_ip"] for e in told] == [lab.source[4], "10.81.1.254"]
        assert not any(lab.status()["losses"].values())
        # A policy that comes later, while hellos are read anyway.
        policy = lab.dir / "p.yaml"
        policy.write_text("payload: {tls: [{name: any, sni: any.example}]}")
        assert "payload.tls" not in lab.weir("policy apply", str(policy)).stderr
        curl(lab, "--connect-to", f"any.example:443:{lab.target[4]}:443", "https://any.example/small")
        until(lambda: clients(lab.events()), "the client is found")
        assert [c["name"] for c in clients(lab.events())] == ["any"]
