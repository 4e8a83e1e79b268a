# SPDX-License-Identifier: Apache-2.0
"""Real scans by nmap are found before their twentieth port, named for what they are, one incident each. `make soak`
plays every type at every timing that ends in time; elsewhere a choice."""

import json
import os
import signal
import subprocess
import time

import jsonschema
import pytest

from tests.netns.lab import SOURCE, needs_root, until
from tests.netns.scanned import Wire, client, findings, incidents, scanned_lab

pytestmark = needs_root

SOAK = int(os.environ.get("WEIR_SOAK_SCANS", "0"))
PROBES = 20
SECONDS = 300 if SOAK else 60  # for one scan

SYN = {"scan.vertical", "scan.half_open", "scan.sequential_test", "scan.open_port_found"}
FRAGMENTS = {"integrity.fragment_tiny", "integrity.fragment_offset_one"}
CUSTOM = {"integrity.flags_without_ack"}
TYPES = {  # rows that may name a scan; each of them is right
    "-sS": SYN,
    "-sT": SYN - {"scan.half_open"} | {"scan.connect"},
    "-sF": {"scan.fin"},
    "-sN": {"scan.null"},
    "-sX": {"scan.xmas"},
    "-sM": {"scan.maimon"},
    "-sA": {"scan.ack"},
    "-sW": {"scan.ack"},
}
MORE = [  # what is done to hide one
    ("-sS -T4 -f", FRAGMENTS), ("-sF -T4 -f -p 1-100", FRAGMENTS), ("-sS -T4 -g 53", SYN), ("-sA -T4 -g 53", {"scan.ack"}),
    ("-sM -T4 -g 53", {"scan.maimon"}), ("-sS -T4 --data-length 20", SYN | {"flood.syn_payload"}),
    ("-sS -T4 -r", SYN), ("-sS -T4 --scan-delay 2ms -p 1-200", SYN), ("-sS -T4 --badsum -p 1-10 --max-retries 0", {"integrity.tcp_checksum"}),
    ("-sS -T4 --scanflags URGPSH -p 1-200", CUSTOM), ("-sS -T4 --scanflags SYNFIN -p 1-200", {"integrity.syn_fin"}),
    ("-sS -T4 --scanflags SYNPSH", SYN), ("-sA -T4 --scanflags ACKPSH", {"scan.ack"}),
    ("-sA -T4 --scanflags SYNACK", {"scan.ack"}), ("-sT -T4 -6", TYPES["-sT"]),
]
KINDS = {"-sS": "syn", "-sT": "connect", "-sF": "fin", "-sN": "null", "-sX": "xmas", "-sM": "maimon", "-sA": "ack", "-sW": "ack",
         "-f": "fragmented", "URGPSH": "custom", "SYNFIN": "custom"}  # the last of its options that is here
if SOAK:
    SCANS = [(f"{kind} {timing} {six}".strip(), names) for six in ("", "-6") for timing in ("-T5", "-T4", "-T3")
             for kind, names in TYPES.items()]
    SCANS += [(f"{kind} -T2 -p 1-40", names) for kind, names in TYPES.items()]
else:
    SCANS = [(f"{kind} -T4", names) for kind, names in TYPES.items()]
    SCANS += [("-sS -T5", SYN), ("-sS -T3", SYN), ("-sF -T3", {"scan.fin"}), ("-sS -T2 -p 1-20", SYN), ("-sA -T5 -6", {"scan.ack"}), ("-sS -T5 -6", SYN), ("-sX -T5 -6 -p 1-100", {"scan.xmas"})]
SCANS += MORE


@pytest.fixture(name="scanned", scope="module")
def _scanned():
    with scanned_lab() as lab:
        wire = Wire(lab)
        yield lab, wire
        wire.end()


def nmap(lab, source, *options, target=None):
    version = 6 if "-6" in options else 4
    from_ = [] if "-sT" in options else ["-S", source, "-e", "wc"]  # -sT cannot choose its address
    ports = [] if "-p" in options else ["--top-ports", "1000"]
    return lab.at(lab.client, "nmap", *options, *from_, "-n", "-Pn", "--disable-arp-ping", *ports,
                  target or lab.target[version], timeout=SECONDS, check=False)


