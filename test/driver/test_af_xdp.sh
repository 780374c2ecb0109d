#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-rx on net_af_xdp, at one end of a veth: what the kernel says it sent into the other
# end is, to the frame, what was delivered; what goes back the kernel counts there. The socket's
# own losses no counter of the PMD shows: unknown, never 0. Our pages are refused with a line.
# Arguments: labyrinth-rx, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

FRAMES=3000

# kernel_count COUNTER: of the sending end.
kernel_count() {
	ip netns exec "$NS" cat "/sys/class/net/here/statistics/$1"
}

# exchange NAME COUNT GAP MODE: frames from the kernel, and what it counted in TOOK and BACK.
exchange() {
	local name=$1 count=$2 gap=$3 mode=$4 took back
	took=$(kernel_count tx_packets)
	back=$(kernel_count rx_packets)
	rx_start "$name" -l 0 --vdev net_af_xdp0,iface=there -- --duration 300 --pages 8192 \
		--pool ring_mp_mc --forward-mode "$mode" --stats-period 0.2
	rx_wait_for "$name" RX-packets
	tap_send "$NS" here "$count" --gap "$gap" >"$WORK/$name.sent"
	rx_wait_still "$name"
	rx_stop INT
	rx_expect_code "$name" 0
	rx_expect_balanced "$name"
	TOOK=$(($(kernel_count tx_packets) - took))
	BACK=$(($(kernel_count rx_packets) - back))
	((TOOK == count)) || rx_fail "$name: the kernel sent $TOOK"
	rx_expect "$name" '.source.kind == "packet-socket" and .ports[0].driver == "net_af_xdp"'
	rx_expect "$name" '.ports[0].imissed == "unknown" and .ports[0].rx_nombuf == "unknown"'
	rx_expect "$name" '.ledger.unknown == ["imissed", "rx_nombuf"]'
	echo "ok: $name: the kernel sent $TOOK, delivered" \
		"$(jq .ledger.delivered "$WORK/$name.json"), back came $BACK"
}

# Within what the socket's ring has room for.
test_every_frame() {
	exchange every "$FRAMES" 0.005 rxonly
	rx_expect every ".ledger.delivered == $FRAMES"
	exchange back "$FRAMES" 0.005 macswap
	rx_expect back ".ledger.delivered == $FRAMES and .forward.sent == $BACK"
	((BACK == FRAMES)) || rx_fail "back: the kernel received $BACK"
	# what the PMD keeps is neither free nor leaked
	rx_expect back '.pool | .pages == .free + .stranded'
}

# Into a reader that stands still: more than the ring has room for.
test_loss() {
	local name=loss
	rx_start "$name" -l 0 --vdev net_af_xdp0,iface=there -- --duration 300 --pages 8192 \
		--pool ring_mp_mc --stats-period 0.2
	rx_wait_for "$name" RX-packets
	kill -STOP "$RX_PID"
	tap_send "$NS" here "$((2 * FRAMES))" >"$WORK/$name.sent"
	kill -CONT "$RX_PID"
	rx_wait_still "$name"
	rx_stop INT
	rx_expect_code "$name" 0
	rx_expect_balanced "$name"
	rx_expect "$name" ".ledger.delivered < $((2 * FRAMES)) and .ledger.delivered > 0"
	rx_expect "$name" '.figures.ports[0].imissed == "unknown"'
	rx_expect "$name" '.figures.ports[0].drops.imissed == "unknown"'
	grep -qE 'imissed +unknown +port 0: net_af_xdp does not know it' "$WORK/$name.out" ||
		rx_fail "$name: the screen does not say that losses are unknown"
	echo "ok: $name: $((2 * FRAMES)) sent, $(jq .ledger.delivered "$WORK/$name.json")" \
		"delivered, the rest is unknown"
}

test_refusal() {
	local code=0
	ip netns exec "$NS" "$RX" "${EAL[@]}" -l 0 --vdev net_af_xdp0,iface=there -- \
		--duration 1 >"$WORK/refused.out" 2>"$WORK/refused.err" </dev/null || code=$?
	((code == 3)) || rx_fail "our pages under net_af_xdp: exit code $code"
	grep -q '^labyrinth-rx: .*choose --pool ring_mp_mc$' "$WORK/refused.err" ||
		rx_fail "our pages under net_af_xdp: $(<"$WORK/refused.err")"
	echo "ok: $(grep '^labyrinth-rx: ' "$WORK/refused.err")"
}

python3 -c 'import socket; socket.socket(44, socket.SOCK_RAW)' 2>/dev/null ||
	rx_skip "this kernel or user has no XDP sockets"
rx_begin "$@"
rx_netns
rx_veth # without IPv6, nothing but our frames is on it
test_every_frame
test_loss
test_refusal
