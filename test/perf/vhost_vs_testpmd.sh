#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# dpdk-testpmd and labyrinth-rx in turn as the vhost side, the same queue, burst, core, time
# and forward mode, while another testpmd sends (txonly) over virtio-user as fast as it can:
# frames received in each second of SECONDS_EACH, less the first, and the median over runs.
# Both get what one core can push through a virtio ring, so that a ratio near 1 is all there
# is to be had. The machine needs two cores.
# Arguments: the program, the scripts folder. RUNS, SECONDS_EACH and MODES can be set in the
# environment.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=../driver/generate.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/generate.sh"
# shellcheck source-path=SCRIPTDIR source=summary.sh
. "$(dirname "${BASH_SOURCE[0]}")/summary.sh"

RUNS=${RUNS:-5}
SECONDS_EACH=${SECONDS_EACH:-4}
MODES=${MODES:-rxonly io macswap}
GATE=0.9
PAGES=16384

# seconds_of_rx / seconds_of_testpmd: frames received in each second, a line each.
# shellcheck disable=SC2317 # called by its name
seconds_of_rx() {
	jq -r '.figures.run.delivered' "$WORK/$NAME.lines" | awk 'NR > 1 { print $1 - last } { last = $1 }'
}

# shellcheck disable=SC2317 # called by its name
seconds_of_testpmd() {
	sed -n 's/.*Rx-pps: *\([0-9]*\).*/\1/p' "$WORK/$NAME.out"
}

# receiver WHICH MODE: becomes it.
receiver() {
	local vdev="net_vhost0,iface=$WORK/vhost.sock"
	rm -f "$WORK/vhost.sock"
	exec >"$WORK/$NAME.out" 2>"$WORK/$NAME.err" </dev/null
	if [[ $1 == testpmd ]]; then
		exec dpdk-testpmd "${EAL[@]}" --single-file-segments -l 1,0 --vdev "$vdev" -- \
			--forward-mode="$2" --auto-start --stats-period 1 \
			--total-num-mbufs "$PAGES" --rxq 1 --txq 1
	else
		exec "$RX" "${EAL[@]}" --single-file-segments -l 1,0 --vdev "$vdev" -- \
			--forward-mode="$2" --total-num-mbufs "$PAGES" --rxq 1 --txq 1 \
			--stats-period 1 --json-lines "$WORK/$NAME.lines"
	fi
}

# rate WHICH MODE: median frames a second of one run.
rate() {
	NAME=$1-$2
	receiver "$1" "$2" &
	RX_PID=$!
	until_so "the receiver listens" test -S "$WORK/vhost.sock"
	generator_start txonly "net_virtio_user0,path=$WORK/vhost.sock,queues=1" >&2
	until_so "the link is up" link_is_up
	echo start >&"$KEYS"
	sleep "$((SECONDS_EACH + 1))"
	"seconds_of_$1" | sort -g | tail -n "$SECONDS_EACH" | median
	echo stop >&"$KEYS"
	generate_end
	# testpmd loses a signal at times that comes while it prints
	while kill -INT "$RX_PID" 2>/dev/null; do sleep 0.5; done
	wait "$RX_PID" || true
	RX_PID=
}

rx_begin "$1" "$2" 512
trap generate_clean_up EXIT
failed=0
for mode in $MODES; do
	for ((run = 1; run <= RUNS; run++)); do
		for which in testpmd rx; do
			rate "$which" "$mode" >>"$WORK/$which-$mode.pps"
		done
		echo "$mode, run $run: testpmd $(tail -1 "$WORK/testpmd-$mode.pps")," \
			"labyrinth-rx $(tail -1 "$WORK/rx-$mode.pps") frames a second"
	done
	summary testpmd <"$WORK/testpmd-$mode.pps"
	summary labyrinth-rx <"$WORK/rx-$mode.pps"
	awk -v a="$(median <"$WORK/testpmd-$mode.pps")" -v b="$(median <"$WORK/rx-$mode.pps")" \
		-v gate="$GATE" -v mode="$mode" 'BEGIN {
			printf "ratio          %.3f  %s (gate %.2f)\n", b / a, mode, gate
			exit b / a < gate
		}' || failed=1
done
exit "$failed"