@pytest.mark.parametrize("number", range(len(SCANS)), ids=[s[0].replace(" ", "") for s in SCANS])
def test_found_before_the_twentieth_port(scanned, number):
    (lab, wire), (options, names) = scanned, SCANS[number]
    version = 6 if "-6" in options else 4
    source = lab.source[version] if "-sT" in options else client(number, version)
    before = set(findings(lab, source))
    nmap(lab, source, *options.split())
    until(lambda: names & set(findings(lab, source)), f"{options}: {findings(lab, source)}")
    found = findings(lab, source)
    assert {name for name in found if name.startswith("scan.")} <= names | before, found.keys()
    first = min((event for name, event in found.items() if name in names), key=lambda event: event["timestamp"])
    assert before or wire.probe_of(source, first) < PROBES, first
    if "--badsum" not in options:
        kind = [KINDS[option] for option in options.split() if option in KINDS][-1]
        until(lambda: kind in {one["scan"]["type"] for one in incidents(lab, source)}, f"one that is {kind}")


@pytest.mark.parametrize("alive", (False, True), ids=("forged", "alive"))
def test_decoys_are_known_as_such(scanned, alive):
    lab, _ = scanned
    decoys = [client(77), client(78)] if alive else ["10.81.0.201", "10.81.0.202"]
    source = client(76 if alive else 75)
    nmap(lab, source, "-sS", "-T4", "-D", ",".join([*decoys, "ME"]), "-p", "1-50,443")  # the first probe leaves no record
    until(lambda: all("scan.decoy" in findings(lab, one) for one in (decoys[1], source)), "decoys")
    until(lambda: incidents(lab, source), "the incident")
    scan = incidents(lab, source)[-1]["scan"]
    assert set(scan["sources"]) == {*decoys, source} and scan["decoys"]
    assert scan.get("real_source") == (None if alive else source)  # who is alive answers as it does
    assert abs(scan["ports"] - 50) < 12 and set(scan["open_ports"]) <= {22, 443}


def test_a_few_share_one_scan(scanned):
    """Three nmaps at once, each with a third of the ports: none is forged, and it is one scan."""
    lab, _ = scanned
    sources = [client(71), client(72), client(73)]
    parts = [lab.spawn(lab.client, "nmap", "-sS", "-T4", "-n", "-Pn", "--disable-arp-ping", "--scan-delay", "60ms", "-S", source,
                       "-e", "wc", "-p", f"{1 + 60 * i}-{60 * i + 60}", lab.target[4], stdout=subprocess.DEVNULL)
             for i, source in enumerate(sources)]
    assert [part.wait(SECONDS) for part in parts] == [0, 0, 0]
    until(lambda: any(set(one["scan"]["sources"]) == set(sources) for one in incidents(lab, sources[2])), "one of all three")
    scan = incidents(lab, sources[2])[-1]["scan"]
    assert scan["shared"] and not scan["decoys"] and not scan["distributed"] and scan["type"] == "syn"


def test_a_zombie_is_told_of_it(scanned):
    """Linux sends resets with IP ID 0, so nmap gives up: after six questions, one more than it takes."""
    lab, _ = scanned
    lab.at(lab.client, "nmap", "-sI", lab.target[4], "-n", "-Pn", "--disable-arp-ping", "-p", "1-5", "10.81.0.254", check=False)
    until(lambda: "scan.idle_zombie" in findings(lab, lab.source[4]), "an idle scan through us")


def test_outward(scanned):
    lab, _ = scanned
    lab.at(lab.server, "nmap", "-sS", "-T4", "-n", "-Pn", "--disable-arp-ping", "--top-ports", "200", lab.source[4])
    until(lambda: "scan.outbound" in findings(lab, lab.target[4]), "a scan of ours")


