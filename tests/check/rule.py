# SPDX-License-Identifier: Apache-2.0
"""What the checks of this folder share: find files, run on the tree, prove that they can fail."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
TREES = ("src", "tests", "docs", "cmake", "tools", "packaging", "web")


def files(root, *suffixes):
    """Paths below root with one of the suffixes, sorted; build and hidden folders left out."""
    found = []
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(d for d in inner if d not in ("build", "node_modules", "__pycache__") and d[0] != ".")
        found += [pathlib.Path(folder, n) for n in sorted(names) if n.endswith(suffixes or "")]
    return found


def tracked(root):
    """What git has of root, or every file where root is no checkout (a release archive)."""
    git = shutil.which("git")
    if git and (root / ".git").exists():
        safe = f"safe.directory={root}"  # root tests a user's checkout
        out = subprocess.run([git, "-c", safe, "ls-files", "-z"], cwd=root, check=True, capture_output=True)
        return [root / name for name in out.stdout.decode().split("\0") if name]
    return files(root)


def code(text):
    """C without comments, strings and character constants, line numbers kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    pattern = r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    return re.sub(pattern, blank, text, flags=re.S)


def rows(path):
    """Rows DETECT(...) of a .def file as dicts, by the names of its columns."""
    columns = "id NAME category name state observe enforce severity since evidence".split()
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r"DETECT\((.*)\)\s*$", line)
        if match:
            values = [v.strip().strip('"') for v in match.group(1).split(",", len(columns) - 1)]
            found.append(dict(zip(columns, values), line=number))
    return found


def self_test(check, cases):
    """cases: (what, {path: text}, words of the expected violation or None for a clean tree)."""
    for what, tree, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in tree.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            found = check(pathlib.Path(folder))
        if expected is None and found:
            sys.exit(f"self-test: {what}: expected no violation, got {found}")
        if expected is not None and not any(expected in line for line in found):
            sys.exit(f"self-test: {what}: expected '{expected}', got {found}")
    if not any(expected for _, _, expected in cases):
        sys.exit("self-test: no case shows that the check can fail")


def main(check, cases):
    """Self-test, then the tree: $WEIR_SOURCE or the one this file is in. Exit status 1 on any find."""
    self_test(check, cases)
    root = pathlib.Path(os.environ.get("WEIR_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
    found = check(root)
    for line in found:
        print(line.replace(f"{root}/", ""))
    print(f"{len(found)} violations; self-test of {len(cases)} cases passed")
    sys.exit(1 if found else 0)
