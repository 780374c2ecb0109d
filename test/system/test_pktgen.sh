#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What scripts/pktgen has for Pktgen-DPDK, as far as that can be tested without it: the
# command files are by its grammar, the Lua scripts find the rate that a made-up receiver
# takes, and run.sh composes the commands and refuses what cannot work.
# Arguments: labyrinth-rx, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=call.sh
. "$(dirname "${BASH_SOURCE[0]}")/call.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# complaint LINE TEXT: a file of this line is refused so.
complaint() {
	echo "$1" >"$WORK/bad.pkt"
	call 1 "$DIR/lint.py" "$WORK/bad.pkt"
	says "$2"
}

test_command_files() {
	call 0 "$DIR/lint.py" "$DIR"/*.pkt
	complaint 'set 0 size 63' "'63' where SIZE should be"
	complaint 'set 0 rate 101' "'101' where RATE should be"
	complaint 'set 0 speed 5' 'should be'
	complaint 'set 0 dst mac 02:00:00' 'where MAC should be'
	complaint 'set 0 src ip 198.18.0.1' 'where NET should be'
	complaint 'set 0 size' 'SIZE is missing'
	complaint 'set 0 size 64 64' 'too many words'
	complaint 'range 0 src ip from 198.18.0.1' 'where SMMI should be'
	complaint 'send 0' 'no such command'
	complaint 'set 0 seq_cnt 3' 'the sequence has []'
	# 7:4:1
	[[ $(sed -n 's/^sequence.* size //p' "$DIR/imix.pkt" | sort -n | uniq -c | xargs) == \
		'7 64 4 570 1 1518' ]] || rx_fail "imix.pkt is not IMIX"
}

# lua SCRIPT LIMIT_64 LIMIT_OTHERS: on the made-up port.
lua() {
	call 0 env LABYRINTH_SENT="$WORK/sent" LABYRINTH_RESULT="$WORK/result" \
		LABYRINTH_RECEIVED="cat $WORK/count" LABYRINTH_SECONDS=10 \
		LABYRINTH_SIZES=64,1518 lua5.3 "$HERE/fake_pktgen.lua" "$DIR/$1" "$2" "$3" "$WORK/count"
}

test_lua() {
	call 0 luac5.3 -p "$DIR"/*.lua
	lua send.lua 1000000 1000000
	[[ $(<"$WORK/sent") == 10000000 ]] || rx_fail "send.lua counts $(<"$WORK/sent")"
	# 64 bytes: 300,500 of 1,000,000 a second are taken; 1518: all
	lua rfc2544.lua 300500 1000000
	jq -Rrs 'split("\n") | map(split("\t")) | .[1:3]
		| .[0][0] == "64" and (.[0][1] | tonumber | . <= 30.05 and . > 29)
		and .[0][2] == .[0][3]
		and .[1] == ["1518", "100.00", "10000000", "10000000", "0.000000"]' \
		"$WORK/result" | grep -qx true || { cat "$WORK/result" >&2; rx_fail "rfc2544.lua errs"; }
	# nothing comes through
	lua rfc2544.lua 0 0
	grep -qx $'64\tnone\t-\t-\t-' "$WORK/result" || rx_fail "rfc2544.lua finds what is not there"
}

test_run() {
	local profile
	for profile in 64b imix range rfc2544; do
		call 0 "$DIR/run.sh" --dry-run --profile "$profile" --lcores 0,2-3
		says '-m 3.0 -f'
		says "$profile."
	done
	: >"$WORK/frames.pcap"
	call 0 "$DIR/run.sh" --dry-run --profile pcap --pcap "$WORK/frames.pcap"
	says "-s 0:$WORK/frames.pcap"
	call 2 "$DIR/run.sh" --dry-run --profile pcap
	call 2 "$DIR/run.sh" --profile 65b
	call 2 "$DIR/run.sh" --seconds 0
	call 2 "$DIR/run.sh" --nonsense
	call 3 env PKTGEN= "$DIR/run.sh"
	says 'export PKTGEN='
	call 3 env PKTGEN="$WORK/none" "$DIR/run.sh"
	says 'is no program'
}

for program in lua5.3 luac5.3; do
	command -v "$program" >/dev/null || rx_fail "no $program: run scripts/install.sh"
done
rx_begin "$1" "$2"
DIR=$2/pktgen
test_command_files
test_lua
test_run
