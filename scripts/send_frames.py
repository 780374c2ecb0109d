#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Send Ethernet frames into an interface of the kernel and say how many it took.

The kernel hands the frames of a tap to the program behind it and counts each in
tx_packets when that program reads it; a frame for which the tap's queue has no
room counts in tx_dropped. So sent == tx_packets + tx_dropped once all is read.
"""
import argparse
import errno
import json
import os
import random
import signal
import socket
import struct
import sys
import time

ETHERTYPE_EXPERIMENTAL = 0x88B5  # IEEE 802: for local experiments, no stack takes it
SOL_PACKET = 263
PACKET_QDISC_BYPASS = 20
BATCH = 64
# After a failed allocation the tap PMD sleeps until a frame enters the tap's queue,
# for ever when that is full: so kick with a window smaller than the queue.
KICK_SECONDS = 0.002


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iface", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--sizes", default="60,60,60,570,1514",
                        help="bytes of the frames in turn, without FCS")
    parser.add_argument("--window", type=int, default=0,
                        help="frames at most that the reader is behind; 0: no limit")
    parser.add_argument("--gap", type=float, default=0.0,
                        help="seconds to pause after each 64 frames")
    parser.add_argument("--kick", action="store_true",
                        help="send one more frame when the reader stands still")
    parser.add_argument("--stop", type=int, metavar="PID",
                        help="stop this reader until all frames wait in the queue")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--flows", type=int, default=0,
                        help="IPv4 and UDP of so many flows, for cards with several queues")
    parser.add_argument("--numbered", action="store_true",
                        help="number the frames; all bytes after the number follow from it")
    parser.add_argument("--first", type=int, default=0, help="number of the first frame")
    parser.add_argument("--timeout", type=float, default=60.0,
                        help="give up when the reader has not moved for so many seconds")
    return parser.parse_args()


HEAD = bytes.fromhex("020000000001" "020000000002") + ETHERTYPE_EXPERIMENTAL.to_bytes(2, "big")


class RandomFrames:
    """One frame of each size, in turn, with a source MAC that is locally administered."""

    def __init__(self, sizes, seed):
        rng = random.Random(seed)
        self.frames = [HEAD + rng.randbytes(size - len(HEAD)) for size in sizes]

    def __getitem__(self, i):
        return self.frames[i % len(self.frames)]


class Flows:
    """UDP of several flows in turn, without payload that anybody would look at."""

    def __init__(self, sizes, flows):
        self.frames = [self.frame(sizes[i % len(sizes)], i) for i in range(flows)]

    @staticmethod
    def frame(size, flow):
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size - 14, 0, 0, 64, 17, 0,
                         bytes((198, 18, 0, flow % 256)), bytes((198, 19, 0, 1)))
        total = sum(struct.unpack("!10H", ip))
        total = (total & 0xffff) + (total >> 16)
        ip = ip[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + ip[12:]
        udp = struct.pack("!HHHH", 49152 + flow, 9, size - 34, 0)
        return HEAD[:12] + b"\x08\x00" + ip + udp + bytes(size - 42)

    def __getitem__(self, i):
        return self.frames[i % len(self.frames)]


def make_block(size=8192, x=88172645463325252):
    """What numbered frames are cut from (xorshift64)."""
    block = bytearray()
    while len(block) < size:
        x ^= x << 13 & (1 << 64) - 1
        x ^= x >> 7
        x ^= x << 17 & (1 << 64) - 1
        block += x.to_bytes(8, "little")
    return bytes(block)


class NumberedFrames:
    """Frames by their place in the stream: numbers from first on, sizes in turn."""

    def __init__(self, sizes, first):
        self.sizes, self.first, self.block = sizes, first, make_block()

    def __getitem__(self, i):
        number = self.first + i
        start = number * 61 % 4096
        head = HEAD + number.to_bytes(4, "little")
        return head + self.block[start:start + self.sizes[i % len(self.sizes)] - len(head)]


class Counters:
    """The kernel's counters of the interface, from where this program started."""

    def __init__(self, iface):
        self.files = {name: open(f"/sys/class/net/{iface}/statistics/{name}",
                                 encoding="ascii")
                      for name in ("tx_packets", "tx_dropped")}
        self.base = {name: self.raw(name) for name in self.files}

    def raw(self, name):
        self.files[name].seek(0)
        return int(self.files[name].read())

    def get(self, name):
        return self.raw(name) - self.base[name]

    def settled(self):
        return self.get("tx_packets") + self.get("tx_dropped")


class Sender:
    """Sends frames in turn, never more than a window ahead of the reader."""

    def __init__(self, sock, frames, args, counters):
        self.sock, self.frames, self.args, self.counters = sock, frames, args, counters
        self.sent = 0

    def send_one(self):
        try:
            self.sock.send(self.frames[self.sent])
        except OSError as error:
            if error.errno != errno.ENOBUFS:  # dropped, and counted in tx_dropped
                raise
        self.sent += 1

    def wait_until_behind(self, limit):
        """Wait until at most limit frames are unread. False: the reader stands still."""
        last, since, kicked = -1, time.monotonic(), time.monotonic()
        while True:
            settled, now = self.counters.settled(), time.monotonic()
            if self.sent - settled <= limit:
                return True
            if settled != last:
                last, since, kicked = settled, now, now
            elif now - since > self.args.timeout:
                return False
            elif self.args.kick and now - kicked > KICK_SECONDS:
                self.send_one()
                kicked = now
            time.sleep(0.0002)

    def run(self):
        """Send all. False: the reader stood still."""
        if self.args.stop:
            os.kill(self.args.stop, signal.SIGSTOP)
        try:
            complete = self.send_all()
        finally:
            if self.args.stop:
                os.kill(self.args.stop, signal.SIGCONT)
        return complete and self.wait_until_behind(0)

    def send_all(self):
        while self.sent < self.args.count:
            for _ in range(min(BATCH, self.args.count - self.sent)):
                self.send_one()
            if self.args.window and not self.wait_until_behind(self.args.window):
                return False
            if self.args.gap:
                time.sleep(self.args.gap)
        return True


def main():
    args = parse()
    sizes = [int(size) for size in args.sizes.split(",")]
    if args.numbered:
        frames = NumberedFrames(sizes, args.first)
    elif args.flows:
        frames = Flows(sizes, args.flows)
    else:
        frames = RandomFrames(sizes, args.seed)
    counters = Counters(args.iface)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
        sock.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
        sock.bind((args.iface, 0))
        start = time.monotonic()
        sender = Sender(sock, frames, args, counters)
        drained = sender.run()
        seconds = time.monotonic() - start
    print(json.dumps({
        "sent": sender.sent,
        "tx_packets": counters.get("tx_packets"),
        "tx_dropped": counters.get("tx_dropped"),
        "seconds": round(seconds, 3),
        "drained": drained,
    }))
    return 0 if drained else 1


if __name__ == "__main__":
    sys.exit(main())
