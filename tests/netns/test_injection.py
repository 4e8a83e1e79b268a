# SPDX-License-Identifier: Apache-2.0
"""Attacks on live connections between real stacks, by one who stands in the middle and forges either
end: each is named, and nothing else; in enforce mode the connection lives on where it can."""

import logging
import random
import select
import socket
import struct
import time

import pytest

from tests.netns.forwarder import forwarder_lab, inside
from tests.netns.lab import finding_rows, needs_root, until

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
scapy = pytest.importorskip("scapy.all")
pytestmark = needs_root
PORT = 7000
WINDOW = 65536
BURST = 2048  # RSTs between words of the two ends


class Talk:
    """A connection of two kernels, and the attacker's view of it. What the client sends, and every frame of either
    side until now, the attacker has heard."""

    def __init__(self, lab):
        self.lab, self.ear, self.frames = lab, lab.wiretap("fa"), []
        with inside(lab.server):
            listener = socket.create_server(("", PORT))
        with inside(lab.client):
            self.client = socket.create_connection((lab.target[4], PORT), timeout=10)
        self.server = listener.accept()[0]
        self.server.settimeout(10)
        listener.close()
        self.say(b"hello, is anybody there?")

    def say(self, text, answer=b"certainly", rest=0.1):
        """Both ends speak; what arrives is what was sent."""
        for sender, receiver, words in ((self.client, self.server, text), (self.server, self.client, answer)):
            sender.sendall(words)
            got = b""
            while len(got) < len(words):
                part = receiver.recv(65536)
                assert part
                got += part
            assert got == words
        time.sleep(rest)  # acknowledgements

    def heard(self):
        while select.select([self.ear], [], [], 0)[0]:
            frame = scapy.Ether(self.ear.recv(65536))
            if scapy.TCP in frame and PORT in (frame[scapy.TCP].sport, frame[scapy.TCP].dport):
                self.frames.append(frame)
        return self.frames

    def newest(self, to_server=True):
        return next(f for f in reversed(self.heard()) if (f[scapy.TCP].dport == PORT) == to_server)

    def next_number(self):
        """Where the client stands."""
        return struct.unpack_from("!I", self.forged(), 14 + 20 + 4)[0]

    def forged(self, ahead=0, payload=b"", **fields):
        """As the client's newest segment, `ahead` of where the client stands."""
        frame = self.newest().copy()
        tcp = frame[scapy.TCP]
        size = frame[scapy.IP].len - 4 * frame[scapy.IP].ihl - 4 * tcp.dataofs
        tcp.remove_payload()
        tcp.seq = (tcp.seq + size + ahead) % 2**32
        for name, value in fields.items():
            setattr(tcp, name, value)
        del frame[scapy.IP].len, frame[scapy.IP].chksum, tcp.chksum
        return bytes(frame / payload if payload else frame)

    def close(self):
        for end in (self.client, self.server, self.ear):
            end.close()


class Resets:
    """One frame, an RST without ACK, with any sequence number; checksum by the book (RFC 1624)."""

    def __init__(self, frame):
        frame = scapy.Ether(frame)
        tcp = frame[scapy.TCP]
        tcp.remove_payload()
        tcp.flags, tcp.ack, tcp.seq, tcp.options = "R", 0, 0, []
        del tcp.dataofs, tcp.chksum, frame[scapy.IP].len, frame[scapy.IP].chksum
        self.frame = bytearray(bytes(frame))
        self.at = 14 + 20
        self.sum = ~struct.unpack_from("!H", self.frame, self.at + 16)[0] & 0xffff

    def numbered(self, seq):
        total = self.sum + (seq >> 16 & 0xffff) + (seq & 0xffff)
        total = (total & 0xffff) + (total >> 16)
        total = (total & 0xffff) + (total >> 16)
        struct.pack_into("!I", self.frame, self.at + 4, seq % 2**32)
        struct.pack_into("!H", self.frame, self.at + 16, ~total & 0xffff)
        return self.frame


