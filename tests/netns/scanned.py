# SPDX-License-Identifier: Apache-2.0
"""A laboratory to scan: open ports, many addresses for the client, and which probe of a scan was found."""

import contextlib
import ipaddress
import struct
import subprocess

from tests.netns.lab import lab_of, until

OPEN = (22, 443, 3306, 5432, 8080)  # beside nginx on 80
FIRST, LAST = 10, 96  # last byte of the client's further addresses

LISTEN = """
import socket, sys, threading
def answer(s):
    while True:
        c, _ = s.accept()
        c.close()
for port in map(int, sys.argv[1:]):
    for family, any_ in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        s = socket.socket(family)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((any_, port))
        s.listen(128)
        threading.Thread(target=answer, args=(s,)).start()
print("ready", flush=True)
"""


def serve(lab, where, program, *args):
    process = lab.spawn(where, "/usr/bin/python3", "-c", program, *args, stdout=subprocess.PIPE)
    assert process.stdout.readline() == "ready\n"
    return process


@contextlib.contextmanager
def scanned_lab(*args):
    with lab_of("direct") as lab:
        lab.at(lab.client, "ip", "-batch", "-", input="".join(
            f"addr add 10.81.0.{last}/24 dev wc\naddr add 2001:db8:81:{last:x}::1/64 dev wc nodad\n"
            for last in range(FIRST, LAST)))
        lab.at(lab.server, "ip", "-6", "route", "add", "2001:db8:81::/48", "dev", "ws")
        serve(lab, lab.server, LISTEN, *map(str, OPEN))
        lab.run("--quiet", *args)  # nobody reads what it prints
        yield lab


def client(number, version=4):
    """Each scan has an address of its own, so that none finds evidence of another."""
    last = FIRST + number
    assert last < LAST
    return f"2001:db8:81:{last:x}::1" if version == 6 else f"10.81.0.{last}"


def findings(lab, source):
    """First event of each row of a source, in the order of their arrival."""
    found = {}
    for event in lab.events():
        if event["event_type"] == "alert" and event.get("src_ip") == source:
            found.setdefault(event["weir"]["detection"], event)
    return found


def incidents(lab, source):
    """What was told of scans that source takes part in, in order."""
    return [event["weir"] for event in lab.events()
            if event["event_type"] == "incident" and source in event["weir"]["scan"]["sources"]]


class Wire:
    """What came to the server while it was watched."""

    def __init__(self, lab):
        self.path = lab.dir / "wire.pcap"
        self.watch = lab.spawn(lab.server, "tcpdump", "-i", "ws", "-U", "-B", "8192", "-w", str(self.path),
                               "tcp or (ip6 and ip6[6] == 44)", stderr=subprocess.PIPE)
        assert "listening" in self.watch.stderr.readline()

    def end(self):
        self.watch.terminate()
        self.watch.wait(10)

    def probes(self, source):
        """(source port, destination port, sequence number) of each packet of source."""
        data, at, address = self.path.read_bytes(), 24, ipaddress.ip_address(source).packed
        while at + 16 <= len(data):
            length = struct.unpack_from("=I", data, at + 8)[0]
            frame = data[at + 16 : at + 16 + length]
            at += 16 + length
            if len(address) == 4 and frame[12:14] == b"\x08\x00" and frame[26:30] == address:
                tcp = 14 + (frame[14] & 15) * 4 if not struct.unpack_from("!H", frame, 20)[0] & 0x1FFF else 0
            elif len(address) == 16 and frame[12:14] == b"\x86\xdd" and frame[22:38] == address:
                tcp = 54
            else:
                continue
            if tcp:
                yield struct.unpack_from("!HHI", frame, tcp)

    def probe_of(self, source, event):
        """How many ports source had asked when it sent the packet of the event."""
        packet = event["src_port"], event["dest_port"], event["weir"]["packet"].get("seq")
        ports = set()

        def reached():
            ports.clear()
            for probe in self.probes(source):
                ports.add(probe[1])
                if packet[:2] == probe[:2] and packet[2] in (None, probe[2]):
                    return True
            return False

        until(reached, f"the packet {packet} was captured")
        return len(ports)
