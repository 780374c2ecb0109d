#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The prompt of labyrinth-rx: typed at a terminal, from standard input, from a file; what a
# script comes to (commands); and lines of every kind, none of which may harm it (fuzz).
# Arguments: the program, the scripts folder, commands or fuzz.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# On one CPU who waits and who polls take turns.
TWO=(-l 0-1)
(($(nproc) > 1)) || TWO=(--lcores '(0-1)@0')
LINES_TYPED=1500

# script NAME CODE ARGS...: commands from standard input, what they say in NAME.out.
script() {
	local name=$1 code=$2
	shift 2
	RX_CODE=0
	timeout -k 5 120 "$RX" "${EAL[@]}" "${TWO[@]}" --vdev net_null0 --vdev net_null1 -- \
		--pages 8192 --json "$WORK/$name.json" "$@" \
		>"$WORK/$name.out" 2>"$WORK/$name.err" || RX_CODE=$?
	rx_expect_code "$name" "$code"
	rx_expect "$name" '.ledger.balanced and .pool.leaked == 0'
}

says() {
	grep -qE -- "$2" "$WORK/$1.out" && return
	rx_tell "$1"
	rx_fail "$1: does not say: $2"
}

test_session() {
	script session 0 --interactive <<-EOF
		help
		set fwd macswap
		set burst 64
		start
		wait 200
		show ledger
		show runtime
		show errors
		show port stats all
		stop
		clear all
		show port stats 0
		set fwd txonly
		start
		wait 200
		stop
		port stop 0
		port start all
		show port info 0
		show port xstats 1
		show pool
		show owners
		show queues
		show latency
		show fwd
		quit
		this is never read
	EOF
	rx_expect session '.forward.mode == "txonly" and .forward.made > 0'
	rx_expect session '.forward.sent > .forward.made and .ledger.delivered > 0'
	# each mode has sent its own
	rx_expect session '.figures.run.tx_packets | .macswap > 0 and .txonly > 0 and .io == 0'
	rx_expect session '([.figures.run.tx_packets[] | numbers] | add) == .forward.sent'
	rx_expect session '([.figures.run.tx_bytes[] | numbers] | add) == 64 * .forward.sent'
	says session '^lcore 1 polls port 0 queue 0 -> port 1 queue 0, port 1'
	says session 'unaccounted .* on their way'
	says session 'lcore 1 +busy +[0-9.]+ %'
	says session 'unknown  rx_nombuf'
	says session 'NIC statistics for port 1'
	says session '^  RX-packets: 0 +RX-missed: 0'
	says session 'state +started, link up'
	says session 'mode txonly, burst 64, stopped'
	echo "ok: a session: modes, ports and figures change while it runs"
}

test_scripts() {
	printf 'wait 200\nshow fwd\n' >"$WORK/commands"
	script file 0 --cmdline-file "$WORK/commands" --auto-start --forward-mode io </dev/null
	rx_expect file '.forward.sent > 0'
	says file 'mode io, burst 32, forwarding'
	# the end of the input is the end, with or without a last newline
	printf 'start\nwait 100' | script ends 0 --interactive
	rx_expect ends '.ledger.delivered > 0'
	# packets end the run, not the program
	printf 'start\nwait 60000\nstart\nwait 60000\nquit\n' |
		script limit 0 --interactive --packets 10000
	rx_expect limit '.ledger.delivered >= 20000'
	echo "ok: scripts from files and pipes"
}

test_wrong() {
	local line
	while IFS= read -r line; do
		printf 'set burst 16\n%s\nset burst 17\nshow fwd\n' "$line" |
			script wrong 2 --interactive
		grep -q '^labyrinth-rx: standard input, line 2: ' "$WORK/wrong.err" ||
			rx_fail "'$line': $(<"$WORK/wrong.err")"
	done <<-EOF
		no such command
		set fwd teleport
		set burst 0
		set policy 0 drop
		set policy all hope
		stop
		show port stats 7
		start tx_first
		wait 999999999
	EOF
	printf 'start\nset fwd io\n' | script busy 2 --interactive
	grep -q 'stop first' "$WORK/busy.err" || rx_fail "set fwd while lcores poll"
	printf 'port stop 1\nstart\n' | script down 2 --interactive
	printf '%100000s\n' x >"$WORK/long-line"
	script long 2 --interactive <"$WORK/long-line"
	script none 3 --cmdline-file "$WORK/no-such-file" </dev/null
	local two=("${TWO[@]}")
	TWO=(-l 0)
	script alone 2 --interactive </dev/null
	TWO=("${two[@]}")
	echo "ok: a wrong command ends a script with its line, and the ledger balances"
}

# terminal WHAT...: typed.
terminal() {
	"$HERE/prompt_pty.py" "$@" "$RX" "${EAL[@]}" "${TWO[@]}" --vdev net_null0 -- \
		--interactive --pages 8192 >"$WORK/pty.out" 2>&1 ||
		rx_fail "$1: exit code $?: $(tail -c 3000 "$WORK/pty.out")"
}

rx_begin "$1" "$2"
if [[ $3 == commands ]]; then
	test_session
	test_scripts
	test_wrong
	terminal keys
	echo "ok: completion and history"
	exit
fi
SEED=${SEED:-$RANDOM}
echo "fuzz: SEED=$SEED, $LINES_TYPED lines"
terminal fuzz "$LINES_TYPED" "$SEED"
echo "ok: none of $LINES_TYPED lines did harm"
