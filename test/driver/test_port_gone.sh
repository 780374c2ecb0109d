#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Ports disappear while labyrinth-rx runs: a tap and a veth are deleted, a vhost peer is
# killed. It is told, the other ports go on, and the ledger balances.
# Arguments: the program, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

PEER_PID=

end() {
	rx_kill "$PEER_PID"
	rx_end
}

# has_said NAME COUNT TEXT: so often on standard error.
has_said() {
	(($(grep -c -- "$3" "$WORK/$1.err") >= $2))
}

until_says() {
	rx_until "$1" "$3" has_said "$@"
}

# test_deleted NAME ARGS...: two of three interfaces are deleted from outside.
test_deleted() {
	local name=$1
	shift
	rx_veth
	rx_start "$name" -l 0 --vdev "net_tap0,iface=lab0" --vdev "net_tap1,iface=lab1" "$@" \
		--duration 300 --pages 8192
	tap_wait_up "$NS" lab0 "$RX_PID" 60 || rx_fail "$name: no lab0"
	tap_wait_up "$NS" lab1 "$RX_PID" 60 || rx_fail "$name: no lab1"
	tap_send "$NS" lab0 200 --window 20 >/dev/null
	ip -n "$NS" link del lab0
	ip -n "$NS" link del here
	until_says "$name" 1 '^port 0 (net_tap) is gone: its interface was removed'
	tap_send "$NS" lab1 300 --window 20 >/dev/null
}

# stopped NAME: exit code 3 by what is gone, and each frame is in the report nevertheless.
stopped() {
	rx_stop INT
	rx_expect_code "$1" 3
	grep -q '^labyrinth-rx: port 0 (net_tap) was removed while the program ran' \
		"$WORK/$1.err" || rx_fail "$1: the end does not name the port"
	(($(grep -c '^port 0 .* is gone' "$WORK/$1.err") == 1)) || rx_fail "$1: told twice"
	rx_expect_sound "$1"
	rx_expect "$1" '.ledger.delivered == 500'
	rx_expect "$1" '[.ports[0, 1].link] == ["gone", "up"]'
	rx_expect "$1" '[.figures.ports[0, 1] | [.gone, .link_up, .link_changes]]
		== [[1, 0, 1], [0, 1, 0]]'
}

test_polling() {
	test_deleted deleted \
		--vdev "net_af_packet0,iface=there,blocksz=4096,framesz=2048,framecnt=512" --
	until_says deleted 1 '^port 2 (net_af_packet) is gone'
	stopped deleted
	rx_expect deleted '.ports[2].link == "gone"'
	echo "ok: a tap and a veth were deleted, the other tap goes on"
}

# A deleted tap's descriptor has an error for ever, which must not keep the lcore awake.
test_asleep() {
	test_deleted asleep -- --rx-intr
	sleep 1
	stopped asleep
	rx_expect asleep '.figures.lcores[0].wakeups | .frames < 600 and .time > 0'
	echo "ok: the same asleep: $(jq -c '.figures.lcores[0].wakeups' "$WORK/asleep.json")"
}

start_peer() {
	local eal=("${EAL[@]/$PREFIX/$PREFIX-peer}")
	rm -rf "/run/dpdk/$PREFIX-peer"
	dpdk-testpmd "${eal[@]}" --single-file-segments -l 0,1 \
		--vdev "net_virtio_user0,path=$WORK/vhost.sock,queues=1" -- --no-mlockall \
		--total-num-mbufs=4096 --forward-mode=txonly <&"$KEYS" >"$WORK/peer" 2>&1 &
	PEER_PID=$!
}

# Killed in the middle of sending; another one comes, and is killed in its turn.
test_vhost() {
	local turn
	# testpmd ends as soon as anything can be read: nothing ever can
	mkfifo "$WORK/keys"
	exec {KEYS}<>"$WORK/keys"
	"$RX" "${EAL[@]}" --single-file-segments -l 0 --vdev "net_vhost0,iface=$WORK/vhost.sock" \
		-- --duration 300 --pages 4096 --json "$WORK/vhost.json" \
		>"$WORK/vhost.out" 2>"$WORK/vhost.err" </dev/null &
	RX_PID=$!
	until [[ -S $WORK/vhost.sock ]]; do kill -0 "$RX_PID"; sleep 0.1; done
	for turn in 1 2; do
		start_peer
		until_says vhost "$turn" '^port 0 (net_vhost): link up'
		sleep 0.3
		rx_kill "$PEER_PID"
		PEER_PID=
		until_says vhost "$turn" '^port 0 (net_vhost): link down'
	done
	exec {KEYS}>&-
	rx_stop INT
	rx_expect_code vhost 0
	rx_expect_sound vhost
	rx_expect vhost '.ledger.delivered > 0 and .ports[0].link == "down"'
	rx_expect vhost '.figures.ports[0] | .link_changes == 4 and .gone == 0'
	echo "ok: a vhost peer was killed, came back, and was killed again"
}

rx_begin "$1" "$2" 512
trap end EXIT
rx_netns
test_polling
test_asleep
if [[ " ${EAL[*]} " == *' --in-memory '* ]] && command -v dpdk-testpmd >/dev/null; then
	test_vhost
else
	echo "left out: vhost wants hugepages and dpdk-testpmd"
fi
