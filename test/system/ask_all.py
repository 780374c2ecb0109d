#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Ask a DPDK program's telemetry everything: each command that it lists, without parameters
and with those that could name what is in memory. Fails if an answer tells the text, which
stands in a page, in whatever form; prints our own commands, one a line."""
import argparse
import json
import socket
import struct

PARAMETERS = ["", "pool", "MP_pool", "MP_pool_0", "0", "1", "0,0", "0,1", "0,pool", "0.0",
              "0,0,4096", "0x0"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("socket")
    parser.add_argument("--text", required=True, help="8 bytes or more, in a page")
    parser.add_argument("--address", type=lambda text: int(text, 0), action="append",
                        default=[], help="where it stands, for parameters")
    return parser.parse_args()


def forms_of(text):
    """As it is, as hexadecimal digits in either order and with gaps, and as numbers."""
    data = text.encode()
    forms = {text, text[:8], data.hex(), data[:8].hex(), data[:8][::-1].hex(),
             data[:4].hex(" "), data[:4].hex(":"), ", ".join(str(byte) for byte in data[:4])}
    for order in "<>":
        number, = struct.unpack(order + "Q", data[:8])
        half, = struct.unpack(order + "I", data[:4])
        forms |= {str(number), f"{half:#x}", str(half)}
    return {form.lower() for form in forms}


class Telemetry:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(path)
        self.longest = json.loads(self.socket.recv(4096))["max_output_len"]

    def ask(self, command):
        try:
            self.socket.send(command.encode())
            answer = self.socket.recv(self.longest)
        except OSError as error:
            raise SystemExit(f"FAIL: {command}: {error}") from error
        if not answer:
            raise SystemExit(f"FAIL: {command}: the program is gone")
        return answer.decode(errors="replace")


def main():
    args = parse()
    telemetry = Telemetry(args.socket)
    commands = json.loads(telemetry.ask("/"))["/"]
    addresses = [form for address in args.address for form in (hex(address), str(address))]
    forms = forms_of(args.text)
    answers = 0
    for command in commands:
        # /eal/heap_info of DPDK 22.11 takes a large number for that of a heap, and crashes
        ours = command.startswith("/labyrinth/")
        for parameter in PARAMETERS + (addresses if ours else []):
            question = f"{command},{parameter}" if parameter else command
            answer = telemetry.ask(question).lower()
            told = [form for form in forms if form in answer]
            if told:
                raise SystemExit(f"FAIL: {question} tells {told}: {answer[:400]}")
            answers += 1
    print("\n".join(sorted(c for c in commands if c.startswith("/labyrinth/"))))
    if not commands or answers < len(commands) * len(PARAMETERS):
        raise SystemExit("FAIL: not all was asked")


main()
