# SPDX-License-Identifier: Apache-2.0
"""Ordinary traffic by ordinary programs, over IPv4 and IPv6 at once: pages from nginx, bulk by iperf3
in both directions, a person and a copy over ssh. What they do must succeed, else the test fails."""

import collections
import contextlib
import concurrent.futures
import json
import os
import pwd
import random
import subprocess
import time

from tests.netns.lab import SECONDS, sh, until

BULK = {4: 5201, 6: 5202}

# A browser, a script, a monitor, an impatient user: words with {u} for the server, and the exit status.
# curl's [1-N] repeats.
CURL = (
    (["{u}/small?[1-50]"], 0),  # one connection, kept alive
    (["-Z", "--parallel-immediate", "--parallel-max", "20", "-H", "Connection: close", "{u}/small?[1-40]"], 0),
    (["{u}/page?[1-4]"], 0),
    (["--data-binary", "@{page}", "{u}/upload"], 0),
    (["--tcp-fastopen", "{u}/small"], 0),
    (["-m", "0.1", "--limit-rate", "1M", "{u}/big"], 28),  # gives up: a reset with data on its way
    (["{u}:81/"], 7),  # nobody listens
)


class Ordinary:
    """pause: seconds of rest between rounds, for runs so long that the machine has other things to do."""

    def __init__(self, lab, pause=0.0):
        self.lab, self.pause = lab, pause
        for port in BULK.values():
            lab.spawn(lab.server, "iperf3", "-s", "-p", str(port))
        self.ssh_serve()
        for port in (*BULK.values(), 22):
            until(lambda port=port: f":{port} " in lab.at(lab.server, "ss", "-ltn").stdout, f"port {port} listens")

    def ssh_serve(self):
        """dropbear, with keys and a home directory that only it sees."""
        home, real = self.lab.dir / "home", pwd.getpwuid(os.getuid()).pw_dir
        (home / ".ssh").mkdir(parents=True)
        self.lab.dir.chmod(0o755)
        sh("dropbearkey", "-t", "ed25519", "-f", str(self.lab.dir / "host-key"))
        public = sh("dropbearkey", "-t", "ed25519", "-f", str(self.lab.dir / "key")).stdout
        (home / ".ssh" / "authorized_keys").write_text(next(l for l in public.splitlines() if l.startswith("ssh-")) + "\n")
        for path in (home, home / ".ssh", home / ".ssh" / "authorized_keys"):
            path.chmod(0o700)
        self.lab.spawn(self.lab.server, "unshare", "--mount", "sh", "-c",
                       f"mount --bind {home} {real} && exec dropbear -F -E -s -p 22 -r {self.lab.dir}/host-key")

    def host(self, version):
        return self.lab.target[version]

    def browse(self, version, seconds):
        host = f"[{self.host(version)}]" if version == 6 else self.host(version)
        pages, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            for words, status in CURL:
                words = [w.format(u=f"http://{host}", page=self.lab.dir / "web" / "page") for w in words]
                done = self.lab.at(self.lab.client, "curl", "-sS", "-o", "/dev/null", "-m", "10", "-w", "%{http_code}\n",
                                   *words, check=False)
                assert done.returncode == status, f"curl {words}: {done.returncode}: {done.stderr}"
                pages += sum(code.startswith("2") for code in done.stdout.split())
            time.sleep(self.pause)
        assert pages
        return {"pages": pages}

    def bulk(self, version, seconds):
        rate = ["-b", "2M"] if self.pause else []
        done = self.lab.at(self.lab.client, "iperf3", "-J", "-c", self.host(version), "-p", str(BULK[version]), "-P", "3",
                           "--bidir", "-t", str(seconds), *rate, timeout=seconds + SECONDS)
        end = json.loads(done.stdout)["end"]
        there, back = end["sum_received"]["bytes"], end["sum_received_bidir_reverse"]["bytes"]
        assert there > 100_000 and back > 100_000
        return {"bulk_bytes": there + back}

    def ssh(self, version, *command):
        return self.lab.inside(self.lab.client, ["dbclient", "-y", "-y", "-i", str(self.lab.dir / "key"), "-p", "22",
                                                 "-T", f"root@{self.host(version)}", *command])

    @contextlib.contextmanager
    def session(self, version):
        """What is written comes back."""
        words = ["dbclient", "-y", "-y", "-i", str(self.lab.dir / "key"), "-T", f"root@{self.host(version)}", "cat"]
        with subprocess.Popen(self.lab.inside(self.lab.client, words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as process:
            yield process
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):  # dropbear can miss that its shell ended
                process.wait(0.5)
            process.kill()

    def type(self, version, seconds):
        """Keys one by one."""
        keys, rhythm, end = 0, random.Random(version), time.monotonic() + seconds
        with self.session(version) as ssh:
            while time.monotonic() < end:
                ssh.stdin.write(b"x")
                ssh.stdin.flush()
                assert ssh.stdout.read(1) == b"x"
                keys += 1
                time.sleep(rhythm.uniform(0.005, 0.2))
        assert keys
        return {"keys": keys}

    def copy(self, version, seconds):
        block, blocks, end = b"x" * 30_000, 0, time.monotonic() + seconds
        with self.session(version) as ssh:
            while time.monotonic() < end:
                ssh.stdin.write(block)
                ssh.stdin.flush()
                assert ssh.stdout.read(len(block)) == block
                blocks += 1
                time.sleep(self.pause)
        assert blocks
        return {"copied_bytes": 2 * blocks * len(block)}

    def play(self, seconds):
        """All of it at once; returns how much there was."""
        total = collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            parts = [pool.submit(what, version, seconds) for version in (4, 6)
                     for what in (self.browse, self.bulk, self.type, self.copy)]
            for part in parts:
                total.update(part.result())
        return dict(total)
