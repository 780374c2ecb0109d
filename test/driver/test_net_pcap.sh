#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-rx on net_pcap: frames and bytes are those of the file, with each limit.
# Arguments: the program, the scripts folder, write_pcap.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

FRAMES=20000

# run NAME APP_ARGS...
run() {
	local name=$1
	shift
	rx_run "$name" -l 0 --vdev "net_pcap0,rx_pcap=$WORK/frames.pcap" -- --pages 4096 "$@"
	rx_expect_code "$name" 0
	rx_expect_sound "$name"
}

# The file ends long before the time: the count must be exact.
test_whole_file() {
	local pool
	for pool in labyrinth ring_mp_mc; do
		run "whole-$pool" --duration 2 --pool "$pool"
		rx_expect "whole-$pool" ".ledger.delivered == $FRAMES"
		rx_expect "whole-$pool" ".ports[0].rx_bytes == $BYTES"
		rx_expect "whole-$pool" '([.ledger.drops[]] | add // 0) == 0'
		echo "ok: $pool: $FRAMES frames, $BYTES bytes"
	done
}

test_packet_limit() {
	run limit --duration 60 --packets "$FRAMES"
	rx_expect limit ".ledger.delivered == $FRAMES and .duration_s < 60"
	echo "ok: --packets $FRAMES ends the run at the last frame"
}

rx_begin "$1" "$2"
BYTES=$("$3" "$WORK/frames.pcap" "$FRAMES" 7)
test_whole_file
test_packet_limit