def test_a_sweep(scanned):
    """Forty addresses of the server, none of which has a telnet server."""
    lab, _ = scanned
    lab.at(lab.server, "ip", "-batch", "-", input="".join(f"addr add 10.82.0.{last}/24 dev ws\n" for last in range(1, 41)))
    lab.at(lab.client, "ip", "route", "add", "10.82.0.0/24", "via", lab.target[4])
    nmap(lab, client(79), "-sS", "-T4", "-p", "23", target="10.82.0.1-40")
    until(lambda: "scan.horizontal" in findings(lab, client(79)), "a sweep")
    until(lambda: incidents(lab, client(79)), "the incident")
    scan = incidents(lab, client(79))[-1]["scan"]
    assert scan["shape"] == "horizontal" and abs(scan["target_count"] - 40) < 12 and scan["tool"] == "nmap"


TRIES = 4  # masscan and zmap, on a quiet wire, do not always begin to send


def within(what, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


def test_masscan(scanned):
    """The real one, with an address that is its own as far as it knows."""
    lab, _ = scanned
    source = client(80)
    for _ in range(TRIES):
        tool = lab.spawn(lab.client, "masscan", lab.target[4], "-p1-200", "--rate", "500", "--wait", "0", "--adapter", "wc",
                         "--adapter-ip", source, "--router-mac", lab.next_hop())
        told = within(lambda: incidents(lab, source), 4)
        tool.kill()  # it ends with the next packet that comes, if one comes
        tool.wait()
        if told:
            break
    assert {name for name in findings(lab, source) if name.startswith("scan.")} <= SYN
    scan = incidents(lab, source)[-1]["scan"]
    assert scan["tool"] == "masscan" and scan["shape"] == "vertical" and not scan["slow"]


def test_zmap(scanned):
    """The real one, over 64 addresses, some of which there are."""
    lab, _ = scanned
    source, nobody = client(81), lab.dir / "blacklist"
    nobody.write_text("")
    lab.at(lab.server, "ip", "-batch", "-", input="".join(f"addr add 10.83.0.{last}/24 dev ws\n" for last in range(1, 41)))
    for _ in range(TRIES):
        tool = lab.spawn(lab.client, "zmap", "-p", "23", "-i", "wc", "-S", source, "-G", lab.next_hop(), "-b", str(nobody),
                         "-r", "100", "-c", "1", "-q", "-o", "/dev/null", "10.83.0.0/26")
        told = within(lambda: "scan.horizontal" in findings(lab, source) and incidents(lab, source), 4)
        tool.kill()
        tool.wait()
        if told:
            break
    scan = incidents(lab, source)[-1]["scan"]
    assert scan["tool"] == "zmap" and scan["shape"] == "horizontal" and not scan["slow"]


def test_why_is_explained(scanned):
    """Of a scan of its own: in a soak the others were over minutes ago."""
    (lab, _), source = scanned, client(74)
    nmap(lab, source, "-sS", "-T4", "-p", "1-50")
    until(lambda: incidents(lab, source), "the incident")
    explained = json.loads(lab.weir("explain --json", source).stdout)
    row = next(row for row in explained["because"] if row["topic"] == "scan")
    assert row["scan"]["sources"] == [source] and "contacts failed" in row["text"]


def test_each_was_one_incident(scanned):
    """The last of this file: ends weir, which owes a last word on each."""
    lab, _ = scanned
    lab.end(signal.SIGTERM)
    validator = jsonschema.Draft7Validator(json.loads((SOURCE / "docs/eve.schema.json").read_text()))
    for number, (options, _) in enumerate(SCANS):
        version = 6 if "-6" in options else 4
        told = incidents(lab, client(number, version))
        if "-sT" in options or "--badsum" in options:
            continue
        assert len({one["incident"] for one in told}) == 1, (options, told)
        assert [one["state"] for one in told].count("over") == 1 and told[-1]["state"] == "over"
        scan = told[-1]["scan"]
        if "-p" not in options and not {"-f", "-sT"} & set(options.split()):
            assert 700 < scan["ports"] < 1500 and scan["tool"] == "nmap", scan
    for event in lab.events():
        if event["event_type"] == "incident":
            validator.validate(event)
