#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# dpdk-testpmd and labyrinth-rx in turn, the same two ports, queue, burst, core, time and
# forward mode: labyrinth-rx as it is, and with DPDK's lcore cache in front of its pool, as
# testpmd has it in front of its own. The median of the better one must be at least 0.9 of
# testpmd's. Runs alternate so that what else the machine does meets all alike.
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
declare -A OPTIONS=([labyrinth-rx]="" [dpdk-cache]="--dpdk-cache 250")
[[ $POOL == labyrinth ]] || OPTIONS=([labyrinth-rx]="")

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
	# A signal that comes while it prints is lost at times.
	until ! kill -INT "$RX_PID" 2>/dev/null; do sleep 0.5; done
	wait "$RX_PID" || true
	RX_PID=
	awk -v ports="$PORTS" '
		/Rx-pps:/ && ++lines > ports && lines <= 2 * ports { pps += $2 }
		END { if (lines < 2 * ports) exit 1; printf "%d\n", pps }' \
		"$WORK/testpmd.out" || rx_fail "testpmd: $(tail -3 "$WORK/testpmd.out")"
}

# run_rx MODE OPTIONS...: what labyrinth-rx has of testpmd's options has the same name.
run_rx() {
	local mode=$1
	shift
	rx_run rx -l 0,1 "${VDEVS[@]}" -- --forward-mode="$mode" \
		--duration "$SECONDS_EACH" --total-num-mbufs "$PAGES" --burst "$BURST" \
		--rxq 1 --txq 1 --pool "$POOL" "$@"
	rx_expect_code rx 0
	rx_expect_sound rx
	jq '.rate.pps | floor' "$WORK/rx.json"
}

# ratio MODE NAME: of the medians.
ratio() {
	local testpmd rx
	testpmd=$(summary testpmd <"$WORK/testpmd-$1")
	rx=$(summary "$2" <"$WORK/$2-$1")
	printf '%s\n%s\n' "$testpmd" "$rx" >&2
	awk -v a="$(awk '{ print $3 }' <<<"$testpmd")" -v b="$(awk '{ print $3 }' <<<"$rx")" \
		'BEGIN { printf "%.3f\n", b / a }'
}

# compare MODE: medians, and whether the gate is passed.
compare() {
	local name ratio best=0
	for name in "${!OPTIONS[@]}"; do
		ratio=$(ratio "$1" "$name")
		echo "ratio          $ratio  $1, $name (gate of the better one $GATE)"
		best=$(printf '%s\n' "$best" "$ratio" | sort -g | tail -1)
	done
	awk -v best="$best" -v gate="$GATE" 'BEGIN { exit best < gate }'
}

rx_begin "$1" "$2" 512
echo "source: two net_null ports, size $SIZE (virtual ports without a wire), $SECONDS_EACH s each"
failed=0
for mode in $MODES; do
	for ((run = 1; run <= RUNS; run++)); do
		run_testpmd "$mode" >>"$WORK/testpmd-$mode"
		for name in "${!OPTIONS[@]}"; do
			# shellcheck disable=SC2086 # options are several words
			run_rx "$mode" ${OPTIONS[$name]} >>"$WORK/$name-$mode"
		done
		echo "$mode, run $run: Mpps: $(cd "$WORK" && for name in testpmd "${!OPTIONS[@]}"; do
			awk -v name="$name" 'END { printf "%s %.1f  ", name, $1 / 1e6 }' \
				"$name-$mode"
		done)"
	done
	compare "$mode" || failed=1
done
exit "$failed"
