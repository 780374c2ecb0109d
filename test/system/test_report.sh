#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# scripts/report.sh: the page has all steps and needs nothing else, it says where rte_mempool
# is better, and a step that fails is seen. Arguments: the build folder, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# report CODE ARGUMENTS...
report() {
	local code=$1 got=0
	shift
	"$SCRIPTS/report.sh" "$@" >"$WORK/log" 2>&1 </dev/null || got=$?
	((got == code)) && return
	cat "$WORK/log" >&2
	rx_fail "report.sh $*: exit code $got, expected $code"
}

# page FILE TEXT...: it stands alone, and has each text.
page() {
	local file=$1 text
	shift
	"$HERE/check_page.py" "$file" || rx_fail "$file is not a page by itself"
	for text; do
		grep -qF -- "$text" "$file" || rx_fail "$file: no '$text'"
	done
}

test_all_steps() {
	report 0 --length check --build "$BUILD" --out "$WORK/all"
	page "$WORK/all/report.html" 'SIMULATED WIRE' 'labyrinth-bench --no-pci' \
		'--pool ring_mp_mc' 'from owner to owner' 'by rx queues' 'loop/512' '<td>cpu</td>'
	[[ ! -e $BUILD/drivers/net/labyrinth/librte_net_labyrinth.so ]] ||
		page "$WORK/all/report.html" 'scenario-100g.sh --sizes 64' 'recovery us'
}

# Figures that are known: twice as fast, and much slower.
test_who_is_better() {
	local out=$WORK/made
	mkdir -p "$out"
	"$HERE/make_results.py" pool "$out/pool.json"
	"$HERE/make_results.py" rx "$out/rx.json"
	"$HERE/make_results.py" rx "$out/rx-mempool.json" 0.5 mrr
	echo '7.00 7.00 7.00' >"$out/load.before"
	"$SCRIPTS/lib/page.py" "$out" --steps "pool rx" >"$out/page.html"
	page "$out/page.html" 'Not measured on this machine' 'Other work was running'
	[[ $(section "$out/page.html" 'Where rte_mempool is better') == *'<td>same_core/128</td>'* ]] ||
		rx_fail "rte_mempool is twice as fast, and the page does not say so"
	[[ $(section "$out/page.html" 'Where the page pool is better') == \
		*'<td>oversubscribed, threads as they come</td>'*'64 bytes, mrr'* ]] ||
		rx_fail "the page pool is not said to be better"
	[[ $(section "$out/page.html" 'Where the noise hides it') == *'64 bytes, ndr'* ]] ||
		rx_fail "equal figures are not said to be equal"
	[[ $(section "$out/page.html" 'Where one run each') == *'64 bytes, pdr_90_p99'* ]] ||
		rx_fail "a single run is judged"
}

# section FILE TITLE: from this heading to the next.
section() {
	sed -n "/<h3>$2/,/<h[23]>/{/<h3>$2/p;/<h[23]>/!p}" "$1" | tr -d '\n'
}

# A program that breaks an invariant, and one that is not there.
test_failure() {
	local program=$WORK/build/app/labyrinth-bench
	mkdir -p "$WORK/build/app"
	printf '#!/bin/sh\necho "a page is lost & gone" >&2\nexit 4\n' >"$program"
	chmod +x "$program"
	report 4 --build "$WORK/build" --steps rx --out "$WORK/broken"
	page "$WORK/broken/report.html" 'Ended with 4: a page is lost &amp; gone'
	report 3 --build "$WORK/none"
	report 2 --length long
	report 2 --steps 'rx nonsense'
	report 2 --out
	report 2 pool
}

rx_begin "$1" "$2" 512
BUILD=$1
SCRIPTS=$2
test_all_steps
test_who_is_better
test_failure
