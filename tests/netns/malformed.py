# SPDX-License-Identifier: Apache-2.0
"""Packets that are wrong in one way each, by scapy, with the detection that has to name them.

As a program, inside a namespace: `malformed.py PORT MAC` reads JSON lines {"name", "version", "count",
"src", "dst", "own"}, sends that packet so often, and answers each line with one."""

import json
import logging
import sys

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.all import (  # noqa: E402
    IP, TCP, Dot1Q, Ether, IPOption, IPOption_LSRR, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting, Raw, conf)

FIRST = b"\x9c\x40\x00\x50" + b"\x00" * 4  # the first 8 bytes of a TCP header


class Way:
    """How to build one: addresses by version."""

    def __init__(self, version, src, dst, own, sport):
        self.version, self.src, self.dst, self.own, self.sport = version, src, dst, own, sport

    def ip(self, src=None, dst=None, **fields):
        ends = {"src": src or self.src, "dst": dst or self.dst}
        return IP(**ends, **fields) if self.version == 4 else IPv6(**ends, **fields)

    def tcp(self, **fields):
        return TCP(**{"sport": self.sport, "dport": 80, "seq": 1000, "flags": "S", "options": [("MSS", 1400)], **fields})

    def options(self, data, flags="S"):
        """A TCP header with these option bytes."""
        return self.tcp(flags=flags, options=[], dataofs=5 + len(data) // 4) / Raw(data)


# For either version: name -> (detection, packet).
BOTH = {
    "syn and fin": ("integrity.syn_fin", lambda w: w.ip() / w.tcp(flags="SF")),
    "syn and rst": ("integrity.syn_rst", lambda w: w.ip() / w.tcp(flags="SR")),
    "no flags": ("scan.null", lambda w: w.ip() / w.tcp(flags="", options=[])),
    "xmas": ("scan.xmas", lambda w: w.ip() / w.tcp(flags="FPU", options=[])),
    "fin alone": ("scan.fin", lambda w: w.ip() / w.tcp(flags="F", options=[])),
    "push alone": ("integrity.flags_without_ack", lambda w: w.ip() / w.tcp(flags="P", options=[])),
    "rst and fin": ("integrity.flags_illegal", lambda w: w.ip() / w.tcp(flags="RF", options=[])),
    "wrong sum": ("integrity.tcp_checksum", lambda w: w.ip() / w.tcp(chksum=0x1234)),
    "header of 12": ("integrity.tcp_length", lambda w: w.ip() / w.tcp(dataofs=3)),
    "header beyond": ("integrity.tcp_length", lambda w: w.ip() / w.tcp(dataofs=15)),
    "land": ("integrity.land", lambda w: w.ip(src=w.dst) / w.tcp(sport=80)),
    "our address": ("integrity.own_address", lambda w: w.ip(src=w.own) / w.tcp()),
    "martian": ("integrity.martian_source", lambda w: w.ip(src="240.0.0.1" if w.version == 4 else "ff0e::1") / w.tcp()),
    "port zero": ("integrity.port_zero", lambda w: w.ip() / w.tcp(dport=0)),
    "to a group": ("integrity.syn_multicast", lambda w: w.ip(dst="224.0.0.1" if w.version == 4 else "ff02::1") / w.tcp()),
    "hop limit 0": ("integrity.ttl", lambda w: w.ip(**{"ttl" if w.version == 4 else "hlim": 0}) / w.tcp()),
    "syn with data": ("flood.syn_payload", lambda w: w.ip() / w.tcp() / Raw(b"x" * 100)),
    "option of 1": ("integrity.tcp_option_length", lambda w: w.ip() / w.options(b"\x02\x01\x05\xb4")),
    "option twice": ("integrity.tcp_option_duplicate", lambda w: w.ip() / w.options(b"\x02\x04\x05\xb4" * 2)),
    "scale of 15": ("integrity.window_scale", lambda w: w.ip() / w.options(b"\x03\x03\x0f\x01")),
    "mss too late": ("integrity.tcp_option_misplaced", lambda w: w.ip() / w.options(b"\x02\x04\x05\xb4", "R")),
    "urgent beyond": ("integrity.urgent_pointer", lambda w: w.ip() / w.tcp(flags="AU", urgptr=9, options=[]) / Raw(b"x")),
    "three tags": ("integrity.encapsulation_depth", lambda w: Dot1Q(vlan=1) / Dot1Q(vlan=2) / Dot1Q(vlan=3) / w.ip() / w.tcp()),
}
IP4 = {
    "ip sum": ("integrity.ip_checksum", lambda w: w.ip(chksum=0x1234) / w.tcp()),
    "ip header of 8": ("integrity.ip_length", lambda w: w.ip(ihl=2, len=60) / w.tcp()),
    "longer than the frame": ("integrity.truncated", lambda w: w.ip(len=400) / w.tcp(flags="A", options=[])),
    "version 5": ("integrity.ip_version", lambda w: w.ip(version=5) / w.tcp()),
    "reserved bit": ("integrity.ip_reserved_bit", lambda w: w.ip(flags="evil") / w.tcp()),
    "source route": ("integrity.source_route", lambda w: w.ip(options=[IPOption_LSRR(routers=[w.own])]) / w.tcp()),
    "timestamp of 3": ("integrity.ip_options", lambda w: w.ip(options=[IPOption(b"\x44\x03\x05\x00")]) / w.tcp()),
    "offset one": ("integrity.fragment_offset_one", lambda w: w.ip(frag=1, proto=6) / Raw(b"x" * 16)),
    "tiny fragment": ("integrity.fragment_tiny", lambda w: w.ip(flags="MF", proto=6) / Raw(FIRST)),
    "fragment beyond": ("integrity.fragment_oversize", lambda w: w.ip(frag=8189, proto=6) / Raw(b"x" * 100)),
    "fragment of 13": ("integrity.fragment_bits", lambda w: w.ip(flags="MF", frag=100, proto=6) / Raw(b"x" * 13)),
}
IP6 = {
    "shorter than its headers": ("integrity.ip6_length", lambda w: w.ip(nh=60, plen=2) / Raw(b"\x06\x00")),
    "version 5": ("integrity.ip_version", lambda w: w.ip(version=5) / w.tcp()),
    "routing header 0": ("integrity.ip6_rh0", lambda w: w.ip() / IPv6ExtHdrRouting(type=0, addresses=[w.own]) / w.tcp()),
    "hop-by-hop not first": ("integrity.ip6_headers", lambda w: w.ip() / IPv6ExtHdrDestOpt() / IPv6ExtHdrHopByHop() / w.tcp()),
    "offset one": ("integrity.fragment_offset_one", lambda w: w.ip() / IPv6ExtHdrFragment(nh=6, offset=1, id=7) / Raw(b"x" * 16)),
    "tiny fragment": ("integrity.fragment_tiny", lambda w: w.ip() / IPv6ExtHdrFragment(nh=6, m=1, id=8) / Raw(FIRST)),
    "fragment beyond": ("integrity.fragment_oversize",
                        lambda w: w.ip() / IPv6ExtHdrFragment(nh=6, offset=8189, id=9) / Raw(b"x" * 100)),
}


def table(version):
    return {**BOTH, **(IP4 if version == 4 else IP6)}


def main():
    port, mac = sys.argv[1:]
    conf.verb = 0
    out = conf.L2socket(iface=port)
    sport = 40000
    for line in sys.stdin:
        task = json.loads(line)
        for _ in range(task["count"]):
            sport += 1  # a connection of its own: the same one again is another finding
            way = Way(task["version"], task["src"], task["dst"], task["own"], sport)
            packet = Ether(dst=mac) / table(way.version)[task["name"]][1](way)
            if Dot1Q not in packet:
                packet[Ether].type = 0x800 if way.version == 4 else 0x86DD  # whatever the version field says
            out.send(packet)
        print("sent", flush=True)


if __name__ == "__main__":
    main()
