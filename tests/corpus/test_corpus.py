# SPDX-License-Identifier: Apache-2.0
"""`weir replay` over every capture of the corpus, held against what others say of it.

Truth is, in this order: the corpus's own index, made by an independent byte-exact parser (packets,
wrong checksums, odd flags); the class of each capture; and known.tsv, which names each true finding
in a capture of ordinary traffic with its packet and the reason."""

import collections
import concurrent.futures
import csv
import json
import os
import pathlib
import re
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
SOURCE = pathlib.Path(os.environ.get("WEIR_SOURCE", HERE.parent.parent))
WEIR = os.environ.get("WEIR", str(SOURCE / "build" / "weir"))
CORPUS = pathlib.Path(os.environ.get("WEIR_CORPUS", SOURCE / ".." / "shared" / "corpus"))
SECONDS = 30  # for one capture; the slowest takes under one

# Ordinary or odd but healthy traffic: nothing above info but what known.tsv names.
HEALTHY = {"benign", "benign-small", "benign-ics", "midstream", "gap-or-loss", "rexmit-same", "legit-tfo",
           "legit-mptcp", "legit-md5", "legit-ecn", "legit-offload", "hdr-ok", "rst-teardown-data"}
# Both verdicts are defensible: run, not scored.
UNSCORED = {"benign-contested", "crafted-sender-ignores-window"}

# Row of the catalogue and what the index's parser calls the same fact.
SAME_FACT = {"scan.null": "flag_null", "integrity.syn_fin": "flag_synfin", "integrity.syn_rst": "flag_synrst",
             "integrity.port_zero": "port0", "integrity.rst_data": "rst_data"}


def read_tsv(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader((line for line in f if not line.startswith("#")), delimiter="\t"))


def index():
    if not (CORPUS / "INDEX.tsv").exists():
        pytest.skip(f"no corpus at {CORPUS}")
    return read_tsv(CORPUS / "INDEX.tsv")


