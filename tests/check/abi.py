#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Headers of src/abi have the same layout for every compiler: fixed-width members only, no hole, a
_Static_assert of each size; compiled alone with -Wpadded -Werror by gcc, clang and for BPF."""

import platform
import re
import shutil
import subprocess

import rule

COMPILERS = [["gcc"], ["clang-14"], ["clang-19"], ["clang"]]
MEMBER = re.compile(r"(__u(8|16|32|64)|__be(16|32|64)|struct weir_\w+)\s+\w[\w\[\], ]*$")


def commands():
    found = [c for c in COMPILERS if shutil.which(c[0])]
    arch = f"/usr/include/{platform.machine()}-linux-gnu"
    bpf = [c + ["-target", "bpf", "-idirafter", arch] for c in found if c[0].startswith("clang")]
    return found + bpf


def check_members(path):
    found = []
    text = rule.code(path.read_text())
    text = re.sub(r"^[ \t]*#[^\n]*", "", text, flags=re.M)
    for match in re.finditer(r"\bstruct\s+(\w+)\s*\{([^}]*)\}", text):
        for member in match.group(2).split(";"):
            member = " ".join(member.split())
            if member and not MEMBER.match(member):
                found.append(f"{path}: struct {match.group(1)}: member is not of fixed width: {member}")
        if not re.search(rf"_Static_assert\(sizeof\(struct {match.group(1)}\)", text):
            found.append(f"{path}: struct {match.group(1)}: no _Static_assert of its size")
    for word in ("bool", "long", "packed", "size_t"):
        if re.search(rf"\b{word}\b", text):
            found.append(f"{path}: '{word}' differs between the two sides")
    return found


def compile_all(root, command, paths):
    """One source for all headers: -Wpadded speaks of each struct by its place."""
    flags = ["-std=gnu17", "-Wall", "-Wextra", "-Wpadded", "-Werror", "-fsyntax-only", "-x", "c", "-I", root / "src"]
    source = "".join(f'#include "{path}"\n' for path in paths)
    done = subprocess.run(command + flags + ["-"], input=source, capture_output=True, text=True)
    if not done.returncode:
        return []
    errors = [line for line in done.stderr.splitlines() if "error" in line] or [done.stderr]
    return [f"{' '.join(map(str, paths)) if len(paths) == 1 else root}: {' '.join(command[:3])}: {error}" for error in errors[:3]]


def check(root):
    paths = rule.files(root / "src/abi", ".h")
    found = [fault for path in paths for fault in check_members(path)]
    for command in commands():
        found += compile_all(root, command, paths)
    for path in paths: # each stands alone
        found += compile_all(root, COMPILERS[0], [path])
    return found


GOOD = "#pragma once\n#include <linux/types.h>\nstruct weir_a {\n    __u32 a;\n    __u8 b[4];\n};\n"
SIZE = '_Static_assert(sizeof(struct weir_a) == 8, "ABI");\n'
CASES = [
    ("good", {"src/abi/a.h": GOOD + SIZE}, None),
    ("hole", {"src/abi/a.h": GOOD.replace("__u8 b[4]", "__u64 b") + SIZE.replace("8", "16")}, "gcc"),
    ("hole, BPF", {"src/abi/a.h": GOOD.replace("__u8 b[4]", "__u64 b") + SIZE.replace("8", "16")}, "target bpf"),
    ("pointer", {"src/abi/a.h": GOOD.replace("__u8 b[4]", "__u32 *b")}, "not of fixed width"),
    ("bit-field", {"src/abi/a.h": GOOD.replace("__u8 b[4]", "__u32 b : 3")}, "not of fixed width"),
    ("size", {"src/abi/a.h": GOOD}, "no _Static_assert"),
]

if __name__ == "__main__":
    rule.main(check, CASES)
