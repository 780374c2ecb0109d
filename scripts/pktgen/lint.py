#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Check command files of Pktgen-DPDK (.pkt), as far as that can be done without it: each
line is a command of Pktgen 23.06, the last that builds with DPDK 22.11, with operands of
the right kind. Exit code 1: a line is wrong.
"""
import argparse
import ipaddress
import re
import sys

KINDS = {
    "PORTS": lambda word: re.fullmatch(r"all|\d+([-,]\d+)*", word),
    "NUMBER": lambda word: re.fullmatch(r"\d+", word),
    "SIZE": lambda word: word.isdigit() and 64 <= int(word) <= 9618,
    "RATE": lambda word: re.fullmatch(r"\d+(\.\d+)?", word) and 0 < float(word) <= 100,
    "L4PORT": lambda word: word.isdigit() and int(word) <= 65535,
    "SEQ": lambda word: word.isdigit() and int(word) < 16,
    "COUNT16": lambda word: word.isdigit() and int(word) <= 16,
    "MAC": lambda word: re.fullmatch(r"([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", word),
    "IP": lambda word: is_ip(word.partition("/")[0]),
    "NET": lambda word: "/" in word and is_ip(word.partition("/")[0]),
    "SMMI": lambda word: word in ("start", "min", "max", "inc"),
}

COMMANDS = """
start|stop PORTS
reset PORTS
clear PORTS stats
set PORTS count NUMBER
set PORTS size SIZE
set PORTS rate RATE
set PORTS burst NUMBER
set PORTS sport|dport L4PORT
set PORTS seq_cnt COUNT16
set PORTS ttl NUMBER
set PORTS type arp|ipv4|ipv6|vlan
set PORTS proto udp|tcp|icmp
set PORTS src|dst mac MAC
set PORTS src ip NET
set PORTS dst ip IP
range PORTS type ipv4|ipv6
range PORTS proto tcp|udp
range PORTS src|dst mac SMMI MAC
range PORTS src|dst ip SMMI IP
range PORTS src|dst port SMMI L4PORT
range PORTS size start|min|max SIZE
range PORTS size inc NUMBER
sequence|seq SEQ PORTS dst MAC src MAC dst IP src NET sport L4PORT dport L4PORT \
ipv4|ipv6 udp|tcp|icmp vlan NUMBER size SIZE
enable|disable PORTS range|pcap|random|latency|capture|process|vlan
"""
GRAMMAR = [line.split() for line in COMMANDS.strip().splitlines()]


def is_ip(word):
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


def fits(word, kind):
    return KINDS[kind](word) if kind in KINDS else word in kind.split("|")


def complaint(words):
    """Why no command is like these words: by the one that is most like them. None: one is."""
    furthest, why = -1, "no such command"
    for command in GRAMMAR:
        at = 0
        while at < min(len(words), len(command)) and fits(words[at], command[at]):
            at += 1
        if at == len(words) == len(command):
            return None
        if at > furthest:
            furthest = at
            why = f"'{words[at]}' where {command[at]} should be" \
                if at < min(len(words), len(command)) else \
                "too many words" if at == len(command) else f"{command[at]} is missing"
    return why if furthest > 0 else "no such command"


def check(path):
    """The complaints about a file, with their lines."""
    wrong, sequence, count = [], set(), None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            words = line.partition("#")[0].split()
            why = complaint(words) if words else None
            if why:
                wrong.append(f"{path}:{number}: {why}")
            elif words and words[0].startswith("seq"):
                sequence.add(int(words[1]))
            elif words and words[2:3] == ["seq_cnt"]:
                count = int(words[3])
    if sequence != set(range(count or 0)):
        wrong.append(f"{path}: seq_cnt is {count}, the sequence has {sorted(sequence)}")
    return wrong


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="+")
    wrong = [line for path in parser.parse_args().file for line in check(path)]
    print("".join(line + "\n" for line in wrong), end="")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
