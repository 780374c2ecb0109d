#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# dpdk-dumpcap, Debian's and unmodified, captures from a running labyrinth-rx whose frames
# lie in pages of the pool: each frame that the kernel sent through a tap is in the file,
# byte by byte and in order, and tcpdump reads it. Neither of the two harms the other.
#
# The capture ends when all has come: dumpcap of 22.11 frees its memory without waiting for
# lcores that may still be copying to it, so that it is not to be ended under full traffic
# on a machine that has fewer CPUs than threads.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

FRAMES=3000

# until_says FILE REGEX PID: until a program says so.
until_says() {
	local tries=600
	until tr '\r\b' '\n' <"$1" | grep -Eq "$2"; do
		if ! kill -0 "$3" 2>/dev/null || ((tries-- == 0)); then
			cat "$1" >&2
			rx_fail "$1 does not say $2"
		fi
		sleep 0.1
	done
}

dumpcap_start() {
	: >"$WORK/$1.dumpcap"
	dpdk-dumpcap --file-prefix="$PREFIX" -P -i 0 -w "$WORK/$1.pcap" >"$WORK/$1.dumpcap" 2>&1 &
	DUMPCAP=$!
	until_says "$WORK/$1.dumpcap" '^Packets captured' "$DUMPCAP"
}

dumpcap_stop() {
	local code=0
	until_says "$WORK/$1.dumpcap" "^(.*[^0-9])?$FRAMES( |$)" "$DUMPCAP"
	kill -INT "$DUMPCAP"
	wait "$DUMPCAP" || code=$?
	DUMPCAP=
	((code == 0)) || { cat "$WORK/$1.dumpcap" >&2; rx_fail "dumpcap: exit code $code"; }
}

# The frames that were sent are known: the sender makes them anew here.
check() {
	python3 - "$TAP_SENDER" "$WORK/$1.pcap" "$FRAMES" <<-'EOF' || rx_fail "$1: not as sent"
		import importlib.util, struct, sys
		spec = importlib.util.spec_from_file_location("send_frames", sys.argv[1])
		sender = importlib.util.module_from_spec(spec)
		spec.loader.exec_module(sender)
		sent = sender.NumberedFrames([60, 60, 60, 570, 1514], 0)
		data, at, n = open(sys.argv[2], "rb").read(), 24, 0
		while at < len(data):
		    length, whole = struct.unpack_from("<II", data, at + 8)
		    frame = data[at + 16:at + 16 + length]
		    if length != whole or frame != sent[n]:
		        sys.exit(f"frame {n} of {whole} bytes is not what was sent")
		    at, n = at + 16 + length, n + 1
		sys.exit(None if n == int(sys.argv[3]) else f"{n} frames")
	EOF
	(($(tcpdump -r "$WORK/$1.pcap" -nn -t 2>/dev/null | grep -c 'ethertype Unknown (0x88b5)') ==
		FRAMES)) || rx_fail "$1: tcpdump reads something else"
	echo "$1: $FRAMES frames captured as sent"
}

capture() {
	rx_start "$1" -l 0 --vdev net_tap0,iface=lab0 -- --duration 300 --pages 2048 --pool "$1"
	tap_wait_up "$NS" lab0 "$RX_PID" 60 || { rx_tell "$1"; rx_fail "no tap"; }
	dpdk-dumpcap --file-prefix="$PREFIX" -D 2>"$WORK/list" | grep -q '^0\. net_tap0' ||
		rx_fail "$1: dumpcap sees no port: $(<"$WORK/list")"
	dumpcap_start "$1"
	tap_send "$NS" lab0 "$FRAMES" --numbered --window 200 >"$WORK/sent" ||
		rx_fail "$1: the reader stood still"
	dumpcap_stop "$1"
	rx_stop INT
	rx_expect_code "$1" 0
	rx_expect_sound "$1"
	rx_expect "$1" ".ledger.delivered == $FRAMES"
	check "$1"
}

end() {
	[[ -z $DUMPCAP ]] || kill -KILL "$DUMPCAP" 2>/dev/null || true
	rx_end
	rm -f /dev/hugepages/"$PREFIX"map_*
}

DUMPCAP=
rx_begin "$@"
trap end EXIT
[[ " ${EAL[*]} " != *" --no-huge "* ]] || rx_skip "two processes need hugepages in common"
rx_netns
# The memory is shared, so it is not --in-memory.
EAL=(--no-pci --no-telemetry --file-prefix "$PREFIX" -m 128)
capture labyrinth
capture ring_mp_mc
