#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Frames for the tests of forward modes: write them to a pcap file, and tell whether what a
mode made of them is right, frame by frame, by rules written here anew."""
import struct
import sys

PEER = bytes.fromhex("0200000000aa")
ROUNDS = 40


def checksum(data):
    """RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ether(payload, kind, tags=b""):
    head = bytes.fromhex("02000000c001" "02000000c002") + tags + struct.pack("!H", kind)
    return (head + payload).ljust(60, b"\x5a")


def ipv4(payload, protocol, source=b"\x0a\0\0\x01", target=b"\x0a\0\0\x02", fragment=0,
         options=b""):
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                       20 + len(options) + len(payload), 7, fragment, 64, protocol, 0,
                       source, target) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp(number):
    return struct.pack("!HHHH", 1000 + number, 2000, 8 + 20, 0x1234) + bytes(20)


def tcp(number):
    return struct.pack("!HHLLHHHH", 1000 + number, 80, number, 0, 0x5002, 100, 0x4321, 0)


def ipv6(payload, protocol):
    return struct.pack("!LHBB", 6 << 28, len(payload), protocol, 64) + \
        bytes(range(16)) + bytes(range(16, 32)) + payload


def arp(operation):
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + \
        bytes.fromhex("02000000c002" "0a000001" "000000000000" "0a000002")


def ping(number, kind=8):
    body = struct.pack("!BBHHH", kind, 0, 0, 77, number) + bytes(range(number % 50))
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


VLAN = struct.pack("!HH", 0x8100, 5)


def frames():
    """Of each kind many, numbered, so that a mix-up of two would be seen."""
    for n in range(ROUNDS):
        yield "udp", ether(ipv4(udp(n), 17), 0x0800)
        yield "tcp", ether(ipv4(tcp(n), 6, options=b"\x01\x01\x01\x00"), 0x0800)
        yield "vlan", ether(ipv4(udp(n), 17), 0x0800, VLAN)
        yield "qinq", ether(ipv4(tcp(n), 6), 0x0800, struct.pack("!HH", 0x88a8, 6) + VLAN)
        yield "udp6", ether(ipv6(udp(n), 17), 0x86dd)
        yield "fragment", ether(ipv4(udp(n), 17, fragment=100), 0x0800)
        yield "arp", ether(arp(1), 0x0806)
        yield "arp-reply", ether(arp(2), 0x0806)
        yield "ping", ether(ipv4(ping(n), 1), 0x0800)
        yield "ping-vlan", ether(ipv4(ping(n), 1), 0x0800, VLAN)
        yield "pong", ether(ipv4(ping(n, kind=0), 1), 0x0800)
        yield "ping-all", ether(ipv4(ping(n), 1, target=b"\xe0\0\0\x01"), 0x0800)
        yield "short", bytes.fromhex("02000000c001" "02000000c002" "0800") + b"\x45" * 3
        yield "cut-arp", bytes.fromhex("ffffffffffff" "02000000c002" "0806") + bytes(10)


def swap(frame, at, size, gap=0):
    """Exchange the field at `at` with the one behind it."""
    other = at + size + gap
    return frame[:at] + frame[other:other + size] + frame[at + size:other] + \
        frame[at:at + size] + frame[other + size:]


L3 = {"udp": 14, "tcp": 14, "vlan": 18, "qinq": 22, "fragment": 14, "ping": 14,
      "ping-vlan": 18, "pong": 14, "ping-all": 14}


def swapped(kind, frame):
    frame = swap(frame, 0, 6)
    if kind == "udp6":
        return swap(swap(frame, 14 + 8, 16), 14 + 40, 2)
    if kind not in L3:
        return frame
    at = L3[kind]
    frame = swap(frame, at + 12, 4)
    if kind in ("udp", "vlan", "qinq"):
        frame = swap(frame, at + 20, 2)
    if kind == "tcp":
        frame = swap(frame, at + 24, 2)
    return frame


def answered(kind, frame, own):
    """The reply, or None."""
    frame = frame[6:12] + own + frame[12:]
    if kind == "arp":
        return frame[:20] + b"\0\2" + own + frame[38:42] + frame[22:28] + frame[28:32] + \
            frame[42:]
    if kind not in ("ping", "ping-vlan"):
        return None
    frame = swap(frame, L3[kind] + 12, 4)
    at = L3[kind] + 20
    length = struct.unpack("!H", frame[L3[kind] + 2:L3[kind] + 4])[0] - 20
    body = b"\0\0\0\0" + frame[at + 4:at + length]
    return frame[:at] + body[:2] + struct.pack("!H", checksum(body)) + body[4:] + \
        frame[at + length:]


def expected(mode, own):
    for kind, frame in frames():
        if mode == "mac":
            yield PEER + own + frame[12:]
        elif mode == "macswap":
            yield swap(frame, 0, 6)
        elif mode == "5tswap":
            yield swapped(kind, frame)
        elif mode == "icmpecho":
            reply = answered(kind, frame, own)
            if reply is not None:
                yield reply
        else:
            yield frame


def write(path):
    with open(path, "wb") as out:
        out.write(struct.pack("<LHHLLLL", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        count = 0
        for _, frame in frames():
            out.write(struct.pack("<LLLL", 0, count, len(frame), len(frame)) + frame)
            count += 1
    print(count)


def read(path):
    with open(path, "rb") as source:
        data = source.read()
    at, found = 24, []
    while at < len(data):
        length = struct.unpack("<L", data[at + 8:at + 12])[0]
        found.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return found


def fail(text):
    sys.exit(f"FAIL: {text}")


def check(mode, path):
    found = read(path)
    own = b""
    if mode in ("mac", "icmpecho"):
        own = found[0][6:12]
        if own == bytes.fromhex("02000000c002"):
            fail(f"{mode}: the sender's address was left")
    want = list(expected(mode, own))
    if len(found) != len(want):
        fail(f"{mode}: {len(found)} frames came out, expected {len(want)}")
    for i, (is_, should) in enumerate(zip(found, want)):
        if is_ != should:
            fail(f"{mode}: frame {i} is\n {is_.hex()}\nand should be\n {should.hex()}")
    print(f"ok: {mode}: {len(found)} frames, each right")


def check_made(path, length, flows, repeat):
    """Frames that were made: every byte, and how flows follow each other."""
    found = read(path)
    payload = length - 42
    for i, frame in enumerate(found):
        ports = struct.pack("!HH", 4000 + i // repeat % flows, 5000)
        want = PEER + frame[6:12] + b"\x08\0" + \
            ipv4_made(ports + struct.pack("!HH", 8 + payload, 0) + bytes(payload))
        if frame != want:
            fail(f"frame {i} is\n {frame.hex()}\nand should be\n {want.hex()}")
    if len(found) < 2 * flows:
        fail(f"{len(found)} frames do not show {flows} flows")
    print(f"ok: {len(found)} frames made, each right")


def ipv4_made(payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, 17, 0,
                       bytes([192, 0, 2, 1]), bytes([192, 0, 2, 9]))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def main():
    command, args = sys.argv[1], sys.argv[2:]
    if command == "write":
        write(args[0])
    elif command == "check":
        check(*args)
    else:
        check_made(args[0], *(int(arg) for arg in args[1:]))


if __name__ == "__main__":
    main()
