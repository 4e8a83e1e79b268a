# SPDX-License-Identifier: Apache-2.0
"""What connections begin with: ordinary servers and clients of TLS, HTTP/2, SSH and SMTP say nothing
that is no finding; the wrong protocol on a port is named."""

import sys
import time

import pytest

from tests.netns.lab import lab_of, needs_root, sh, until

pytestmark = needs_root

# HTTPS with HTTP/2 or 1.1, HTTP/2 without TLS, and TLS on the port of submission.
NGINX = """daemon off; pid {dir}/more.pid; error_log /dev/null; worker_processes 1;
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {dir}/u1; proxy_temp_path {dir}/u2; fastcgi_temp_path {dir}/u3;
       uwsgi_temp_path {dir}/u4; scgi_temp_path {dir}/u5; ssl_certificate {dir}/cert; ssl_certificate_key {dir}/key.pem;
       server {{ listen [::]:443 ssl http2 ipv6only=off; listen [::]:8080 http2 ipv6only=off;
                listen [::]:465 ssl ipv6only=off; root {dir}/web; }} }}
"""

# A mail server: port, and what it greets with.
SMTP = r"""
import socketserver, sys
class Mail(socketserver.StreamRequestHandler):
    def handle(self):
        self.say(sys.argv[2]); body = False
        for line in self.rfile:
            word = line[:4].upper()
            if body: body = line != b".\r\n"; (not body) and self.say("250 taken")
            elif word == b"EHLO": self.say("250-mail\r\n250 8BITMIME")
            elif word == b"DATA": body = True; self.say("354 go on")
            elif word == b"QUIT": self.say("221 bye"); return
            else: self.say("250 fine")
    def say(self, text): self.wfile.write(text.encode() + b"\r\n")
import socket
socketserver.ThreadingTCPServer.address_family = socket.AF_INET6
socketserver.ThreadingTCPServer(("", int(sys.argv[1])), Mail).serve_forever()
"""


def listens(lab, *ports):
    for port in ports:
        until(lambda port=port: f":{port} " in lab.at(lab.server, "ss", "-ltn").stdout, f"port {port} listens")


def serve(lab):
    sh("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
       "-subj", "/CN=server.example", "-keyout", str(lab.dir / "key.pem"), "-out", str(lab.dir / "cert"))
    (lab.dir / "more.conf").write_text(NGINX.format(dir=lab.dir))
    lab.spawn(lab.server, "nginx", "-e", "/dev/null", "-c", str(lab.dir / "more.conf"))
    sh("dropbearkey", "-t", "ed25519", "-f", str(lab.dir / "host-key"))
    lab.spawn(lab.server, "dropbear", "-F", "-E", "-s", "-p", "22", "-r", str(lab.dir / "host-key"))
    for port, greeting in (("25", "220 mail ESMTP"), ("587", "220-mail\r\n220 ESMTP"), ("21", "hello")):
        lab.spawn(lab.server, sys.executable, "-c", SMTP, port, greeting)
    listens(lab, 443, 8080, 465, 22, 25, 587, 21)


def curl(lab, *words):
    done = lab.at(lab.client, "curl", "-sS", "-k", "-o", "/dev/null", "-m", "10", "-w", "%{http_version} ", *words)
    return done.stdout


def ordinary(lab, host):
    big = f"/page?{'x' * 2000}"  # a request of several segments
    assert curl(lab, "--http2", f"https://{host}/page?[1-2]").split() == ["2", "2"]
    assert curl(lab, "--http1.1", "--tls-max", "1.2", f"https://{host}{big}").split() == ["1.1"]
    assert curl(lab, "--http2-prior-knowledge", f"http://{host}:8080/page").split() == ["2"]
    assert curl(lab, f"http://{host}{big}").split() == ["1.1"]
    assert curl(lab, "-I", f"http://{host}/small").split() == ["1.1"]
    assert "TLSv1" in lab.at(lab.client, "openssl", "s_client", "-connect", f"{host}:465", input="").stdout
    for port in (25, 587):
        lab.at(lab.client, "curl", "-sS", "-m", "10", "--mail-from", "a@example", "--mail-rcpt", "b@example", "-T", "-",
               f"smtp://{host}:{port}/client.example", input="Subject: test\r\n\r\ntext\r\n")
    # No key: refused, but only after both sides have said who they are.
    lab.at(lab.client, "dbclient", "-y", "-y", "-o", "BatchMode=yes", "-T", f"root@{host}", "true", check=False, input="")


