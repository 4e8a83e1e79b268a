# SPDX-License-Identifier: Apache-2.0
"""Both ends of one connection of a kind that the kernel's own stack makes: stack.py KIND serve|fetch ADDRESS.
serve echoes whatever comes, connection by connection; fetch sends BYTES, gets them back, and says so."""

import socket
import struct
import sys

PORT = 7007
BYTES = 2_000_000
KEY = b"a key of both ends"
IPPROTO_MPTCP, TCP_MD5SIG = 262, 14  # linux/in.h, linux/tcp.h


def made(kind, family):
    return socket.socket(family, socket.SOCK_STREAM, IPPROTO_MPTCP if kind == "mptcp" else 0)


def sign(s, family, peer):
    """struct tcp_md5sig of linux/tcp.h."""
    address = socket.inet_pton(family, peer)
    name = struct.pack("=HHI", family, 0, 0) + address if family == socket.AF_INET6 else struct.pack("=HH", family, 0) + address
    s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, struct.pack("=128sBBHi80s", name, 0, 0, len(KEY), 0, KEY))


def serve(kind, family, peer):
    with made(kind, family) as listener:
        if kind == "md5":
            sign(listener, family, peer)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", PORT))
        listener.listen()
        while True:
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(65536):
                    connection.sendall(data)


def fetch(kind, family, server):
    with made(kind, family) as s:
        if kind == "md5":
            sign(s, family, server)
        s.settimeout(20)
        s.connect((server, PORT))
        sent = got = 0
        while got < BYTES:
            if sent < BYTES:
                s.sendall(b"x" * 50_000)
                sent += 50_000
            got += len(s.recv(1 << 20))
        s.shutdown(socket.SHUT_WR)
        assert not s.recv(1)
    print(got)


if __name__ == "__main__":
    kind_, what, address_ = sys.argv[1:]
    {"serve": serve, "fetch": fetch}[what](kind_, socket.AF_INET6 if ":" in address_ else socket.AF_INET, address_)
