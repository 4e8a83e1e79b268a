#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""src/dataplane calls nothing but itself and compiler builtins: no BPF helper, no map, no libc, no
clock, no global that changes. Names follow the house: functions weir_*, macros WEIR_*."""

import re

import rule

KEYWORDS = {"if", "for", "while", "switch", "return", "sizeof", "defined", "__attribute__", "_Static_assert",
            "DETECT", "OUTCOME", "COUNTER", "__typeof__", "alignof", "_Alignof",
            "volatile"}  # __asm__ volatile: an empty one, which the compiler cannot see through
CALL = re.compile(r"(?<![#\w])([A-Za-z_]\w*)\s*\(")  # not the end of a pasted name


def check_file(path):
    found = []
    for number, line in enumerate(rule.code(path.read_text()).splitlines(), 1):
        for name in CALL.findall(line):
            if name not in KEYWORDS and not re.match(r"(weir_|WEIR_|__builtin_|__sync_)", name):
                found.append(f"{path}:{number}: calls {name}()")
        if re.search(r"\bSEC\b|\.maps\b|\bXDP_\w+|\bTC_ACT_\w+|\bextern\b|\basm\b", line):
            found.append(f"{path}:{number}: belongs in src/bpf: {line.strip()}")
        if re.match(r"static\s+(?!const\b|inline\b|__attribute__)\w[^(]*[;=]", line):
            found.append(f"{path}:{number}: state that is not an argument: {line.strip()}")
    return found


def check(root):
    return [fault for path in rule.files(root / "src/dataplane", ".h", ".c") for fault in check_file(path)]


CASES = [
    ("pure", {"src/dataplane/a.h": "/* bpf_x() */\nWEIR_FN int weir_a(int b)\n{\n    return weir_b(__builtin_abs(b));\n}\n"}, None),
    ("helper", {"src/dataplane/a.h": "    now = bpf_ktime_get_ns();\n"}, "calls bpf_ktime_get_ns"),
    ("libc", {"src/dataplane/a.h": "    memcpy(a, b, 4);\n"}, "calls memcpy"),
    ("map", {"src/dataplane/a.h": '} flows SEC(".maps");\n'}, "belongs in src/bpf"),
    ("verdict", {"src/dataplane/a.h": "    return XDP_DROP;\n"}, "belongs in src/bpf"),
    ("global", {"src/dataplane/a.h": "static int hits;\n"}, "state that is not an argument"),
]

if __name__ == "__main__":
    rule.main(check, CASES)
