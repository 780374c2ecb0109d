#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Forward modes of labyrinth-rx: what goes out is, byte by byte, what should; what cannot go
# out is lost for a reason, and the ledger balances; lcores poll what the map says.
# Arguments: the program, the scripts folder, whether the simulated card was built (yes).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

FRAMES_PY=$(dirname "${BASH_SOURCE[0]}")/mode_frames.py
PEER=02:00:00:00:00:aa

# A main lcore and three that poll, wherever there is a CPU: nothing here is about speed.
FOUR=(--lcores '(0-3)@0')

# run NAME EAL_ARGS... -- APP_ARGS...: sound, and nothing was kept.
run() {
	rx_run "$@"
	rx_expect_code "$1" 0
	rx_expect_balanced "$1"
}

# through MODE NAME LCORES... -- APP_ARGS...: the frames of a file through a mode into
# another.
through() {
	local mode=$1 name=$2 lcores=()
	shift 2
	while [[ $1 != -- ]]; do
		lcores+=("$1")
		shift
	done
	shift
	run "$name" "${lcores[@]}" \
		--vdev "net_pcap0,rx_pcap=$WORK/in.pcap,tx_pcap=$WORK/$name.pcap" -- \
		--duration 60 --packets "$COUNT" --pages 8192 --eth-peer "0,$PEER" "$@"
	rx_expect "$name" ".ledger.delivered == $COUNT and .forward.mode == \"$mode\""
	rx_expect "$name" '.forward.tx_full == 0 and .forward.made == 0'
}

test_each_frame() {
	local mode
	for mode in io mac macswap 5tswap icmpecho noisy; do
		through "$mode" "$mode" -l 0 -- --forward-mode "$mode" --port-topology loop
		"$FRAMES_PY" check "$mode" "$WORK/$mode.pcap"
	done
}

# Kept to the last frame but for those that came first, with memory touched meanwhile; what
# is left at the end is freed, not lost.
test_noisy_buffer() {
	through noisy buffer -l 0 -- --forward-mode noisy --noisy-tx-sw-buffer-size 100 \
		--noisy-lkup-memory 1 --noisy-lkup-num-reads 3 --noisy-lkup-num-writes 3 \
		--noisy-lkup-num-reads-writes 2
	rx_expect buffer ".forward.sent == $COUNT - 100"
	run flush -l 0 --vdev "net_pcap0,rx_pcap=$WORK/in.pcap,tx_pcap=$WORK/flush.pcap" -- \
		--duration 1 --pages 8192 --forward-mode noisy \
		--noisy-tx-sw-buffer-size 4000 --noisy-tx-sw-buffer-flushtime 10
	rx_expect flush ".forward.sent == $COUNT"
	echo "ok: noisy keeps frames, no longer than it should"
}

test_pipeline() {
	run pipe "${FOUR[@]}" \
		--vdev "net_pcap0,rx_pcap=$WORK/in.pcap,tx_pcap=$WORK/pipe.pcap" -- \
		--duration 2 --pages 8192 --forward-mode pipeline --pipeline-mode macswap
	rx_expect pipe ".forward.sent == $COUNT and .ledger.drops.ring_full == 0"
	"$FRAMES_PY" check macswap "$WORK/pipe.pcap"
	run full "${FOUR[@]}" --vdev net_null0 --vdev net_null1 -- --duration 1 --rxq 2 \
		--pages 8192 --forward-mode pipeline --pipeline-workers 2 --pipeline-ring 32
	rx_expect full '.ledger.drops.ring_full > 0 and .ledger.delivered > 0'
	run wide "${FOUR[@]}" --vdev net_null0 -- --duration 1 --pages 8192 \
		--forward-mode pipeline --pipeline-workers 2 --pipeline-mode io --txq 2
	rx_expect wide '.forward.sent > 0'
	echo "ok: pipelines hand over frames, and lose what does not fit in a ring"
}

test_generators() {
	local name
	for name in txonly-1-1 txonly-256-1 flowgen-3-5; do
		local mode=${name%%-*} flows repeat options=()
		IFS=- read -r _ flows repeat <<<"$name"
		((flows != 256)) || options=(--txonly-multi-flow)
		run "$name" -l 0 \
			--vdev "net_pcap0,rx_pcap=$WORK/in.pcap,tx_pcap=$WORK/$name.pcap" -- \
			--duration 60 --packets 1000 --pages 8192 --forward-mode "$mode" \
			--eth-peer "0,$PEER" --tx-ip 192.0.2.1,192.0.2.9 --tx-udp 4000,5000 \
			--txpkts 123 --flowgen-flows 3 --flowgen-clones 4 "${options[@]}"
		"$FRAMES_PY" made "$WORK/$name.pcap" 123 "$flows" "$repeat"
		rx_expect "$name" '.forward.made == .forward.sent + .forward.unsent'
	done
	rx_expect txonly-1-1 '.ledger.offered == 0 and .forward.sent >= 1000'
	rx_expect flowgen-3-5 '.ledger.delivered > 0'
}

