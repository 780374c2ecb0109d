#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# dpdk-testpmd on DPDK's default mempool ops and on the plugin in turn, the same ports,
# core and time of it. On the plugin twice: with each put checked, as it is by default, and with
# DPDK's own cache in front of it. Runs alternate, so that what else the machine does
# meets all alike; medians are compared.
# Arguments: the plugin, the scripts folder. RUNS, SECONDS_EACH, SIZE, LEAST and
# LEAST_CHECKED can be set in the environment.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=../driver/plugin.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/plugin.sh"
# shellcheck source-path=SCRIPTDIR source=summary.sh
. "$(dirname "${BASH_SOURCE[0]}")/summary.sh"

RUNS=${RUNS:-5}
SECONDS_EACH=${SECONDS_EACH:-2}
SIZE=${SIZE:-64}
GOAL=1.0
# With DPDK's cache in front the work is that of the default ops: two medians of the same
# thing differ by so much on a busy machine.
LEAST=${LEAST:-0.9}
# Checked: an exchange for each put, and a call instead of code compiled into testpmd.
# Where a port costs nothing that shows.
LEAST_CHECKED=${LEAST_CHECKED:-0.5}

# worker_ns PID: time that the forwarding thread had a CPU. The machine may be shared, and
# who else is on it should not count.
worker_ns() {
	local task
	for task in /proc/"$1"/task/*; do
		if [[ $(<"$task/comm") == *worker-1 ]]; then
			awk '{ print $1 }' "$task/schedstat"
		fi
	done
}

# run_testpmd MODE EAL_ARGS...: packets that it forwarded a second of that time.
run_testpmd() {
	local mode=$1 tries=300 ns
	shift
	stdbuf -oL dpdk-testpmd "${EAL[@]}" -l 0,1 "$@" --vdev "net_null0,size=$SIZE" \
		--vdev "net_null1,size=$SIZE" -- --forward-mode="$mode" --auto-start \
		--total-num-mbufs 16384 --burst 32 --stats-period 1000 \
		>"$WORK/testpmd.out" 2>&1 </dev/null &
	RX_PID=$!
	until grep -q 'packet forwarding packets/burst' "$WORK/testpmd.out" || ((tries-- == 0)); do
		sleep 0.1
	done
	sleep "$SECONDS_EACH"
	ns=$(worker_ns "$RX_PID")
	rx_stop INT
	awk -v ns="$ns" '
		/Accumulated forward statistics/ { all = 1 }
		all && sub(".*RX-packets: ", "") { packets = $1 }
		END { if (packets == 0) exit 1; printf "%d\n", packets * 1e9 / ns }' \
		"$WORK/testpmd.out" || rx_fail "testpmd: $(tail -3 "$WORK/testpmd.out")"
}

run_mode() {
	local mode=$1 run
	for ((run = 1; run <= RUNS; run++)); do
		run_testpmd "$mode" >>"$WORK/$mode.default"
		run_testpmd "$mode" "${ON_PLUGIN[@]}" >>"$WORK/$mode.checked"
		LABYRINTH_MEMPOOL_CACHE=dpdk run_testpmd "$mode" "${ON_PLUGIN[@]}" \
			>>"$WORK/$mode.cached"
	done
}

# judge MODE WHAT LEAST: the ratio of the medians; fails below the least.
judge() {
	awk -v base="$(median <"$WORK/$1.default")" -v ours="$(median <"$WORK/$1.$2")" \
		-v goal="$GOAL" -v least="$3" -v name="$1 $2" 'BEGIN {
			ratio = ours / base
			verdict = ratio >= goal ? "met" : ratio >= least ? "least met" : "missed"
			printf "%-16s %.3f of the default: %s (goal %.1f, least %.1f)\n",
				name, ratio, verdict, goal, least
			exit ratio < least
		}'
}

plugin_begin dpdk-testpmd "$2" 512 "$1"
echo "source: two net_null ports, size $SIZE (virtual ports without a wire), $SECONDS_EACH s each;" \
	"packets a second of the forwarding thread's CPU time"
FAILED=0
for mode in rxonly io; do
	run_mode "$mode"
	for what in default checked cached; do
		summary "$mode $what" <"$WORK/$mode.$what"
	done
	judge "$mode" checked "$LEAST_CHECKED" || FAILED=1
	judge "$mode" cached "$LEAST" || FAILED=1
done
exit "$FAILED"
