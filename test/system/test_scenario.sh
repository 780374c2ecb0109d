#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# scripts/scenario-100g.sh: a row for each size, policy and pool, whose shares add up, a
# plot in two forms, and bad usage. Arguments: the scripts folder, labyrinth-rx.
set -euo pipefail

SCENARIO=$1/scenario-100g.sh
export RX=$2
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

fail() {
	echo "FAIL: $*" >&2
	tail -n 30 "$WORK/log" >&2
	exit 1
}

# call CODE ARGS...
call() {
	local code=$1 got=0
	shift
	"$SCENARIO" "$@" >"$WORK/log" 2>&1 </dev/null || got=$?
	((got == code)) || fail "$*: exit code $got, expected $code"
}

test_usage() {
	call 2 --no-such-option
	call 2 --sizes
	call 0 --help
	call 2 --out "$WORK" --sizes 64 --policies hope --pools 4096
	call 3 --out "$WORK" --sizes 63 --policies drop --pools 4096
}

test_table() {
	call 0 --out "$WORK/out" --sizes "64 imix" --policies "drop stall" --pools "2048 4096" \
		--rate 20 --seconds 0.1 --hold-us 500
	grep -q 'SIMULATED WIRE' "$WORK/log" || fail "does not say that the wire is simulated"
	awk -F '\t' '
		NR == 1 { next }
		NF != 15 { print "not 15 columns: " $0; bad = 1 }
		{ sum = $5 + $6 + $7 + $8 }
		sum < 99.9 || sum > 100.1 { print "shares add up to " sum ": " $0; bad = 1 }
		$2 == "stall" && $6 != 0 { print "stall dropped: " $0; bad = 1 }
		$12 < 500 { print "kept for less than 500 us: " $0; bad = 1 }
		END { if (NR != 9) { print NR - 1 " rows, not 8"; bad = 1 } exit bad }
	' "$WORK/out/table.tsv" || fail "the table is not right"
	echo "ok: $(($(wc -l <"$WORK/out/table.tsv") - 1)) rows"
}

test_plot() {
	if ! command -v gnuplot >/dev/null; then
		echo "left out: no gnuplot"
		return
	fi
	grep -q '^<svg' "$WORK/out/scenario-100g.svg" || fail "no SVG"
	[[ $(head -c 4 "$WORK/out/scenario-100g.png" | tail -c 3) == PNG ]] || fail "no PNG"
	grep -q 'SIMULATED WIRE' "$WORK/out/scenario-100g.svg" || fail "the plot says nothing of it"
	echo "ok: the plot"
}

test_usage
test_table
test_plot
