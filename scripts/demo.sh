#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From a bare Debian 12 to packages, build, the scenario at 100 Gb/s on a simulated wire,
# two more runs of labyrinth-rx and a summary.
# Needs no card; uses a network namespace of its own; gives all but packages and
# build/ back at the end.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=lib/hugepages.sh
. "$HERE/lib/hugepages.sh"
# shellcheck source-path=SCRIPTDIR source=lib/machine.sh
. "$HERE/lib/machine.sh"
# shellcheck source-path=SCRIPTDIR source=lib/eal.sh
. "$HERE/lib/eal.sh"
# shellcheck source-path=SCRIPTDIR source=lib/drivers.sh
. "$HERE/lib/drivers.sh"
# shellcheck source-path=SCRIPTDIR source=lib/tap.sh
. "$HERE/lib/tap.sh"

FRAMES=${FRAMES:-300000}
SECONDS_NULL=${SECONDS_NULL:-5}
RX=build/app/labyrinth-rx
DRIVER=build/drivers/net/labyrinth/librte_net_labyrinth.so
NS=labyrinth-demo-$$
RX_PID=

clean_up() {
	if [[ -n $RX_PID ]]; then
		kill -KILL "$RX_PID" 2>/dev/null || true
		wait "$RX_PID" 2>/dev/null || true
	fi
	ip netns del "$NS" 2>/dev/null || true
	rm -rf "$WORK" "/run/dpdk/$NS"
	machine_end
}

build() {
	if [[ ! -e build/build.ninja ]]; then
		show meson setup build
	elif [[ -d .driver-headers && ! -e $DRIVER ]]; then
		show meson setup --reconfigure build # before there were driver headers
	fi
	show meson compile -C build
}

# What the project is about; see the script for what its figures mean.
run_scenario() {
	if [[ ! -e $DRIVER ]]; then
		warn "NO SIMULATED CARD without driver headers: the scenario is left out"
		return
	fi
	show scripts/scenario-100g.sh --sizes "64 1518 9018" --pools "4096 16384"
}

# Two ports that make frames from nothing as fast as they are taken: what the
# receive path and the pool can do, without a wire.
run_null() {
	NULL_RUN=("$RX" "${EAL[@]}" -l 0 --vdev net_null0 --vdev net_null1 --
		--duration "$SECONDS_NULL" --pages 16384 --json "$WORK/null.json")
	show "${NULL_RUN[@]}"
}

start_tap() {
	TAP_RUN=(ip netns exec "$NS" "$RX" "${EAL[@]}" -l 0
		--vdev "net_tap0,iface=lab0" -- --duration 60 --pages 16384
		--json "$WORK/tap.json")
	tap_namespace "$NS" && tap_possible "$NS" || return 1
	announce "${TAP_RUN[@]}"
	"${TAP_RUN[@]}" >"$WORK/tap.out" </dev/null &
	RX_PID=$!
	tap_wait_up "$NS" lab0 "$RX_PID" 30
}

send() {
	SEND_RUN=(ip netns exec "$NS" scripts/send_frames.py --iface lab0
		--count "$FRAMES" --window 400)
	announce "${SEND_RUN[@]}"
	"${SEND_RUN[@]}" | tee "$WORK/tap.sent"
}

# Frames that the kernel itself sends into a tap, counted by the kernel.
run_tap() {
	local code=0
	if ! start_tap; then
		warn "NO TAP on this machine or for this user: the second run is left out"
		return
	fi
	send
	kill -INT "$RX_PID"
	wait "$RX_PID" || code=$?
	RX_PID=
	cat "$WORK/tap.out"
	((code == 0)) || die "$code" "labyrinth-rx ended with $code"
}

# line LABEL FILE JQ
line() {
	printf '  %-32s %s\n' "$1" "$(jq -r "$3" "$2")"
}

summary_of() {
	line "delivered" "$1" '.ledger.delivered'
	line "dropped" "$1" '.ledger.drops | to_entries | map(select(.value > 0) |
		"\(.key) \(.value)") | if . == [] then "none" else join(", ") end'
	line "ledger balanced" "$1" '.ledger.balanced'
	line "pages" "$1" '.pool | "\(.pages) of \(.page_size) bytes, \(.backing), \(.leaked) leaked"'
}

summary() {
	printf '\n== Summary ==\n'
	printf '\nFrames from nothing, no wire: what one core and the pool can do\n'
	printf '  %s\n' "${NULL_RUN[*]}"
	summary_of "$WORK/null.json"
	line "frames per second" "$WORK/null.json" '.rate.pps | floor'
	line "cycles per frame" "$WORK/null.json" '.rate.cycles_per_packet * 10 | round / 10'
	[[ -e $WORK/tap.json ]] || return 0
	printf '\nFrames of this kernel through a tap: what is counted on both sides\n'
	printf '  %s\n' "${SEND_RUN[*]}" "${TAP_RUN[*]}"
	line "handed over, says the kernel" "$WORK/tap.sent" '.tx_packets'
	line "dropped before, says the kernel" "$WORK/tap.sent" '.tx_dropped'
	summary_of "$WORK/tap.json"
	line "frames per second, as sent" "$WORK/tap.sent" '.tx_packets / .seconds | floor'
}

cd "$HERE/.."
scripts/install.sh
driver_headers
WORK=$(mktemp -d)
machine_begin 256
trap clean_up EXIT
build
eal_memory "$NS" 256
# Where the kernel has no multiq qdisc the tap PMD complains, though only flow rules,
# which nobody uses here, need it.
EAL+=(--log-level lib.eal:error --log-level pmd.net.tap:critical)
run_scenario
run_null
run_tap
summary
echo
say "all but the packages and build/ is given back"
