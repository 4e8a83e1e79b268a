#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""received.py SECONDS PID COMMAND...: while COMMAND sends, what $VB in namespace $B took in and what its NAPI
thread PID spent on it; the first second is not counted. Prints, as CSV: packets a second, ns a packet, share of one
processor, millions a second that a whole one would take."""

import os
import re
import subprocess
import sys
import time

seconds, pid, command = float(sys.argv[1]), sys.argv[2], sys.argv[3:]


def received():
    ask = ["nsenter", f"--net=/run/netns/{os.environ['B']}", "ethtool", "-S", os.environ["VB"]]
    text = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    xdp = sum(map(int, re.findall(r"rx_queue_\d+_xdp_packets: (\d+)", text)))
    if xdp:
        return xdp
    path = f"/sys/class/net/{os.environ['VB']}/statistics/rx_packets"
    ask = ["ip", "netns", "exec", os.environ["B"], "cat", path]
    return int(subprocess.run(ask, capture_output=True, text=True, check=True).stdout)


def sample():
    with open(f"/proc/{pid}/schedstat") as f:
        spent = int(f.read().split()[0])
    return time.monotonic_ns(), received(), spent


sender = subprocess.Popen(command, stdout=subprocess.DEVNULL)
time.sleep(1)
before = sample()
time.sleep(seconds)
took, packets, spent = (b - a for a, b in zip(before, sample()))
sender.wait()
if not packets or not spent:
    sys.exit("no packet was received")
print(f"{packets * 1e9 / took:.0f},{spent / packets:.1f},{spent / took:.3f},{packets / spent * 1e3:.3f}")
