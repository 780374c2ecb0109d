#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Frames of the kernel through a tap: what the kernel says it handed over is, to the
# frame, what labyrinth-rx delivered plus what it dropped.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

# receive NAME COUNT "SENDER OPTIONS" APP_ARGS...: one run; the sender's counts are
# in NAME.sent.
receive() {
	local name=$1 count=$2 options=$3
	shift 3
	rx_start "$name" -l "$LCORES" --vdev net_tap0,iface=lab0 -- --duration 300 "$@"
	tap_wait_up "$NS" lab0 "$RX_PID" 60 || {
		rx_tell "$name"
		rx_fail "$name: the tap did not come up"
	}
	# shellcheck disable=SC2086 # options are several words
	tap_send "$NS" lab0 "$count" ${options/PID/$RX_PID} >"$WORK/$name.sent" ||
		rx_fail "$name: the reader stood still: $(<"$WORK/$name.sent")"
	rx_stop INT
	rx_expect_code "$name" 0
	echo "$name: kernel $(<"$WORK/$name.sent")"
	echo "$name: ledger $(jq -c .ledger "$WORK/$name.json")"
}

# expect_same NAME: the two sides agree.
expect_same() {
	local taken dropped
	taken=$(jq .tx_packets "$WORK/$1.sent")
	dropped=$(jq .tx_dropped "$WORK/$1.sent")
	((taken + dropped == $(jq .sent "$WORK/$1.sent"))) ||
		rx_fail "$1: the kernel lost count itself"
	rx_expect_sound "$1"
	rx_expect "$1" ".ledger.delivered + ([.ledger.drops[]] | add // 0) == $taken"
}

# The sender keeps within the tap's queue, so nothing at all may be lost.
test_every_frame() {
	receive all 300000 "--window 400" --pages 4096
	expect_same all
	rx_expect all '.ledger.delivered == 300000 and ([.ledger.drops[]] | add // 0) == 0'
}

# The sender is faster than the reader: the kernel drops and counts before the tap.
test_overload() {
	receive overload 100000 "" --pages 4096 --pool ring_mp_mc
	expect_same overload
}

# The ring has 490 of the pages and the application keeps up to 24: so the 8 that are left
# run out, and one frame is lost each time.
test_too_few_pages() {
	local name=dry-$1
	receive "$name" 500 "--kick --stop PID" \
		--rxd 490 --pages 522 --hold-packets 24 --pool "$1"
	expect_same "$name"
	rx_expect "$name" '.ledger.drops.rx_nombuf > 0 and .ledger.delivered > 0'
}

LCORES=0
rx_begin "$@"
rx_netns
test_every_frame
test_overload
test_too_few_pages ring_mp_mc
test_too_few_pages labyrinth
