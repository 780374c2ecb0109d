#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Unmodified programs of DPDK on the simulated wire: dpdk-testpmd receives and forwards,
# and what the wire sent is, to the frame, what testpmd shows; dpdk-test's tests of ports
# pass on it; a secondary process is told why it cannot have it.
# Arguments: librte_net_labyrinth.so, the scripts folder, librte_mempool_labyrinth.so.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

# A second of a wire of half a million frames a second: it goes on while testpmd starts.
FRAMES=500000
PRIMARY=
POOL=() # as testpmd has it, or ours

# EAL takes no plugin from below a folder that anybody may write to, such as /tmp.
trusted_copies() {
	local dir
	for dir in /run "$HOME"; do
		SAFE=$(mktemp -d "$dir/labyrinth-test-XXXXXX" 2>/dev/null) || continue
		cp "$1" "$2" "$SAFE/"
		PLUGIN=$SAFE/${1##*/}
		ON_POOL=(-d "$SAFE/${2##*/}" --mbuf-pool-ops-name labyrinth)
		return
	done
	rx_skip "no folder from which EAL would load a plugin"
}

end() {
	rx_kill "$PRIMARY"
	rm -rf "${SAFE-}"
	rx_end
}

fail() {
	tail -n 60 "$WORK/$1.out" | sed 's/^/  out: /' >&2
	rx_fail "$*"
}

# wait_for NAME PATTERN: until it is on the screen.
wait_for() {
	local tries=300
	while ((tries-- > 0)); do
		grep -q -- "$2" "$WORK/$1.out" && return
		sleep 0.1
	done
	fail "$1" "never said $2"
}

# testpmd NAME DEVARGS "OPTIONS" COMMANDS...: its words are in NAME.out. A command that
# is a number lets the wire send for so many seconds; "silence" waits for its end.
testpmd() {
	local name=$1 devargs=$2 options=$3 command
	shift 3
	mkfifo "$WORK/$name.in"
	# shellcheck disable=SC2086 # options are several words
	timeout -k 5 60 dpdk-testpmd "${EAL[@]}" -l 0,1 -d "$PLUGIN" "${POOL[@]}" \
		--vdev "net_labyrinth0,$devargs" -- -i --no-mlockall --total-num-mbufs=8192 \
		$options >"$WORK/$name.out" 2>&1 <"$WORK/$name.in" &
	PRIMARY=$!
	exec {KEYS}>"$WORK/$name.in"
	wait_for "$name" 'testpmd>'
	for command in "$@" quit; do
		case $command in
		[0-9]*) sleep "$command" ;;
		silence) silence "$name" ;;
		*) echo "$command" >&"$KEYS" ;;
		esac
	done
	exec {KEYS}>&-
	wait "$PRIMARY" || fail "$name" "ended with $?"
	PRIMARY=
}

# silence NAME: the wire has sent all its frames, and testpmd has taken what it could.
silence() {
	local tries=100
	while ((tries-- > 0)); do
		echo "show port xstats 0" >&"$KEYS"
		sleep 0.2
		if grep -q rx_in_flight "$WORK/$1.out" && (($(number "$1" rx_in_flight:) == 0)) &&
			(($(number "$1" rx_wire_packets:) == FRAMES)); then
			return
		fi
	done
	fail "$1" "the wire does not end"
}

# number NAME WORD: the last number after WORD on the screen.
number() {
	grep -oE -- "$2 *[0-9]+" "$WORK/$1.out" | tail -n 1 | grep -oE '[0-9]+$' ||
		fail "$1" "shows no $2"
}

# expect_all NAME FRAMES: so many were sent, and all of them are accounted for.
expect_all() {
	local name=$1 sent received missed errors nombuf
	sent=$(number "$name" "rx_wire_packets:")
	received=$(number "$name" RX-packets:)
	missed=$(number "$name" RX-missed:)
	errors=$(number "$name" RX-errors:)
	nombuf=$(number "$name" RX-nombuf:)
	((sent == $2)) || fail "$name" "the wire sent $sent, not $2"
	((received + missed + errors + nombuf == sent)) ||
		fail "$name" "$received + $missed + $errors + $nombuf are not $sent"
	((received > 0)) || fail "$name" "nothing was received"
	echo "ok: $name: sent $sent, RX $received, missed $missed, errors $errors, no mbuf $nombuf"
}

SHOW=("show port xstats 0" "show port stats 0")

test_rx() {
	local name devargs options
	while read -r name devargs options; do
		testpmd "$name" "frames=$FRAMES,$devargs" "$options" start silence stop "${SHOW[@]}"
		expect_all "$name" "$FRAMES"
	done <<-END
		rxonly    rate=0.35                       --forward-mode=rxonly
		queues    rate=1.4,size=imix              --forward-mode=rxonly --rxq=4 --txq=4
		thread    rate=0.35,mode=thread           --forward-mode=rxonly
		jumbo     rate=36,size=9018               --forward-mode=rxonly --max-pkt-len=9018 --enable-scatter
		faulty    rate=0.35,bad_fcs=9,oversize=12 --forward-mode=rxonly --enable-rx-cksum
	END
	(($(number faulty RX-errors:) > 0)) || fail faulty "no errors"
}