@pytest.mark.parametrize("mode", ["enforce", "observe"])
def test_blind_sweep(mode):
    """Every number of the window by RST, in random order, the next one again and again, while data flow both ways:
    they arrive, and there is one incident. Where nobody stops it, the same ends the connection."""
    with forwarder_lab(delay=500) as lab:
        lab.run("--mode", mode)
        talk, mouth, dice, sent = Talk(lab), lab.wiretap("fb"), random.Random(1), 0
        resets, start = Resets(talk.forged()), talk.newest()[scapy.TCP].seq
        order = dice.sample(range(WINDOW), WINDOW)
        try:
            for n in range(0, WINDOW, BURST):
                for seq in (*(start + ahead for ahead in order[n:n + BURST]), talk.next_number()):
                    mouth.send(resets.numbered(seq))
                    sent += 1
                talk.frames.clear()
                talk.say(dice.randbytes(3000), dice.randbytes(3000), 0)
            alive = True
        except (ConnectionError, AssertionError):
            alive = False
        time.sleep(0.3)
        counts = [e["weir"]["count"] for e in lab.events() if e["event_type"] == "alert"]
        print(f"{mode}: {sent} RSTs, found {lab.found()}")
        assert {e["weir"]["detection"] for e in lab.events()} == {"seq.blind_rst"}
        assert counts == sorted(set(counts)) and counts[0] == 1, "one incident"
        assert alive == (mode == "enforce")
        assert not alive or lab.found()["seq.blind_rst"] > 0.9 * sent > 0.9 * WINDOW
        talk.close()
        mouth.close()


def test_a_liberal_zone_judges_no_windows():
    """Far ahead of what the other side asked for: named in a strict zone, not in a liberal one, where the kernel is the
    judge; what is wrong with a packet by itself is named in both."""
    with forwarder_lab(delay=500) as lab:
        policy = lab.dir / "liberal.yaml"
        policy.write_text("mode: enforce\nzones: [{name: way, match: {interface: ws}, check: liberal}]\n")
        lab.run("-c", str(policy))
        talk, mouth = Talk(lab), lab.wiretap("fb")
        mouth.send(talk.forged(50_000_000, b"far ahead"))
        mouth.send(talk.forged(0, flags="FPU"))
        until(lambda: lab.found().get("scan.xmas"), "the packet's own fault")
        talk.say(b"still here")
        assert not any(name.startswith("seq.") for name in lab.found()), lab.found()
        policy.write_text("mode: enforce\n")
        lab.weir("policy apply", str(policy))
        strict = Talk(lab)
        mouth.send(strict.forged(50_000_000, b"far ahead"))
        until(lambda: lab.found().get("seq.out_of_window"), "named")
        strict.say(b"here")
        for end in (talk, strict, mouth):
            end.close()


@pytest.fixture(name="lab", scope="module", params=["enforce", "observe"])
def lab_of_mode(request):
    with forwarder_lab(delay=1000) as lab:
        lab.run("--mode", request.param)
        lab.mode = request.param
        yield lab


@pytest.fixture(name="talk")
def talk_of_two(lab):
    talk = Talk(lab)
    talk.mouth = lab.wiretap("fb")
    talk.before = lab.found()
    yield talk
    talk.mouth.close()
    talk.close()


def named(talk):
    """Findings since the talk began."""
    now = talk.lab.found()
    return {name: n - talk.before.get(name, 0) for name, n in now.items()
            if name in finding_rows() and n != talk.before.get(name, 0)}


def is_named(talk, name):
    until(lambda: name in named(talk), name)
    assert set(named(talk)) == {name}


def test_reset_in_window(talk):
    """Not the next number: the kernel challenges it (RFC 5961), the third is a search."""
    for ahead in (900, 500, 100):
        talk.mouth.send(talk.forged(ahead, flags="R"))
    is_named(talk, "seq.blind_rst")
    talk.say(b"still here")


def test_reset_exact(talk):
    """Nobody can tell it from the client's own, until the client goes on."""
    talk.mouth.send(talk.forged(0, flags="R"))
    time.sleep(0.1)
    assert named(talk) == {}
    talk.client.sendall(b"what happened?")
    is_named(talk, "seq.injected_rst")


def test_injection_late(talk):
    """The right data first, the forged copy behind them."""
    where = talk.forged(0, b"x")
    talk.say(b"transfer 10 to alice")
    late = scapy.Ether(where)
    late[scapy.TCP].remove_payload()
    del late[scapy.IP].len, late[scapy.IP].chksum, late[scapy.TCP].chksum
    talk.mouth.send(bytes(late / b"transfer 99 to mallo"))
    is_named(talk, "seq.overlap_conflict")
    talk.say(b"thank you")