# More in a burst than there are tx descriptors: the rest is lost, for a reason.
test_tx_full() {
	[[ $HAVE_WIRE == yes ]] || return 0
	run tx-full -l 0 --vdev net_labyrinth0,rate=1,size=64 -- --duration 1 --pages 8192 \
		--forward-mode io --burst 512 --rxd 1024 --txd 64 --verify
	rx_expect tx-full '.ledger.drops.tx_full > 0 and .forward.sent > 0'
	rx_expect tx-full '.forward.tx_full == .ledger.drops.tx_full'
	rx_expect tx-full '.ports[0].tx_dropped == .ledger.drops.tx_full'
	rx_expect tx-full '.sequence.agrees'
	grep -q 'lost: no room in the tx queue' "$WORK/tx-full.out" ||
		rx_fail "tx_full: no sentence on screen"
	echo "ok: $(jq .ledger.drops.tx_full "$WORK/tx-full.json") frames found no tx descriptor"
}

# Without anything to receive nothing goes round in a loop, unless something is sent first.
test_tx_first() {
	run first -l 0 --vdev net_ring0 -- --duration 60 --packets 5000 --pages 8192 \
		--forward-mode io --tx-first --burst 32
	rx_expect first '.forward.made == 32 and .ledger.delivered >= 5000'
	echo "ok: --tx-first sends what then goes round"
}

test_mapping() {
	run map "${FOUR[@]}" --vdev net_null0 --vdev net_null1 -- --duration 1 --rxq 2 \
		--pages 8192 --forward-mode io --rxq-map '(0,0,3),(0,1,1),(1,0,3),(1,1,2)'
	for line in 'lcore 1 polls port 0 queue 1 -> port 1 queue 1' \
		'lcore 2 polls port 1 queue 1 -> port 0 queue 1' \
		'lcore 3 polls port 0 queue 0 -> port 1 queue 0, port 1 queue 0 -> port 0 queue 0'; do
		grep -qxF "$line" "$WORK/map.out" || rx_fail "map: not printed: $line"
	done
	grep -q 'WARNING: lcores 1 and 2 poll on the same CPU' "$WORK/map.err" ||
		rx_fail "no word of lcores that share a CPU"
	run cores "${FOUR[@]}" --vdev net_null0 -- --duration 1 --rxq 4 --pages 8192 \
		--nb-cores 2
	[[ $(grep -c '^lcore . polls' "$WORK/cores.out") == 2 ]] || rx_fail "--nb-cores 2"
	run chain -l 0 --vdev net_null0 --vdev net_null1 --vdev net_null2 -- --duration 1 \
		--pages 8192 --forward-mode io --port-topology chained
	grep -qF 'port 1 queue 0 -> port 2 queue 0, port 2 queue 0 -> port 0' \
		"$WORK/chain.out" || rx_fail "chained"
	run list -l 0 --vdev net_null0 --vdev net_null1 --vdev net_null2 -- --duration 1 \
		--pages 8192 --portlist 0,2
	rx_expect list '[.ports[].port] == [0, 2]'
	run mask -l 0 --vdev net_null0 --vdev net_null1 --vdev net_null2 -- --duration 1 \
		--pages 8192 --portmask 0x6
	rx_expect mask '[.ports[].port] == [1, 2]'
	echo "ok: lcores, ports and ways are those asked for"
}

# The kernel's own ping, and its ARP before that.
test_ping() {
	NS=$PREFIX
	tap_namespace "$NS" 2>/dev/null || return 0
	NAMESPACES+=("$NS")
	tap_possible "$NS" || return 0
	rx_start ping -l 0 --vdev net_tap0,iface=lab0 -- --duration 300 --pages 4096 \
		--forward-mode icmpecho
	tap_wait_up "$NS" lab0 "$RX_PID" 60 || rx_fail "ping: the tap did not come up"
	ip -n "$NS" addr add 198.18.0.1/24 dev lab0
	ip netns exec "$NS" ping -q -c 3 -i 0.2 -W 10 198.18.0.77 >"$WORK/ping.says" ||
		rx_fail "no answer: $(<"$WORK/ping.says")"
	rx_stop INT
	rx_expect_code ping 0
	rx_expect_balanced ping
	rx_expect ping '.forward.sent >= 4'
	echo "ok: $(grep received "$WORK/ping.says")"
}

rx_begin "$1" "$2"
HAVE_WIRE=${3:-no}
COUNT=$("$FRAMES_PY" write "$WORK/in.pcap")
test_each_frame
test_noisy_buffer
test_pipeline
test_generators
test_tx_full
test_tx_first
test_mapping
test_ping
