#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The static probes: they stand in the program's ELF notes, and what the bpftrace scripts
# count by them is what the program counts itself, to the frame.
# Arguments: as rx.sh, test_census, and whether there is a simulated card to lose frames.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

# notes PROGRAM PROBE...: the program has these probes.
notes() {
	local program=$1 probe
	shift
	readelf -n "$program" >"$WORK/notes"
	for probe in "$@"; do
		grep -A 1 'Provider: labyrinth$' "$WORK/notes" | grep -q "Name: $probe$" ||
			rx_fail "$program has no probe $probe"
	done
}

# trace NAME SCRIPT PROGRAM COMMAND...: run the command while the script watches a copy of
# the program, which nobody else runs. What the script says is in NAME.trace.
trace() {
	local name=$1 script=$2 tries=300
	shift 2
	: >"$WORK/$name.trace"
	bpftrace "$SCRIPTS/bpftrace/$script" "$1" >"$WORK/$name.trace" 2>"$WORK/$name.errors" &
	TRACER=$!
	shift
	# Printed when all probes are in place.
	until grep -q 'Ctrl-C ends' "$WORK/$name.trace"; do
		if ! kill -0 "$TRACER" 2>/dev/null || ((tries-- == 0)); then
			cat "$WORK/$name.trace" "$WORK/$name.errors" >&2
			rx_fail "$name: bpftrace does not begin"
		fi
		sleep 0.1
	done
	"$@"
	# Again and again: it heeds the signal from some time after its first word on.
	while jobs -rp | grep -qx "$TRACER"; do
		kill -INT "$TRACER" 2>/dev/null || true
		sleep 0.1
	done
	wait "$TRACER" || true
	TRACER=
}

# counted NAME MAP: the number that the script has in a map at the end.
counted() {
	sed -n "s/^@$2: //p" "$WORK/$1.trace" | tail -n 1
}

same() {
	[[ ${2:-0} == "$3" ]] || {
		cat "$WORK/$1.trace" >&2
		rx_fail "$1: bpftrace has ${2:-nothing}, the program $3"
	}
	echo "$1: $3 by both"
}

# Reasons are counted by number: the names of the script are those of the library.
names() {
	diff <(sed -nE 's/^\t@name\[([0-9]+)\] = "(\w+)";/\1 \2/p' "$SCRIPTS/bpftrace/drops.bt") \
		<(sed -nE 's/^\tX\(\w+, "(\w+)".*/\1/p' "$SCRIPTS/../lib/rx/labyrinth_reasons.h" |
			awk '{ print NR - 1, $0 }' | head -n "$(grep -c '@name\[[0-9]*\] =' \
				"$SCRIPTS/bpftrace/drops.bt")") ||
		rx_fail "reasons of drops.bt (<) are not those of labyrinth_reasons.h (>)"
}

drops() {
	local reason
	trace drops drops.bt "$RX" rx_run drops -l 0 --vdev net_labyrinth0 -- \
		--packets 500000 --duration 60
	rx_expect_code drops 0
	rx_expect_sound drops
	for reason in imissed stopped; do
		same drops "$(counted drops "lost\[$reason\]")" \
			"$(jq ".ledger.drops.$reason" "$WORK/drops.json")"
	done
	rx_expect drops '.ledger.drops.imissed > 0'
}

# More frames are kept than there are pages.
watermarks() {
	trace dry pool.bt "$RX" rx_run dry -l 0 --vdev net_labyrinth0 -- \
		--hold-packets 100000 --pages 1024 --duration 1
	rx_expect_code dry 0
	same dry "$(counted dry 'falls\[labyrinth-rx, low\]')" \
		"$(jq '.figures.pools[0].falls.low' "$WORK/dry.json")"
	rx_expect dry '.figures.pools[0].falls.low > 0 and .figures.pools[0].below.low > 0'
}

# The test of that name has one page refused, a foreign one.
refusals() {
	trace refused pool.bt "$CENSUS" "$CENSUS" >"$WORK/census.out" 2>&1
	same refused "$(counted refused 'refused\[test, foreign_free\]')" 1
	same refused "$(counted refused 'refused\[test, double_free\]')" 0
}

tracer_end() {
	[[ -z $TRACER ]] || kill -KILL "$TRACER" 2>/dev/null || true
}

TRACER=
SCRIPTS=$2
rx_begin "$1" "$2"
trap 'tracer_end; rx_end' EXIT
notes "$1" refuse watermark
(($# < 4)) || notes "$1" drop # the simulated card's
names
bpftrace -e 'BEGIN { exit(); }' >/dev/null 2>&1 ||
	rx_skip "the probes are there; this kernel or user has no bpftrace to count by them"
RX=$WORK/labyrinth-rx
CENSUS=$WORK/test_census
cp "$1" "$RX"
cp "$3" "$CENSUS"
refusals
if (($# > 3)); then
	drops
	watermarks
fi
