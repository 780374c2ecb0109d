#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Type at the prompt of a program as one does at a terminal.

prompt_pty.py keys COMMAND...: completion and history, then quit.
prompt_pty.py fuzz LINES SEED COMMAND...: lines of every kind, none of which may end it.
Exit status: that of the program; 1 when it did not do what it should."""
import os
import pty
import random
import select
import sys
import time

PROMPT = b"labyrinth-rx> "
LIMIT = 120

WORDS = ["help", "start", "stop", "tx_first", "set", "fwd", "burst", "period", "policy", "drop", "show", "port",
         "stats", "xstats", "info", "pool", "owners", "errors", "ledger", "latency", "runtime",
         "queues", "clear", "all", "wait", "rxonly", "io", "mac", "macswap", "5tswap", "noisy",
         "icmpecho", "hold", "txonly", "flowgen", "pipeline", "0", "1", "2", "32", "512", "513",
         "-1", "4294967296", "99999999999999999999", "0x10", "", "#", "\\", "%s%n", "?", "a" * 200]


class Terminal:
    """The program, at the far end of a terminal."""

    def __init__(self, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        self.seen = b""
        self.end = time.monotonic() + LIMIT

    def read(self, seconds):
        """Take what comes within so long. False: the program has closed its end."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += data
        return data != b""

    def expect(self, text):
        """Until `text` has been seen; what came before it is forgotten."""
        while text not in self.seen:
            if not self.read(1) or time.monotonic() > self.end:
                sys.exit(f"FAIL: {text!r} did not come, but\n{self.seen[-2000:]!r}")
        self.seen = self.seen.partition(text)[2]

    def send(self, data):
        while data:
            ready = select.select([self.fd], [self.fd], [], 1)
            if ready[0] and not self.read(0):
                sys.exit(f"FAIL: it ended in the midst: {self.seen[-2000:]!r}")
            if ready[1]:
                data = data[os.write(self.fd, data[:512]):]

    def status(self):
        while self.read(1) and time.monotonic() < self.end:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def keys(command):
    terminal = Terminal(command)
    terminal.expect(PROMPT)
    terminal.send(b"show led\t\n")
    terminal.expect(b"show ledger")
    terminal.expect(b"unaccounted")
    terminal.expect(PROMPT)
    terminal.send(b"\x1b[A\n")  # the line before
    terminal.expect(b"unaccounted")
    terminal.expect(PROMPT)
    terminal.send(b"set fwd macs\t\n")
    terminal.expect(b"macswap")
    terminal.expect(PROMPT)
    terminal.send(b"no such thing\n")
    terminal.expect(b"Command not found")
    terminal.send(b"stop\n")
    terminal.expect(b"stop: no lcore polls")
    terminal.send(b"start\n")
    terminal.expect(b"polls port 0 queue 0 -> port 0 queue 0")
    terminal.send(b"stop\nquit\n")
    terminal.expect(b"balanced")
    return terminal.status()


def line(rng):
    words = [rng.choice(WORDS) for _ in range(rng.randint(1, 5))]
    text = bytearray(" ".join(words).encode())
    for _ in range(rng.choice([0, 0, 0, 1, 3])):
        if text:
            text[rng.randrange(len(text))] = rng.randrange(256)
    # Not what ends the program or holds the terminal, and no wait longer than a moment.
    text = text.translate(None, b"\x03\x04\x11\x13\x1a\x1c")
    if b"wait" in text:
        text = bytearray(b"wait 1")
    return bytes(text) + rng.choice([b"\n", b"\n", b"\t\n", b"?\n", b"\r"])


def fuzz(lines, seed, command):
    rng = random.Random(seed)
    terminal = Terminal(command)
    terminal.expect(PROMPT)
    for _ in range(lines):
        terminal.send(line(rng))
    terminal.seen = b""
    terminal.send(b"\x03\nshow ledger\n")
    terminal.expect(b"unaccounted")
    terminal.send(b"\nquit\n")
    return terminal.status()


if __name__ == "__main__":
    if sys.argv[1] == "keys":
        sys.exit(keys(sys.argv[2:]))
    sys.exit(fuzz(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
