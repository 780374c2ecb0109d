#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Pages that do not come back are reported: an rx callback in a plugin keeps frames, and
# labyrinth-rx ends with 4 and says how many, who holds them, and for how long. Where frames
# themselves vanish, the ledger says so too.
# Arguments: labyrinth-rx, the scripts folder, the plugin that keeps.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"
# shellcheck source-path=SCRIPTDIR source=plugin.sh
. "$(dirname "${BASH_SOURCE[0]}")/plugin.sh"

KEPT=100

all_are_kept() {
	rx_ask /keep/count | jq -e ".[\"/keep/count\"].kept == $KEPT" >/dev/null
}

# leak NAME WHAT APP_ARGS...: let KEPT frames be kept for 0.3 s and longer, and end.
leak() {
	local name=$1 what=$2
	shift 2
	"$RX" "${EAL[@]}" -l 0 -d "$PLUGIN" --vdev net_null0 -- --duration 300 --pages 4096 \
		--json "$WORK/$name.json" "$@" >"$WORK/$name.out" 2>"$WORK/$name.err" </dev/null &
	RX_PID=$!
	rx_wait_for "$name" '^lcore 0 polls'
	rx_ask "/keep/$what,$KEPT" | grep -q yes || rx_fail "$name: no callback"
	rx_until "$name" "$KEPT are kept" all_are_kept
	sleep 0.3
	rx_stop INT
	rx_expect_code "$name" 4
	rx_expect "$name" ".pool.leaked == $KEPT and .pool.free == .pool.pages - $KEPT"
	rx_expect "$name" ".figures.pools[0].leaked == $KEPT"
}

# says NAME FILE REGEX
says() {
	grep -qE -- "$3" "$WORK/$1.$2" && return
	rx_tell "$1"
	rx_fail "$1: does not say: $3"
}

# The lcore that received has them, and has had them since.
test_holder() {
	leak held references --page-ages
	rx_expect held '.ledger.balanced'
	rx_expect held "[.figures.owners[] | select(.owned != 0) | [.name, .owned]]
		== [[\"lcore 0\", $KEPT]]"
	rx_expect held ".figures.owners[] | select(.owned != 0) | .age |
		.count == $KEPT and .p50 >= 300000000 and .max >= .p50"
	says held out "^Holders of pages"
	says held out "^  lcore 0 +$KEPT pages, for p50 [0-9.]+ +p99 [0-9.]+ +max [0-9.]+ s$"
	says held out "^  leaked +$KEPT$"
	says held err "^labyrinth-rx: $KEPT of 4096 mbufs leaked: .*run with one --vdev"
	echo "ok: $(grep -A1 '^Holders' "$WORK/held.out" | tail -n 1)"
}

test_other_pool() {
	leak other references --pool ring_mp_mc --mbcache 0
	rx_expect other '.ledger.balanced and .figures.owners == []'
	says other err "^labyrinth-rx: $KEPT of 4096 mbufs leaked"
	echo "ok: with ring_mp_mc too"
}

# The PMD counted them and nobody received them.
test_frames() {
	leak gone frames
	rx_expect gone ".ledger | .balanced == false and .offered == .delivered + $KEPT"
	says gone err "^labyrinth-rx: the ledger is off by \+$KEPT frames"
	says gone out "balanced +NO +off by \+$KEPT$"
	says gone out "^  lcore 0 +$KEPT pages"
	echo "ok: $(grep '^labyrinth-rx: ' "$WORK/gone.err")"
}

plugin_begin "$1" "$2" 256 "$3"
rx_with_telemetry
test_holder
test_other_pool
test_frames
