#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# dpdk-testpmd as Debian built it, with its mbufs from the page pool by the plugin: its
# modes on null ports, and frames of the kernel through taps, memif and vhost, of which
# as many come out as went in. At the end of each every mbuf is back.
# Arguments: the plugin, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=../driver/plugin.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/plugin.sh"
# shellcheck source-path=SCRIPTDIR source=testpmd.sh
. "$(dirname "${BASH_SOURCE[0]}")/testpmd.sh"

FRAMES=20000

# Ports that make frames out of nothing: what came in is sent, dropped, or freed.
test_mode() {
	local mode=$1 rx tx dropped
	pmd_start "$mode" 0,1 net_null0,size=64 net_null1,size=64 -- --forward-mode "$mode"
	pmd_tell "$mode" start
	sleep 1
	pmd_stop "$mode"
	rx=$(pmd_count "$mode" RX) tx=$(pmd_count "$mode" TX) dropped=$(pmd_dropped "$mode")
	echo "net_null $mode: $rx in, $tx out, $dropped dropped"
	((rx > 0)) || rx_fail "$mode: nothing received"
	case $mode in
	rxonly) ((tx == 0)) ;;
	flowgen) ((tx > 0)) ;; # sends frames of its own
	*) ((rx == tx + dropped)) ;;
	esac || rx_fail "$mode: not all accounted for"
}

# received IFACE: frames that the kernel was given.
received() {
	ip netns exec "$NS" cat "/sys/class/net/$1/statistics/rx_packets"
}

# forward: the kernel sends frames into lab0; those that come back to it by lab1 are OUT.
forward() {
	local tries=50 before now
	before=$(received lab1)
	tap_send "$NS" lab0 "$FRAMES" --window 200 >"$WORK/sent" ||
		rx_fail "the reader stood still: $(<"$WORK/sent")"
	OUT=0
	# until none has come for 5 seconds
	while ((OUT < FRAMES && tries-- > 0)); do
		sleep 0.1
		now=$(($(received lab1) - before))
		((now == OUT)) || tries=50
		OUT=$now
	done
}

# account WHAT NAME...: what did not come out, one of the programs must have counted.
account() {
	local what=$1 dropped=0 name
	shift
	for name; do dropped=$((dropped + $(pmd_dropped "$name"))); done
	echo "$what: $(jq .tx_packets "$WORK/sent") in, $OUT out, $dropped dropped as rings were full"
	((OUT > 0 && OUT + dropped == FRAMES)) || rx_fail "$what: not all accounted for"
}

# taps_up NAME...: the programs that have them.
taps_up() {
	tap_wait_up "$NS" lab0 "${PMD_PID[$1]}" 60 || rx_fail "$1: the tap did not come up"
	tap_wait_up "$NS" lab1 "${PMD_PID[$2]}" 60 || rx_fail "$2: the tap did not come up"
	sleep 0.5
}

test_tap() {
	pmd_start tap 0,1 net_tap0,iface=lab0 net_tap1,iface=lab1 --
	pmd_tell tap start
	taps_up tap tap
	forward
	pmd_stop tap
	account "tap to tap" tap
	(($(pmd_count tap RX) == FRAMES)) || rx_fail "tap: testpmd counts $(pmd_count tap RX) in"
}

# through NAME VDEV_A VDEV_B: lab0 → A → what joins the two → B → lab1. A first, which has
# the socket; on the same two CPUs, the other way round.
through() {
	local a=$1-a b=$1-b
	pmd_start "$a" 0@0,1@1 net_tap0,iface=lab0 "$2" --
	pmd_start "$b" 0@1,1@0 net_tap0,iface=lab1 "$3" --
	pmd_tell "$a" start
	pmd_tell "$b" start
	taps_up "$a" "$b"
	# until both ends know each other
	sleep 1.5
	forward
	# memif's other end crashes, on any pool, if it still receives when one end goes
	pmd_tell "$a" stop
	pmd_tell "$b" stop
	pmd_wait_for "$a" 'Accumulated forward statistics'
	pmd_wait_for "$b" 'Accumulated forward statistics'
	pmd_stop "$b"
	pmd_stop "$a"
	account "$1" "$a" "$b"
	(($(pmd_count "$b" TX) == OUT)) || rx_fail "$1: testpmd counts $(pmd_count "$b" TX) out"
}

plugin_begin dpdk-testpmd "$2" 256 "$1"
trap pmd_end EXIT
for mode in rxonly io macswap flowgen; do
	test_mode "$mode"
done
rx_netns
test_tap
through memif "net_memif0,role=server,socket=$WORK/memif.sock,socket-abstract=no" \
	"net_memif0,role=client,socket=$WORK/memif.sock,socket-abstract=no"
# The other side maps the memory: few files, which only hugepages have.
if [[ " ${EAL[*]} " == *" --no-huge "* ]]; then
	echo "no hugepages: vhost is not tried"
else
	EAL+=(--single-file-segments)
	through vhost "net_vhost0,iface=$WORK/vhost.sock" \
		"net_virtio_user0,path=$WORK/vhost.sock"
fi
