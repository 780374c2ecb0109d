#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-rx for a long while with everything on that tells of it, asked and scraped all
# the time: its memory must not grow, no figure that only rises may fall, and the ledger
# must balance in the end.
# Arguments: as rx.sh, and the seconds (600).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

# What may be lost in rounding, of the heap's making: a leak of a snapshot a second would be
# ten times as much within a minute.
GROWTH_KIB=1024

# memory: KiB that the program has of its own, as the kernel counts them.
memory() {
	awk '/^(RssAnon|VmSwap):/ { sum += $2 } END { print sum }' "/proc/$RX_PID/status"
}

# falling BEFORE AFTER: counters of metrics that are lower in AFTER.
falling() {
	awk '/^labyrinth_[a-z_0-9]*_(total|count|sum|bucket)[ {]/ {
		name = $0
		sub(/ [^ ]*$/, "", name)
		if (NR == FNR) before[name] = $NF
		else if ($NF + 0 < before[name] + 0) print name, before[name], $NF
	}' "$1" "$2"
}

scrape() {
	"$SCRIPTS/openmetrics.py" --once --file-prefix "$PREFIX" >"$1" ||
		rx_fail "no metrics after $SECONDS s"
}

soak() {
	local end=$((SECONDS + $1)) next base=0 now most=0 rounds=0
	next=$((SECONDS + 30))
	scrape "$WORK/before"
	while ((SECONDS < end)); do
		kill -0 "$RX_PID" || { rx_tell soak; rx_fail "it ended by itself"; }
		scrape "$WORK/after"
		[[ -z $(falling "$WORK/before" "$WORK/after") ]] ||
			rx_fail "counters fall: $(falling "$WORK/before" "$WORK/after")"
		mv "$WORK/after" "$WORK/before"
		now=$(memory)
		((now <= most)) || most=$now
		# after a while all that is made once has been made
		if ((base == 0 && SECONDS >= next)); then base=$now; fi
		((rounds += 1))
		sleep 0.2
	done
	echo "soak: $1 s, $rounds scrapes; memory ${base} KiB after 30 s, $(memory) at the end," \
		"$most at most"
	((base != 0 && most <= base + GROWTH_KIB)) || rx_fail "memory grows"
}

SCRIPTS=$2
rx_begin "$1" "$2"
rx_with_telemetry
"$RX" "${EAL[@]}" -l 0-1 --vdev net_labyrinth0,rate=5 --vdev net_null0 -- --hold-us 100 \
	--page-ages --stats-period 0.5 --json "$WORK/soak.json" --json-lines /dev/null \
	--csv /dev/null --top >"$WORK/soak.out" 2>"$WORK/soak.err" </dev/null &
RX_PID=$!
until grep -q '^LCORE' "$WORK/soak.out"; do
	kill -0 "$RX_PID" || { rx_tell soak; rx_fail "it does not start"; }
	sleep 0.1
done
soak "${3:-600}"
rx_stop INT
rx_expect_code soak 0
rx_expect_sound soak
echo "soak: delivered $(jq .ledger.delivered "$WORK/soak.json"), lost" \
	"$(jq '[.ledger.drops[]] | add' "$WORK/soak.json")"
