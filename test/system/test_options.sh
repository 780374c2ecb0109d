#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The options of labyrinth-rx: code, --help and manual page tell the same; a command line of
# testpmd works; what is missing is named. (What each comes to: test_each_option.sh.)
# Arguments: the program, the scripts folder, the manual page, the sources, whether the
# simulated card was built (yes).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

# What the table in the code names. Its macros all have the name first.
in_code() {
	grep -oE '^[[:space:]]+(FLAG|COUNT|MASK|SECONDS|TEXT|OWN|NAMED|LETTER)\((.., |'"'.', )?"'"[a-z-]+"' \
		"$SOURCES/app/rx/option_table.c" | grep -oE '"[a-z-]+"' | tr -d '"' | sort
}

in_help() {
	grep -oE '^  (-., )?--[a-z-]+' "$WORK/help" | sed 's/.*--//' | sort
}

in_page() {
	sed 's/\\-/-/g' "$PAGE" | grep -oE '^\\fB(-.\\fR, \\fB)?--[a-z-]+|\\fB--[a-z-]+' |
		sed 's/.*--//' | sort -u
}

test_same() {
	"$RX" --help >"$WORK/help"
	in_code >"$WORK/code.list"
	in_help >"$WORK/help.list"
	in_page >"$WORK/page.list"
	(($(wc -l <"$WORK/code.list") > 40)) || rx_fail "the table was not read"
	diff "$WORK/code.list" "$WORK/help.list" || rx_fail "--help and code differ"
	diff "$WORK/code.list" "$WORK/page.list" || rx_fail "manual page and code differ"
	(($(awk '{ if (length > n) n = length } END { print n }' "$WORK/help") <= 80)) ||
		rx_fail "--help is wider than a terminal"
	if command -v man >/dev/null; then
		MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$PAGE" 2>"$WORK/troff" >/dev/null
		[[ ! -s $WORK/troff ]] || rx_fail "manual page: $(head -3 "$WORK/troff")"
	fi
	echo "ok: $(wc -l <"$WORK/code.list") options, the same in code, --help and manual page"
}

# sound NAME ARGS...: one net_null port and the two lcores.
sound() {
	local name=$1
	shift
	rx_run "$name" -l 0 --vdev net_null0 --vdev net_null1 -- --duration 0.5 "$@"
	rx_expect_code "$name" 0
	rx_expect "$name" '.ledger.balanced and .pool.leaked == 0'
}

# As one finds them in guides to testpmd.
test_of_testpmd() {
	sound guide --forward-mode=macswap --rxq=2 --txq=2 --rxd=512 --txd=512 --burst=64 \
		--nb-cores=1 --total-num-mbufs=16384 --mbcache=250 --stats-period=1 \
		--record-core-cycles --record-burst-stats --auto-start --port-topology=paired \
		--portmask=0x3 --no-mlockall --numa --socket-num=0 --enable-scatter \
		--max-pkt-len=1518 --display-xstats=rx_good_packets,tx_good_packets
	rx_expect guide '.forward.mode == "macswap" and .forward.sent > 0'
	rx_expect guide '.ledger.delivered == .forward.sent'
	grep -q '^--record-core-cycles has no effect: ' "$WORK/guide.err" ||
		rx_fail "what has no effect is not said"
	grep -qE '^  rx_good_packets +[0-9]' "$WORK/guide.out" || rx_fail "no xstats"
	! grep -q 'rx_missed_errors' "$WORK/guide.out" || rx_fail "xstats that nobody named"
	rx_run refused -l 0 --vdev net_null0 -- --duration 1 --flow-isolate-all
	rx_expect_code refused 2
	grep -q -- '--flow-isolate-all: testpmd has this option' "$WORK/refused.err" ||
		rx_fail "a missing option is not named"
	echo "ok: a command line of testpmd works"
}

test_others() {
	sound other --disable-rss --rxq 2 --pool ring_mp_mc --mbcache 0 --pages 8192
	sound cache --dpdk-cache 250 --forward-mode io
	grep -q "does not see double frees" "$WORK/cache.err" || rx_fail "--dpdk-cache is silent"
	sound screen --top # not at a terminal: plain lines
	rx_run list -l 0 -- --list-figures
	grep -q '^port  rx_packets' "$WORK/list.out" || rx_fail "--list-figures"
	# Rows of a snapshot have the figures of their place side by side.
	awk '/^[a-z]/ { if ($1 != last && seen[$1]++) exit 1; last = $1 }' "$WORK/list.out" ||
		rx_fail "--list-figures: the figures of a place are not together"
	rx_run page -l 0 -- --help-man
	cmp -s "$WORK/page.out" "$PAGE" || rx_fail "--help-man is not the manual page"
	[[ $5 == yes ]] || return 0
	rx_run wire -l 0 --vdev net_labyrinth0,size=64 -- --duration 0.5 --pages 8192 \
		--policy stall --uncoloured --latency --verify --forward-mode 5tswap
	rx_expect_code wire 0
	rx_expect wire '.sequence.agrees and .latency_us.p50 > 0'
	echo "ok: the rest"
}

rx_begin "$1" "$2"
PAGE=$3
SOURCES=$4
test_same
test_of_testpmd
test_others "$@"
