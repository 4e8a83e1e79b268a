#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""abi/detections.def: ids and names are given once and for good, and agree with each other; names in
the other .def files are given once."""

import re

import rule

FIRST_ID = {"flood": 1, "seq": 100, "scan": 200, "integrity": 300, "payload": 400, "health": 450}
LAST_ID = {"flood": 99, "seq": 199, "scan": 299, "integrity": 399, "payload": 449, "health": 511}
EVIDENCE_MAX = 8  # WEIR_EVIDENCE_MAX of abi/event.h
ACTIONS = "OFF COUNT ALERT LIMIT DROP RESET COOKIE BAN".split()


def check_row(row):
    slug = f"{row['category']}_{row['name']}"
    if row["NAME"] != slug.upper():
        yield f"NAME {row['NAME']} is not {slug.upper()}"
    if not row["id"].isdigit():
        yield f"id {row['id']} is no number"
    elif row["category"] not in FIRST_ID:
        yield f"category {row['category']} is unknown"
    elif not FIRST_ID[row["category"]] <= int(row["id"]) <= LAST_ID[row["category"]]:
        yield f"id {row['id']} is outside {FIRST_ID[row['category']]} to {LAST_ID[row['category']]} of {row['category']}"
    for mode in ("observe", "enforce"):
        if row[mode] not in ACTIONS:
            yield f"{mode} action {row[mode]} is none of {' '.join(ACTIONS)}"
    if row["severity"] not in ("HIGH", "MED", "LOW", "INFO"):
        yield f"severity {row['severity']} is none of HIGH MED LOW INFO"
    if len([e for e in row["evidence"].split(",") if e]) > EVIDENCE_MAX:
        yield f"more than {EVIDENCE_MAX} evidence names"


def check_detections(path):
    found, seen = [], {}
    for row in rule.rows(path):
        found += [f"{path}:{row['line']}: {fault}" for fault in check_row(row)]
        for key in (row["id"], row["category"] + "." + row["name"]):
            if key in seen:
                found.append(f"{path}:{row['line']}: {key} is already given on line {seen[key]}")
            seen[key] = row["line"]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r"RETIRED\(\s*(\d+)", line)
        if match and match.group(1) in seen:
            found.append(f"{path}:{number}: retired id {match.group(1)} is given again on line {seen[match.group(1)]}")
    return found


def check_names(path):
    found, seen = [], {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r"[A-Z]+\(\s*(\w+)\s*,", line)
        if match and match.group(1) in seen:
            found.append(f"{path}:{number}: {match.group(1)} is already given on line {seen[match.group(1)]}")
        if match:
            seen[match.group(1)] = number
    return found


def check(root):
    found = []
    for path in rule.files(root / "src/abi", ".def"):
        found += check_detections(path) if path.name == "detections.def" else check_names(path)
    return found


def row(text):
    return {"src/abi/detections.def": text + '\nDETECT(206, SCAN_FIN, scan, fin, NONE, ALERT, DROP, HIGH, "0.1", "")\n'}


CASES = [
    ("good", row('DETECT(207, SCAN_NULL, scan, null, NONE, ALERT, DROP, HIGH, "0.1", "a,b")'), None),
    ("id twice", row('DETECT(206, SCAN_NULL, scan, null, NONE, ALERT, DROP, HIGH, "0.1", "")'), "206 is already given"),
    ("name twice", row('DETECT(207, SCAN_FIN, scan, fin, NONE, ALERT, DROP, HIGH, "0.1", "")'), "scan.fin is already"),
    ("retired", row("RETIRED(206, scan.old)"), "given again"),
    ("range", row('DETECT(107, SCAN_NULL, scan, null, NONE, ALERT, DROP, HIGH, "0.1", "")'), "is outside 200"),
    ("slug", row('DETECT(207, SCAN_NUL, scan, null, NONE, ALERT, DROP, HIGH, "0.1", "")'), "is not SCAN_NULL"),
    ("action", row('DETECT(207, SCAN_NULL, scan, null, NONE, WARN, DROP, HIGH, "0.1", "")'), "observe action WARN"),
    ("other table", {"src/abi/outcomes.def": "OUTCOME(TCP, a)\nOUTCOME(TCP, b)\n"}, "TCP is already given"),
]

if __name__ == "__main__":
    rule.main(check, CASES)