def test_injection_early(talk):
    """The forged data first: they arrive, and the client's own show it."""
    talk.mouth.send(talk.forged(0, b"transfer 99 to mallory"))
    assert talk.server.recv(100) == b"transfer 99 to mallory"
    talk.client.sendall(b"transfer 10 to alice..")
    is_named(talk, "seq.overlap_conflict")


def test_desynchronisation(talk):
    """Numbers far from those of the connection, to make either end lose its place."""
    talk.mouth.send(talk.forged(50_000_000, b"far ahead"))
    is_named(talk, "seq.out_of_window")
    talk.say(b"here")


def test_acknowledges_the_future(talk):
    talk.mouth.send(talk.forged(0, b"", ack=(talk.newest()[scapy.TCP].ack + 5_000_000) % 2**32))
    is_named(talk, "seq.ack_unseen")
    talk.say(b"here")


def test_syn_inside(talk):
    """The kernel challenges each (RFC 5961 4.2)."""
    for n in range(4):
        talk.mouth.send(talk.forged(1_000_000 + n, flags="S"))
        time.sleep(0.02)
    is_named(talk, "seq.syn_in_connection")
    talk.say(b"here")


def test_synack_inside(talk):
    talk.mouth.send(talk.forged(1_000, flags="SA"))
    is_named(talk, "seq.synack_in_connection")
    talk.say(b"here")


def test_fin_of_used_number(talk):
    talk.mouth.send(talk.forged(-5, flags="FA"))
    is_named(talk, "seq.invalid_fin")
    talk.say(b"here")


def test_old_timestamp(talk):
    for n in range(3):
        frame = scapy.Ether(talk.forged(0, b"old as the hills"))
        tcp = frame[scapy.TCP]
        tcp.options = [(kind, (value[0] - 50_000 - n, value[1]) if kind == "Timestamp" else value)
                       for kind, value in tcp.options]
        del tcp.chksum
        talk.mouth.send(bytes(frame))
    is_named(talk, "seq.paws")
    talk.say(b"here")


def test_handshake_with_another_number(lab):
    """The attacker opens from the client's address and guesses what the server answered."""
    before, mouth, ear = lab.found(), lab.wiretap("fb"), lab.wiretap("fa")
    lab.forward(delay=50_000)  # the client resets what it did not ask for: later
    with inside(lab.server):
        listener = socket.create_server(("", PORT + 1))
    eth = scapy.Ether(src=lab.mac(lab.client, "wc"), dst=lab.mac(lab.server, "ws"))
    ip = scapy.IP(src=lab.source[4], dst=lab.target[4])
    mouth.send(bytes(eth / ip / scapy.TCP(sport=5555, dport=PORT + 1, flags="S", seq=1000)))
    time.sleep(0.02)
    mouth.send(bytes(eth / ip / scapy.TCP(sport=5555, dport=PORT + 1, flags="A", seq=1001, ack=12345)))
    until(lambda: lab.found().get("seq.handshake_wrong_ack", 0) > before.get("seq.handshake_wrong_ack", 0), "named")
    lab.forward(delay=1000)
    for s in (mouth, ear, listener):
        s.close()


def replay(lab, frames, name):
    """By tcpreplay, at the server."""
    path = lab.dir / f"{name}.pcap"
    scapy.wrpcap(str(path), frames)
    lab.at(lab.middle, "tcpreplay", "-q", "--pps", "1000", "-i", "fb", str(path))


def test_segment_replay(talk):
    """A request, acknowledged long ago, three times more."""
    talk.say(b"transfer 10 to alice")
    old = talk.newest()
    request = next(f for f in reversed(talk.heard()) if f[scapy.TCP].dport == PORT and b"transfer" in bytes(f))
    assert old
    for _ in range(2):
        time.sleep(0.6)
        talk.say(b"and the weather?")
    replay(talk.lab, [request] * 3, "segment")
    is_named(talk, "seq.replayed_segment")
    talk.say(b"here")


def test_flow_replay(talk):
    """A whole connection once more, when it is over."""
    talk.say(b"transfer 10 to alice")
    talk.client.close()
    assert talk.server.recv(1) == b""
    talk.server.close()
    time.sleep(0.1)
    replay(talk.lab, [f for f in talk.heard() if f[scapy.TCP].dport == PORT], "flow")
    until(lambda: "seq.flow_replay" in named(talk), "seq.flow_replay")
    assert set(named(talk)) <= {"seq.flow_replay", "seq.replayed_segment"}
