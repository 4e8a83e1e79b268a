#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""C is formatted as clang-format 14 (Debian 12's) does it with .clang-format; `make format` does it."""

import pathlib
import shutil
import subprocess
import sys

import rule

TOOL = shutil.which("clang-format-14")
STYLE = pathlib.Path(__file__).parents[2] / ".clang-format"


def check(root):
    paths = [p for tree in ("src", "tests") for p in rule.files(root / tree, ".c", ".h")]
    if not paths:
        return []
    command = [TOOL, f"--style=file:{STYLE}", "--dry-run", "-Werror"]
    done = subprocess.run(command + paths, capture_output=True, text=True)
    return [line for line in done.stderr.splitlines() if "error:" in line]


CASES = [
    ("good", {"src/base/a.c": "int a;\n"}, None),
    ("indent", {"src/base/a.c": "int f(void)\n{\n  return 0;\n}\n"}, "a.c:2"),
]

if __name__ == "__main__":
    if not TOOL:
        print("clang-format-14 is not installed")
        sys.exit(rule.SKIP)
    rule.main(check, CASES)
