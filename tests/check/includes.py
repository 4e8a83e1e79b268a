#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every #include under src/ is one that rooms.txt allows to its room, docs/architecture.md shows that
table, and each room's CMakeLists.txt links no room that it may not include."""

import pathlib
import re

import rule

TABLE = pathlib.Path(__file__).parent / "rooms.txt"
GENERATED = {"detect_list.h": "dataplane", "version.h": None}  # None: any room


def read_table(text):
    rooms, libraries = {}, {}
    for line in text.splitlines():
        if line.startswith("@"):
            name, *headers = line[1:].split()
            libraries[name] = headers
        elif line and line[0] != "#":
            room, may, libs = (part.split() for part in line.split("|"))
            rooms[room[0]] = (set(may) | set(room), set(libs))
    return rooms, libraries


def library_of(header, libraries):
    """The most exact entry wins: linux/tcp.h is wire, linux/bpf.h is uapi."""
    for name, headers in libraries.items():
        if header in headers:
            return name
    for name, headers in libraries.items():
        if any(h.endswith("/") and header.startswith(h) or h[0] == "*" and header.endswith(h[1:]) for h in headers):
            return name
    return "libc"


def judge(room, quoted, header, folder, src, table):
    rooms, libraries = table
    may, libs = rooms[room]
    if quoted and header not in GENERATED and not header.endswith(".skel.h"):
        if (folder / header).is_file():  # beside the includer
            return None
        other = header.split("/")[0]
        if not (src / header).is_file():
            return f"no such file under src/: {header}"
        return None if other in may else f"room {room} may not include room {other}: {header}"
    if header in GENERATED:
        return None if GENERATED[header] in (None, room) else f"room {room} may not include {header}"
    library = library_of(header, libraries)
    # The whole C library holds the freestanding headers and those of the kernel's plain types.
    if library in libs or (library in ("freestanding", "types") and "libc" in libs):
        return None
    return f"room {room} may not include {library}: {header}"


def check_links(src, rooms):
    found = []
    for path in sorted(src.glob("*/CMakeLists.txt")):
        match = re.search(r"weir_room\((\w+)(?:[^)]*?ROOMS\s+([a-z\s]+))?", path.read_text())
        if not match or match.group(1) not in rooms:
            continue
        for other in (match.group(2) or "").split():
            if other not in rooms[match.group(1)][0]:
                found.append(f"{path}: room {match.group(1)} may not link room {other}")
    return found


def check_tree(root, text):
    table = read_table(text)
    src = root / "src"
    found = check_links(src, table[0])
    for path in rule.files(src, ".c", ".h", ".def"):
        parts = path.relative_to(src).parts
        room = parts[0] if len(parts) > 1 else "main"
        if room not in table[0]:
            found.append(f"{path}: folder {room} is no room of tests/check/rooms.txt")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r"\s*#\s*include\s*([<\"])([^>\"]+)[>\"]", line)
            fault = match and judge(room, match.group(1) == '"', match.group(2), path.parent, src, table)
            if fault:
                found.append(f"{path}:{number}: {fault}")
    shown = root / "docs/architecture.md"
    missing = [l for l in text.splitlines() if "|" in l and l[0] != "#" and l not in shown.read_text()] \
        if shown.exists() else []
    return found + [f"{shown}: row of tests/check/rooms.txt is missing: {l}" for l in missing]


def check(root):
    return check_tree(root, TABLE.read_text())


FILES = {"src/abi/a.h": "", "src/base/b.h": "", "src/loader/l.h": "", "src/dataplane/d.h": ""}
CASES = [
    ("allowed", {**FILES, "src/loader/l.c": '#include "abi/a.h"\n#include <bpf/libbpf.h>\n#include <stdio.h>\n'}, None),
    ("room", {**FILES, "src/events/e.c": '#include "loader/l.h"\n'}, "events may not include room loader"),
    ("library", {**FILES, "src/events/e.c": "#include <bpf/libbpf.h>\n"}, "events may not include libbpf"),
    ("skeleton", {**FILES, "src/policy/e.c": '#include "weir.skel.h"\n'}, "policy may not include skeleton"),
    ("libc in the core", {**FILES, "src/dataplane/d.h": "#include <string.h>\n"}, "dataplane may not include libc"),
    ("wire header", {**FILES, "src/events/e.c": "#include <netinet/tcp.h>\n"}, "may not include wire"),
    ("unknown room", {**FILES, "src/misc/e.c": ""}, "is no room"),
    ("link", {**FILES, "src/events/CMakeLists.txt": "weir_room(events ROOMS abi loader)\n"}, "may not link room loader"),
    ("document", {**FILES, "docs/architecture.md": "nothing\n"}, "is missing"),
]

if __name__ == "__main__":
    rule.main(check, CASES)
