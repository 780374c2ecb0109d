#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Write a pcap file of UDP datagrams of all sizes, with right checksums, of which every
n-th has a word in it that a rule can look for."""
import argparse
import struct


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--every", type=int, required=True, help="which have the word")
    parser.add_argument("--word", required=True)
    return parser.parse_args()


def checksum(data):
    """RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def datagram(number, payload):
    """Ethernet, IPv4, UDP; a flow of its own for each of a thousand numbers."""
    source, target = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
    length = 8 + len(payload)
    udp = struct.pack("!HHHH", 1024 + number % 1000, 9, length, 0) + payload
    pseudo = source + target + struct.pack("!BBH", 0, 17, length)
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp) or 0xffff) + udp[8:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, number & 0xffff, 0, 64, 17, 0,
                       source, target)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return bytes.fromhex("020000000001" "020000000002" "0800") + head + udp


def main():
    args = parse()
    with open(args.file, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for number in range(args.count):
            word = args.word if number % args.every == 0 else "nothing"
            frame = datagram(number, word.encode() + b"." * (number * 7 % 1400))
            out.write(struct.pack("<IIII", number // 1000, number % 1000, len(frame),
                                  len(frame)) + frame)


if __name__ == "__main__":
    main()