class Run:
    """One replay: exit status, EVE objects, and the last line's statistics."""

    def __init__(self, path, *options):
        done = subprocess.run([WEIR, "replay", "--json", "--memory", "16M", *options, str(CORPUS / path)], timeout=SECONDS,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.status = done.returncode
        self.error = done.stderr.decode(errors="replace")
        self.events = [json.loads(line) for line in done.stdout.decode().splitlines()]
        self.alerts = [e for e in self.events if e["event_type"] == "alert"]
        self.flows = [e for e in self.events if e["event_type"] == "flow"]
        self.stats = next((e["stats"] for e in self.events if e["event_type"] == "stats"), None)

    def findings(self):
        """First event of each: detection and packet; those above info."""
        return {(e["weir"]["detection"], e["pcap_cnt"]) for e in self.alerts
                if e["weir"]["severity"] != "info" and e["weir"]["count"] == 1}


@pytest.fixture(scope="module")
def runs():
    """Every capture once with --checksum on, once as users run it, with all its connections."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = pool.map(lambda row: (row, Run(row["path"], "--checksum", "on"), Run(row["path"], "--flows", "--services")),
                        index())
        return {row["path"]: (row, on, auto) for row, on, auto in rows}


def test_every_capture_ends_well(runs):
    wrong = []
    for path, (_, on, auto) in runs.items():
        for run in (on, auto):
            if run.status not in (0, 1) or "Sanitizer" in run.error or "runtime error" in run.error:
                wrong.append((path, run.status, run.error[-300:]))
            elif run.stats is None:
                wrong.append((path, "no statistics at the end"))
            elif run.status == 1 and not run.error.startswith(f"weir: {CORPUS / path}: packet "):
                wrong.append((path, "an error that does not name file and packet", run.error[:200]))
    assert not wrong


def test_all_packets_are_read(runs):
    unreadable = {row["path"]: row for row in read_tsv(HERE / "unreadable.tsv")}
    wrong = []
    for path, (row, _, run) in runs.items():
        packets = run.stats["decoder"]["pkts"]
        outcomes = sum(run.stats["weir"]["outcomes"].values())
        expected = int(unreadable[path]["packets"]) if path in unreadable else int(row["packets"])
        if packets != expected or outcomes != packets or (run.status == 1) != (path in unreadable):
            wrong.append((path, packets, outcomes, expected, run.error[:200]))
    assert not wrong


def test_counts_agree_with_an_independent_parser(runs):
    """Packets of the same fact, all captures but tunnels (the other parser counts what is inside)."""
    explained = {row["path"]: row["why"] for row in read_tsv(HERE / "differs.tsv")}
    differs = {}
    for path, (row, run, _) in runs.items():
        if row["class"] == "encap" or run.stats["decoder"]["pkts"] != int(row["packets"]):
            continue
        theirs = collections.Counter(
            {k: int(v) for k, v in (a.split("=") for a in row["anomalies"].split(",") if "=" in a)})
        stats = run.stats["weir"]
        ours = {name: stats["counts"].get(name, 0) for name in SAME_FACT}
        wanted = {name: theirs[fact] for name, fact in SAME_FACT.items()}
        ours["tcp checksum"] = stats["checksum"]["tcp"]["wrong"] + stats["checksum"]["tcp"]["pending"]
        wanted["tcp checksum"] = int(row["tcp_badck"])
        ours["ip checksum"] = stats["checksum"]["ipv4"]["wrong"]
        wanted["ip checksum"] = int(row["ip_badck"])
        if ours != wanted:
            differs[path] = {k: (ours[k], wanted[k]) for k in ours if ours[k] != wanted[k]}
    assert set(differs) == set(explained), {p: differs.get(p) for p in set(differs) ^ set(explained)}


def test_tcp_is_inspected_whatever_it_is_in(runs):
    """As many TCP packets as tshark finds; what is not opened is counted, and named in the list."""
    listed = {row["path"]: row for row in read_tsv(HERE / "encap.tsv")}
    wrong = {}
    for path, (row, _, run) in runs.items():
        if row["class"] != "encap":
            continue
        outcomes = run.stats["weir"]["outcomes"]
        tcp = outcomes.get("tcp", 0) + outcomes.get("tcp_options_unread", 0)
        entry = listed[path]
        if tcp != int(entry["weir"]) or (entry["tshark"] != entry["weir"]) != bool(entry["why"]):
            wrong[path] = (tcp, entry)
    assert not wrong


def test_healthy_traffic_is_silent(runs):
    known = collections.defaultdict(set)
    for row in read_tsv(HERE / "known.tsv"):
        known[row["path"]].add((row["detection"], int(row["packet"])))
    wrong = {}
    for path, (row, _, run) in runs.items():
        if row["class"] in HEALTHY and run.findings() != known[path]:
            wrong[path] = sorted(run.findings() ^ known[path])
    assert not wrong


def test_faults_are_named(runs):
    """Captures with a fault: exactly these findings at these packets. Checksums and odd flags are held
    against the other parser above, the others were compared with the bytes when the list was made."""
    expected = collections.defaultdict(set)
    for row in read_tsv(HERE / "expected.tsv"):
        expected[row["path"]].add((row["detection"], int(row["packet"])))
    wrong = {}
    for path, (row, run, _) in runs.items():
        if row["class"] in HEALTHY | UNSCORED:
            continue
        if run.findings() != expected[path]:
            wrong[path] = sorted(run.findings() ^ expected[path])
    assert not wrong


def equivalents():
    """Rows by signature of Suricata, from the catalogue's table; not of those that judge rates and sources."""
    rows = collections.defaultdict(set)
    for line in (SOURCE / "docs" / "detections.md").read_text(encoding="utf-8").splitlines():
        cells = line.split(" | ")
        if len(cells) < 7 or cells[1].startswith(("`flood.", "`scan.maimon")):
            continue
        for first, last in re.findall(r"\b(\d{7})(?: to (\d{7}))?", re.sub(r"\b[NZ]:[^;]*", "", cells[6])):
            for sid in range(int(first), int(last or first) + 1):
                rows[sid].add(cells[1].strip("`"))
    return rows


def test_stream_events_of_suricata(runs):
    """Its verification captures: each event gives the row that the catalogue names, or is listed with a reason
    that docs/detections.md explains."""
    sids = {row["event"]: int(row["sid"]) for row in read_tsv(HERE / "suricata_sids.tsv")}
    listed = {(row["path"], row["event"]): row["why"] for row in read_tsv(HERE / "suricata.tsv")}
    rows, silent, told = equivalents(), set(), 0
    for path, (row, _, run) in runs.items():
        if not path.startswith("OISF+suricata-verify/"):
            continue
        for event in re.findall(r"\bstream\.(\w+)=", row["suricata_7.0.10_events"]):
            names = rows[sids[event]] if event in sids else set()
            if not names:
                continue
            if any(run.stats["weir"]["counts"].get(name) for name in names):
                told += 1
            else:
                silent.add((path, event))
    assert silent == set(listed), silent ^ set(listed)
    text = (SOURCE / "docs" / "detections.md").read_text(encoding="utf-8")
    assert all(f"\n| {why} | " in text for why in set(listed.values()))
    assert told > 20


def test_events_fit_their_schema(runs):
    """docs/eve.schema.json, on the first events of each kind in each capture."""
    jsonschema = pytest.importorskip("jsonschema")
    with open(SOURCE / "docs" / "eve.schema.json", encoding="utf-8") as f:
        validator = jsonschema.Draft7Validator(json.load(f))
    wrong = []
    for path, (_, on, auto) in runs.items():
        for e in on.alerts[:3] + on.events[-1:] + auto.flows[:3] + auto.events[-1:]:
            wrong += [(path, error.message) for error in validator.iter_errors(e)]
    assert not wrong


def test_flow_records_agree_with_zeek(runs):
    """Packets of each connection from each end, for the traces whose history Zeek's own tests hold."""
    explained = {(row["path"], row["port"], row["packets"]) for row in read_tsv(HERE / "zeek.tsv")}
    differs = set()
    for row in read_tsv(CORPUS / "zeek-conn-history.tsv"):
        path = row["trace(s) under zeek+zeek/testing/btest/Traces"]
        if row["proto"] != "tcp":
            continue
        ends = row["orig_h"], int(row["orig_p"]), row["resp_h"], int(row["resp_p"])
        ours = {(e["flow"]["pkts_toserver"], e["flow"]["pkts_toclient"])
                for e in runs[f"zeek+zeek/testing/btest/Traces/{path}"][2].flows
                if (e["src_ip"], e["src_port"], e["dest_ip"], e["dest_port"]) == ends}
        if (int(row["orig_pkts"]), int(row["resp_pkts"])) not in ours:
            differs.add((path, row["orig_p"], row["orig_pkts"] + "/" + row["resp_pkts"]))
    assert differs == explained


def test_flow_records_add_up(runs):
    """Every connection that was established is told of once, and counted for one service."""
    wrong = []
    for path, (_, _, run) in runs.items():
        stats = run.stats["weir"]
        served = sum(s["connections"] for s in stats["services"] + [stats["services_other"]])
        ids = collections.Counter((e["flow_id"], e["flow"]["start"]) for e in run.flows)
        packets = sum(e["flow"]["pkts_toserver"] + e["flow"]["pkts_toclient"] for e in run.flows)
        if (served != stats["flows"]["established"] or served > len(run.flows) or max(ids.values(), default=1) > 1
                or packets > run.stats["decoder"]["pkts"]):
            wrong.append((path, served, stats["flows"]["established"], len(run.flows), packets))
    assert not wrong


def test_events_are_whole(runs):
    for path, (row, _, run) in runs.items():
        for e in run.alerts:
            assert e["pcap_filename"] == str(CORPUS / path)
            assert 1 <= e["pcap_cnt"] <= max(1, int(row["packets"]))
            assert 0 <= e.get("flow_id", 0) < 2**53 and ("flow_id" in e) == ("src_ip" in e)
            assert e["alert"]["signature"] == "weir " + e["weir"]["detection"]
            assert e["weir"]["action"] in ("alert", "limit", "drop", "reset", "cookie", "ban")
            assert e["weir"]["enforced"] is False and e["alert"]["action"] == "allowed"
            assert e["weir"]["count"] >= 1
            assert e.get("direction") in ("to_server", "to_client", None)
