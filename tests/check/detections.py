#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every row of abi/detections.def has its rule, its test and its row in docs/detections.md, which says
the same; and none of the three is there without a row."""

import re

import rule


def document_rows(path):
    """id -> cells of every table row that starts with a number."""
    found = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if line.startswith("|") and cells[0].isdigit():
            found.setdefault(cells[0], []).append(cells)
    return found


def expected_cells(row):
    evidence = ", ".join(f"`{e}`" for e in row["evidence"].split(",") if e) or "-"
    actions = f"{row['observe'].lower()} / {row['enforce'].lower()}"
    return {1: f"`{row['category']}.{row['name']}`", 3: row["severity"].lower(), 4: actions, 5: evidence}


def check_document(path, row, documented):
    lines = documented.pop(row["id"], [])
    if len(lines) != 1:
        return [f"{path}: id {row['id']} ({row['name']}) has {len(lines)} rows, expected 1"]
    if len(lines[0]) != 8 or not all(lines[0]):
        return [f"{path}: id {row['id']}: expected 8 cells, none of them empty"]
    return [f"{path}: id {row['id']}: '{lines[0][i]}' should be '{text}'"
            for i, text in expected_cells(row).items() if lines[0][i] != text]


def check(root):
    found, slugs = [], set()
    document = root / "docs/detections.md"
    documented = document_rows(document)
    for row in rule.rows(root / "src/abi/detections.def"):
        slug = f"{row['category']}_{row['name']}"
        slugs.add(slug)
        for path in (root / f"src/dataplane/detect/{slug}.h", root / f"tests/unit/detect/{slug}.c"):
            if not path.is_file():
                found.append(f"{path}: missing for id {row['id']}")
        found += check_document(document, row, documented)
    found += [f"{document}: id {number} is not in abi/detections.def" for number in documented]
    for path in rule.files(root / "src/dataplane/detect", ".h") + rule.files(root / "tests/unit/detect", ".c"):
        if path.stem not in slugs:
            found.append(f"{path}: no row of abi/detections.def has this slug")
    return found


GOOD = {
    "src/abi/detections.def": 'DETECT( 15, FLOOD_X, flood, x, NONE, ALERT, DROP, MED, "0.1", "a,b")\n',
    "src/dataplane/detect/flood_x.h": "",
    "tests/unit/detect/flood_x.c": "",
    "docs/detections.md": "| 15 | `flood.x` | w | med | alert / drop | `a`, `b` | - | none known |\n",
}


def without(path):
    return {name: text for name, text in GOOD.items() if name != path}


CASES = [
    ("good", GOOD, None),
    ("no test", without("tests/unit/detect/flood_x.c"), "tests/unit/detect/flood_x.c: missing"),
    ("no rule", without("src/dataplane/detect/flood_x.h"), "detect/flood_x.h: missing"),
    ("no document", without("docs/detections.md"), "has 0 rows"),
    ("severity", {**GOOD, "docs/detections.md": GOOD["docs/detections.md"].replace("med", "high")}, "should be 'med'"),
    ("stranger", {**GOOD, "docs/detections.md": GOOD["docs/detections.md"] + "| 16 | a |\n"}, "16 is not in"),
    ("stray rule", {**GOOD, "src/dataplane/detect/flood_y.h": ""}, "has this slug"),
]

if __name__ == "__main__":
    rule.main(check, CASES)
