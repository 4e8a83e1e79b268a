#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules on files as such: a licence on line 1, the licence of its room, at most 500 lines, nothing
generated committed."""

import re

import rule

LINES_MAX = 500
SOURCES = (".c", ".h", ".def", ".py", ".cmake", ".sh", "CMakeLists.txt", "Makefile")
GENERATED = re.compile(r"(\.o|\.a|\.so|\.pyc|\.skel\.h|/vmlinux\.h|\.bpf\.o)$|^build/")
SHARED = "Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause"
BPF = "GPL-2.0-only OR BSD-2-Clause"
LICENCES = {"src/abi/": SHARED, "src/dataplane/": SHARED, "src/bpf/": BPF, "tests/bench/bpf/": BPF}


def licence_of(name):
    for folder, licence in LICENCES.items():
        if name.startswith(folder) and not name.endswith("CMakeLists.txt"):
            return licence
    return "Apache-2.0"


def check_source(name, text):
    lines = text.splitlines()
    head = next((line for line in lines[:2] if not line.startswith("#!")), "")
    match = re.search(r"SPDX-License-Identifier: (.*?)\s*(\*/)?$", head)
    if not match:
        yield f"{name}:1: no SPDX-License-Identifier"
    elif match.group(1) != licence_of(name):
        yield f"{name}:1: licence is {match.group(1)}, expected {licence_of(name)}"
    if len(lines) > LINES_MAX:
        yield f"{name}: {len(lines)} lines, at most {LINES_MAX}: split by noun"
    if name.endswith(".h") and "#pragma once" not in lines:
        yield f"{name}: no #pragma once"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f"{name}:{number}: blanks at the end"


def check(root):
    found = []
    for path in rule.tracked(root):
        name = str(path.relative_to(root))
        if GENERATED.search(name):
            found.append(f"{name}: generated file is committed")
        elif name.endswith(SOURCES) and path.is_file():
            found += check_source(name, path.read_text())
    return found


HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n"
CASES = [
    ("good", {"src/base/a.c": HEAD, "src/abi/a.h": f"/* SPDX-License-Identifier: {SHARED} */\n#pragma once\n"}, None),
    ("no licence", {"src/base/a.c": "int a;\n"}, "no SPDX"),
    ("wrong licence", {"src/bpf/a.bpf.c": HEAD}, "expected GPL-2.0-only OR BSD-2-Clause"),
    ("long", {"src/base/a.c": HEAD + "\n" * LINES_MAX}, "501 lines"),
    ("skeleton", {"src/loader/weir.skel.h": HEAD}, "generated file"),
    ("object", {"src/bpf/weir.bpf.o": ""}, "generated file"),
    ("vmlinux", {"src/bpf/vmlinux.h": ""}, "generated file"),
    ("guard", {"src/base/a.h": HEAD}, "#pragma once"),
    ("blanks", {"src/base/a.c": HEAD + "int a; \n"}, "blanks at the end"),
]

if __name__ == "__main__":
    rule.main(check, CASES)