# What is forwarded is sent or, when the wire is full, freed by testpmd.
test_forwarding() {
	local mode sent dropped
	for mode in io macswap; do
		testpmd "$mode" "rate=0.35,frames=$FRAMES" "--forward-mode=$mode" \
			start silence stop "show port xstats 0"
		sent=$(number "$mode" TX-packets:)
		dropped=$(number "$mode" TX-dropped:)
		((sent + dropped == $(number "$mode" RX-packets:) && sent > 0)) ||
			fail "$mode" "$sent sent and $dropped dropped are not what was received"
		((sent == $(number "$mode" tx_q0_packets:))) || fail "$mode" "the port sent others"
		echo "ok: $mode: forwarded $sent, dropped $dropped"
	done
}

test_restart() {
	local commands=()
	while ((${#commands[@]} < 50)); do
		commands+=(start 0.05 stop "port stop 0" "port start 0")
	done
	testpmd restart "rate=5" "--forward-mode=rxonly" "${commands[@]}" "port stop 0" "${SHOW[@]}"
	expect_all restart "$(number restart "rx_wire_packets:")"
	(($(number restart "rx_stopped:") > 0)) || fail restart "nothing was in the ring"
}

# testpmd keeps as many frames as the pool has: it runs dry.
test_exhaustion() {
	local policy
	for policy in drop stall wait; do
		testpmd "dry-$policy" "rate=20,policy=$policy" \
			"--forward-mode=noisy --noisy-tx-sw-buffer-size=8192" start 0.3 stop \
			"port stop 0" "${SHOW[@]}"
		expect_all "dry-$policy" "$(number "dry-$policy" "rx_wire_packets:")"
		(($(number "dry-$policy" "rx_alloc_fail:") > 0)) || fail "dry-$policy" "not dry"
	done
	(($(number dry-drop RX-nombuf:) > 0)) || fail dry-drop "no frame was dropped for it"
	(($(number dry-stall RX-nombuf:) == 0)) || fail dry-stall "a frame was dropped for it"
}

# The same on the page pool, of which testpmd knows nothing either.
test_our_pool() {
	POOL=("${ON_POOL[@]}")
	testpmd our-pool "frames=$FRAMES,rate=0.35" "--forward-mode=rxonly" \
		start silence stop "${SHOW[@]}"
	grep -q 'mempool ops selected: labyrinth' "$WORK/our-pool.out" ||
		fail our-pool "is another pool"
	expect_all our-pool "$FRAMES"
	testpmd our-pool-dry "rate=20,policy=drop" \
		"--forward-mode=noisy --noisy-tx-sw-buffer-size=8192" start 0.3 stop \
		"port stop 0" "${SHOW[@]}"
	expect_all our-pool-dry "$(number our-pool-dry "rx_wire_packets:")"
	(($(number our-pool-dry RX-nombuf:) > 0)) || fail our-pool-dry "no frame was dropped"
	POOL=()
}

# dpdk-test's tests that take the first port there is, or talk about ports.
test_autotests() {
	local name
	for name in ethdev_link_status event_eth_rx_adapter_autotest \
		event_eth_tx_adapter_autotest; do
		printf '%s\nquit\n' "$name" | timeout -k 5 100 dpdk-test "${EAL[@]}" -l 0,1 \
			-d "$PLUGIN" --vdev net_labyrinth0,rate=1 --vdev event_sw0 \
			>"$WORK/$name.out" 2>&1 || fail "$name" "ended with $?"
		grep -q '^Test OK' "$WORK/$name.out" || fail "$name" "did not pass"
		echo "ok: $name"
	done
}

test_secondary() {
	local eal=(--no-pci --file-prefix "$PREFIX" -d "$PLUGIN" --no-telemetry)
	if [[ -z $(huge_mount 2048) ]] || (($(huge_free 2048) < 128)); then
		echo "left out: a secondary process needs a hugetlbfs and 128 free hugepages"
		return
	fi
	mkfifo "$WORK/primary.in"
	timeout -k 5 60 dpdk-testpmd "${eal[@]}" -l 0,1 -m 200 --vdev net_labyrinth0,rate=1 -- \
		-i --no-mlockall --total-num-mbufs=4096 \
		>"$WORK/primary.out" 2>&1 <"$WORK/primary.in" &
	PRIMARY=$!
	exec {KEYS}>"$WORK/primary.in"
	wait_for primary 'testpmd>'
	dpdk-proc-info "${eal[@]}" -- --stats >"$WORK/secondary.out" 2>&1 || true
	grep -q 'net_labyrinth0: is for the primary process only' "$WORK/secondary.out" ||
		fail secondary "is not told why"
	echo "ok: $(grep 'primary process only' "$WORK/secondary.out")"
	echo quit >&"$KEYS"
	exec {KEYS}>&-
	wait "$PRIMARY" || fail primary "ended with $?"
	PRIMARY=
	find "$(huge_mount 2048)" -maxdepth 1 -name "${PREFIX}map_*" -delete
}

command -v dpdk-testpmd >/dev/null || rx_skip "no dpdk-testpmd"
rx_begin "$1" "$2" 512
trap end EXIT
trusted_copies "$1" "$3"
test_rx
test_forwarding
test_restart
test_exhaustion
test_our_pool
test_autotests
test_secondary
