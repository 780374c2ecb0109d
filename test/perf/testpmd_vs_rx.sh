#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# dpdk-testpmd and labyrinth-rx in turn, the same two ports, queue, burst, core, time and
# forward mode; the median of labyrinth-rx must be at least 0.9 of testpmd's. Runs alternate
# so that what else the machine does meets both alike.
# Arguments: the program, the scripts folder. RUNS, SECONDS_EACH, SIZE, POOL and MODES can
# be set in the environment.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=summary.sh
. "$(dirname "${BASH_SOURCE[0]}")/summary.sh"

RUNS=${RUNS:-7}
SECONDS_EACH=${SECONDS_EACH:-3}
SIZE=${SIZE:-64}
MODES=${MODES:-rxonly io macswap}
PORTS=2
VDEVS=(--vdev "net_null0,size=$SIZE" --vdev "net_null1,size=$SIZE")
POOL=${POOL:-labyrinth}
PAGES=16384
BURST=32
GATE=0.9

# testpmd's own clock is used: Rx-pps of its second show, a line a port, is over the
# time since the first one, so its start and its end are not in it.
run_testpmd() {
	local tries=$((SECONDS_EACH * 10 + 300))
	dpdk-testpmd "${EAL[@]}" -l 0,1 "${VDEVS[@]}" -- \
		--forward-mode="$1" --auto-start --stats-period "$SECONDS_EACH" \
		--total-num-mbufs "$PAGES" --burst "$BURST" --rxq 1 --txq 1 \
		>"$WORK/testpmd.out" 2>&1 </dev/null &
	RX_PID=$!
	while (($(grep -c Rx-pps: "$WORK/testpmd.out") < 2 * PORTS && tries-- > 0)); do
		kill -0 "$RX_PID" 2>/dev/null || break
		sleep 0.1
	done
	rx_stop INT
	awk -v ports="$PORTS" '
		/Rx-pps:/ && ++lines > ports && lines <= 2 * ports { pps += $2 }
		END { if (lines < 2 * ports) exit 1; printf "%d\n", pps }' \
		"$WORK/testpmd.out" || rx_fail "testpmd: $(tail -3 "$WORK/testpmd.out")"
}

# The same options: what labyrinth-rx has of testpmd's has the same name.
run_rx() {
	rx_run rx -l 0,1 "${VDEVS[@]}" -- --forward-mode="$1" \
		--duration "$SECONDS_EACH" --total-num-mbufs "$PAGES" --burst "$BURST" \
		--rxq 1 --txq 1 --pool "$POOL"
	rx_expect_code rx 0
	rx_expect_sound rx
	jq '.rate.pps | floor' "$WORK/rx.json"
}

# compare MODE: medians, and whether the gate is passed.
compare() {
	local testpmd rx
	testpmd=$(summary testpmd <"$WORK/testpmd-$1")
	rx=$(summary labyrinth-rx <"$WORK/rx-$1")
	printf '%s\n%s\n' "$testpmd" "$rx"
	awk -v a="$(awk '{ print $3 }' <<<"$testpmd")" -v b="$(awk '{ print $3 }' <<<"$rx")" \
		-v gate="$GATE" -v mode="$1" 'BEGIN {
			printf "ratio          %.3f  %s (gate %.2f)\n", b / a, mode, gate
			exit b / a < gate
		}'
}

rx_begin "$1" "$2" 512
echo "source: two net_null ports, size $SIZE (virtual ports without a wire), $SECONDS_EACH s each"
failed=0
for mode in $MODES; do
	for ((run = 1; run <= RUNS; run++)); do
		run_testpmd "$mode" >>"$WORK/testpmd-$mode"
		run_rx "$mode" >>"$WORK/rx-$mode"
		echo "$mode, run $run: testpmd $(tail -1 "$WORK/testpmd-$mode") pps," \
			"labyrinth-rx ($POOL) $(tail -1 "$WORK/rx-$mode") pps"
	done
	compare "$mode" || failed=1
done
exit "$failed"