@pytest.mark.parametrize("attach", ["auto", "tc"])
def test_protocols_on_their_ports_are_silent(attach):
    with lab_of("direct") as lab:
        serve(lab)
        lab.run("--attach", attach, "--mode", "enforce")
        for host in (lab.target[4], f"[{lab.target[6]}]"):
            ordinary(lab, host)
        time.sleep(0.3)
        status = lab.status()
        assert lab.events() == []
        assert not {name for name, row in status["detections"].items() if row["found"] and name.startswith("payload.")}
        assert not any(status["losses"].values()), status["losses"]


def say(lab, port, data):
    """Connect, say it, hear what comes until the server has had enough."""
    code = ("import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 3); s.settimeout(0.3)\n"
            "s.sendall(bytes.fromhex(sys.argv[3]))\n"
            "try:\n    while s.recv(4096): pass\nexcept OSError: pass")
    lab.at(lab.client, sys.executable, "-c", code, lab.target[4], str(port), data.hex())


def test_wrong_protocols_are_named():
    with lab_of("direct") as lab:
        serve(lab)
        lab.run("--mode", "observe")
        say(lab, 443, b"SSH-2.0-tunnel\r\n")
        say(lab, 80, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40)
        say(lab, 22, b"GET / HTTP/1.1\r\n\r\n")
        say(lab, 25, b"EHLO \x01\x02\r\n")
        say(lab, 21, b"USER a\r\n")
        time.sleep(0.3)
        found = lab.found()
        for name in ("not_tls", "http_malformed", "ssh_banner", "server_banner", "protocol_mismatch", "binary_in_text"):
            assert found.get(f"payload.{name}"), found
        event = next(e for e in lab.events() if e["weir"]["detection"] == "payload.not_tls" and e["dest_port"] == 443)
        assert event["src_ip"] == lab.source[4]


def test_patterns_of_a_policy():
    """Found and reported, dropped where the policy says so, and gone with the next policy."""
    with lab_of("direct") as lab:
        policy = lab.dir / "p.yaml"
        policy.write_text("mode: enforce\npayload:\n  patterns:\n  - {name: a, text: /etc/passwd, ports: [80]}\n"
                          "  - {name: b, bytes: \"66 6F726b\", ignore_case: yes, action: drop}\n")
        lab.run("--mode", "enforce")
        lab.weir("policy apply", str(policy))
        say(lab, 80, b"GET /etc/passwd HTTP/1.0\r\n\r\n")
        until(lambda: lab.found().get("payload.signature") and lab.events(), "the pattern is found")
        event = next(e for e in lab.events() if e["weir"]["detection"] == "payload.signature")
        assert event["weir"]["evidence"]["pattern"] == 1 and event["weir"]["evidence"]["end"] == 15
        assert event["weir"]["evidence"]["pattern_name"] == "a"
        say(lab, 80, b"GET /small?FORK HTTP/1.0\r\n\r\n")
        until(lambda: lab.found().get("payload.signature_drop"), "the other one, too")
        policy.write_text("mode: enforce\n")
        lab.weir("policy apply", str(policy))
        before = lab.found()
        say(lab, 80, b"GET /etc/passwd?fork HTTP/1.0\r\n\r\n")
        time.sleep(0.3)
        assert {k: v for k, v in lab.found().items() if "signature" in k} == {
            k: v for k, v in before.items() if "signature" in k}
