#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Search all interleavings of a model with spin, and demand what is expected of it.
#
#   spin.sh MODEL SCENARIO EXPECTED [DEFINE...]
#
# MODEL is a .pml file; SCENARIO and each DEFINE are defined for it. EXPECTED is
#   safe       in no state an assertion fails or everybody is stuck
#   live       the same, and no run is endless
#   assertion  spin finds an assertion that fails
#   cycle      spin finds an endless run
# What is safe or live counts only if the search was complete and came to the end of the
# scenario. A variant that is broken on purpose must be caught by the error that it is
# about: not by another, nor by a model that does not compile. Exit code 0: as expected;
# 1: not (what spin found is shown step by step); 2: usage; 77: spin is missing.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/say.sh
. "$HERE/../../scripts/lib/say.sh"

(($# >= 3)) || die 2 "usage: spin.sh MODEL SCENARIO safe|live|assertion|cycle [DEFINE...]"
MODEL=$(realpath "$1")
SCENARIO=$2
EXPECTED=$3
DEFINES=("-DSCENARIO=$SCENARIO")
for define in "${@:4}"; do DEFINES+=("-D$define"); done

# Most memory of a search, in MiB, and most steps of a run.
MEMORY=2000
DEPTH=100000

command -v spin >/dev/null || { echo "no spin: scripts/install.sh brings it"; exit 77; }

# Compiling takes longer than most searches: without optimization, and clang is quicker.
COMPILER=$(command -v clang || command -v gcc || command -v cc) ||
	die 3 "no C compiler: scripts/install.sh brings it"

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

generate() {
	spin "${DEFINES[@]}" -a "$MODEL" >spin.log 2>&1 || fail "spin does not take the model" spin.log
}

# build -DSAFETY|-DNP: make the model a program that searches, ./pan
build() {
	"$COMPILER" -O0 -w "$1" -DCOLLAPSE "-DMEMLIM=$MEMORY" -o pan pan.c >cc.log 2>&1 ||
		fail "the model does not compile" cc.log
}

# search [-l]: run it; the verdict is in pan.log
search() {
	./pan "-m$DEPTH" "$@" >pan.log 2>&1 || fail "the search broke off" pan.log
	grep -q '^State-vector .* errors: [0-9]' pan.log || fail "no search" pan.log
	sed -n 's/^State-vector.*\(errors: .*\)/\1/p; s/^ *\([0-9]* states, stored\).*/\1/p' pan.log
}

# fail WHY [LOG]
fail() {
	warn "${MODEL##*/} ${DEFINES[*]}: $1"
	[[ -z ${2:-} ]] || tail -n 40 "$2" >&2
	exit 1
}

# Every step of the run that ends with the error.
show_trail() {
	spin "${DEFINES[@]}" -k "${MODEL##*/}.trail" -p -g "$MODEL" 2>&1 | tail -n 300 >&2 || true
}

# Nothing was found, and nothing left out.
demand_none() {
	if ! grep -q '^State-vector .* errors: 0$' pan.log; then
		show_trail
		fail "expected to be $EXPECTED, but: $(grep -m 1 '^pan:1:' pan.log)"
	fi
	if grep -qi 'not completed\|too small\|MEMLIM\|out of memory\|hash factor' pan.log; then
		fail "the search is not complete" pan.log
	fi
}

# The last statement of init, which says how it must end, was reached.
demand_end() {
	grep -A 1 '^unreached in init' pan.log | grep -q '(0 of ' ||
		fail "no run comes to its end" pan.log
}

# demand_error PATTERN
demand_error() {
	local found
	found=$(grep -m 1 '^pan:1:' pan.log) || fail "expected: $EXPECTED, found: nothing" pan.log
	[[ $found == *"$1"* ]] || fail "expected: $EXPECTED, found: $found"
	echo "caught: $found"
}

generate
case $EXPECTED in
safe | live)
	build -DSAFETY
	search
	demand_none
	demand_end
	[[ $EXPECTED == live ]] || exit 0
	build -DNP
	search -l
	demand_none
	;;
assertion)
	build -DSAFETY
	search
	demand_error "assertion violated"
	;;
cycle)
	build -DNP
	search -l
	demand_error "non-progress cycle"
	;;
*)
	die 2 "expected is safe, live, assertion or cycle, not $EXPECTED"
	;;
esac
