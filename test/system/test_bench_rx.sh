#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-bench rx: the figures of a run belong together, whatever they are; a pool that
# limits does limit; interrupted and killed runs leave what they had; bad options are
# refused. No figure is judged: on a busy machine they are what they are.
# shellcheck disable=SC2016 # the dollars are those of jq
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

# Trials are sound: nothing is lost without a reason, offered is what was to be sent.
SOUND='def near($x; $y): ($x - $y) | fabs <= 1e-6 * ([$x, $y, 1e-9] | max);
def sound: .offered == .delivered + ([.drops[]] | add // 0)
	and near(.loss_ratio; 1 - .delivered / .offered)
	and near(.forwarding_rate; .load * (1 - .loss_ratio))
	and ((.offered - .load * .duration) | fabs) <= 1;'

# valid NAME...: reports are what scripts/results.schema.json says.
valid() {
	local files=("${@/#/$WORK/}")
	"$(dirname "${BASH_SOURCE[0]}")/validate.py" "$SCHEMA" "${files[@]/%/.json}" ||
		rx_fail "$*: not by the schema"
}

test_envelope() {
	rx_expect all '.schema == "labyrinth-bench/1" and .command == "rx"'
	rx_expect all '.passed == true and .message == ""'
	rx_expect all '.source.kind == "simulated wire" and .source.simulated == true'
	rx_expect all '.goals | map(.name) == ["ndr", "pdr"]'
	rx_expect all '.tests | map(.frame_size) == ["64", "imix"]'
	grep -q 'SIMULATED WIRE' "$WORK/all.out" || rx_fail "the text does not say simulated"
	grep -q 'the ledger balances' "$WORK/all.out" || rx_fail "no ledger in the text"
}

test_trials() {
	rx_expect all "$SOUND"' [.tests[].trials[] | sound] | length >= 4 and all'
	rx_expect all "$SOUND"' [.tests[].result.frame_loss[] | sound] | length >= 4 and all'
	rx_expect all '[.tests[].ledger | .balanced and .in_flight == 0] | all'
	rx_expect all '[.tests[] | .ledger.offered >= ([.trials[].offered] | add)] | all'
}

# RFC 9971: bounds lie on loads that were tried, the right way round, and no further apart
# than the width; no more comes through than was sent.
test_goals() {
	local goal
	for goal in ndr pdr; do
		rx_expect all "[.tests[] | (.line_rate.rate.value * (1 + 1e-9)) as \$line
			| .result.$goal | .estimate == false
			and ((.lower // empty | .rate.value) <= \$line)
			and ((.upper // empty | .rate.value) <= \$line)] | all"
		rx_expect all "[.tests[] | [.trials[].load] as \$loads | .result.$goal
			| .relevant_lower_bound, .relevant_upper_bound
			| select(. != null) | .rate.value as \$v | \$loads | index(\$v) != null]
			| length > 1 and all"
		rx_expect all ".goals[0].relative_width as \$w | [.tests[].result.$goal
			| select(.regular) | .relevant_lower_bound.rate.value as \$l
			| .relevant_upper_bound.rate.value as \$u
			| \$l < \$u and (\$u - \$l) / \$u <= \$w * 1.001
			and .conditional_throughput.rate.value <= \$l * 1.000001
			and .lower == .conditional_throughput] | all"
	done
	rx_expect all '[.tests[].result.ndr | select(.lower != null)
		| .lower.rate.value == .relevant_lower_bound.rate.value] | all'
}

test_others() {
	rx_expect all '[.tests[] | .line_rate.rate.value as $line | .result.receive_rate.rate
		| .unit == "pps" and (.values | length) == 5 and .avg <= $line * 1.000001
		and .min <= .avg and .avg <= .max] | all'
	rx_expect all '[.tests[].result.frame_loss | map(.load) | . == (sort | reverse)] | all'
	rx_expect all '[.tests[] | .result.back_to_back
		| .unlimited or (.frames.values | length) == 5
		and .corrected_buffer_time_us <= .implied_buffer_time_us
		and .pool_time_us > .ring_time_us] | all'
	rx_expect all '[.tests[].result | select(.pdr.lower != null) | .latency_forward
		| keys == ["pdr_10", "pdr_50", "pdr_90"]] | all'
	rx_expect all '[.tests[].result.latency_forward // {} | .[] | select(.samples > 0)
		| .min <= .p50 and .p50 <= .p90 and .p90 <= .p99 and .p99 <= .p99_9
		and .p99_9 <= .max] | all'
}

# Each policy; what is counted never goes back, and what a policy does not do is not there.
test_timelines() {
	rx_expect all '[.tests[].result.timeline | map(.policy) == ["drop", "stall", "wait"]] | all'
	rx_expect all '[.tests[].result.timeline[] | .us | length > 0 and . == sort] | all'
	rx_expect all '[.tests[].result.timeline[] | .us as $us | .offered, .delivered, .drops[]
		| length == ($us | length) and . == sort] | all'
	rx_expect all '[.tests[].result.timeline[] | select(.policy != "drop")
		| .drops | has("drop_no_page") | not] | all'
}

# An application that keeps each page for 2 ms cannot have more frames than the pool turns
# over in that time, however long the machine lets the wire run.
test_hold() {
	local policy
	for policy in drop stall; do
		rx_run "$policy" -l 0 -- rx --sizes 64 --measure mrr --rate 10 --hold-us 2000 \
			--pages 2048 --policy "$policy"
		rx_expect_code "$policy" 0
		rx_expect "$policy" '.tests[0] | .ledger.balanced and .ledger.drops.imissed >= 0'
	done
	rx_expect drop '.tests[0].ledger.drops.drop_no_page > 0'
	rx_expect stall '.tests[0].ledger.drops.drop_no_page == 0'
	# 6 trials of 0.1 s at most, of which the wire sends all: 50 turns and the ring, each
	rx_expect drop '.tests[0].ledger.delivered <= 6 * (2048 * 51 + 1024)'
	rx_expect stall '.tests[0].ledger.delivered <= 6 * (2048 * 51 + 1024)'
}

# begin NAME ARGS...: in the background, as RX_PID.
begin() {
	local name=$1
	shift
	"$RX" "${EAL[@]}" -l 0 -- rx "$@" --json "$WORK/$name.json" \
		>"$WORK/$name.out" 2>"$WORK/$name.err" </dev/null &
	RX_PID=$!
}

# until_there COMMAND...: it succeeds; the limit only ends a hang.
until_there() {
	local i
	for ((i = 0; i < 600; i++)); do
		! "$@" 2>/dev/null || return 0
		sleep 0.1
	done
	rx_fail "waited a minute for: $*"
}

test_interrupt() {
	begin int --goal csit --sizes 64,128
	until_there grep -q begins "$WORK/int.err"
	sleep 1
	rx_stop INT
	rx_expect_code int 1
	rx_expect int '.passed == false and .message == "interrupted"'
	rx_expect int '.tests | length == 1 and .[0].passed == false'
	rx_expect int "$SOUND"' [.tests[0].trials[] | sound] | all'
	rx_expect int '.tests[0].result.ndr.regular == false'
	rx_expect int '.tests[0].ledger.balanced'
	grep -q 'NOT COMPLETE: interrupted' "$WORK/int.out" || rx_fail "the text is silent"
}

test_kill() {
	begin kill --measure mrr
	until_there test -e "$WORK/kill.json"
	rx_stop KILL
	rx_expect kill '.passed == false and .message == "not finished"'
	rx_expect kill '.tests | length >= 1 and (.[0].result.receive_rate.rate.values | length) == 5'
}

test_stdout() {
	RX_CODE=0
	"$RX" "${EAL[@]}" -l 0 -- rx --sizes 64 --measure mrr --json - \
		>"$WORK/pipe.json" 2>"$WORK/pipe.err" || RX_CODE=$?
	rx_expect_code pipe 0
	[[ $(jq -s length "$WORK/pipe.json") == 1 ]] || rx_fail "not one JSON document"
	grep -q 'SIMULATED WIRE' "$WORK/pipe.err" || rx_fail "the text is gone"
}

# Other pools, frames of several pages, and a card of its own thread.
test_variants() {
	rx_run mempool -l 0 -- rx --sizes 64,9018 --measure mrr --pool ring_mp_mc
	rx_expect_code mempool 0
	rx_expect mempool '.pool.ops == "ring_mp_mc" and ([.tests[].ledger.balanced] | all)'
	rx_run jumbo -l 0 -- rx --sizes 9018,16384 --measure mrr --policy wait
	rx_expect_code jumbo 0
	rx_expect jumbo '[.tests[].ledger | .balanced and .delivered > 0] | all'
	(($(nproc) > 1)) || return 0
	rx_run thread -l 0,1 -- rx --sizes 64 --measure mrr --mode thread --rate 5
	rx_expect_code thread 0
	rx_expect thread '.source.mode == "thread" and .tests[0].ledger.balanced'
}

# refused CODE ARGS...: with one line that says why.
refused() {
	local code=$1
	shift
	RX_CODE=0
	"$RX" "${EAL[@]}" --log-level lib.eal:error -l 0 -- rx "$@" \
		>"$WORK/bad.out" 2>"$WORK/bad.err" || RX_CODE=$?
	echo null >"$WORK/bad.json"
	rx_expect_code bad "$code"
	grep -q '^labyrinth-bench: ' "$WORK/bad.err" || rx_fail "$*: no line that says why"
}

test_bad_input() {
	refused 2 --goal fast
	refused 2 --sizes 63
	refused 2 --sizes 64,,128
	refused 2 --measure all
	refused 2 --measure mrr,
	refused 2 --measure latency,mrr
	refused 2 --rate 0
	refused 2 --rate nan
	refused 2 --rate 0.1 --sizes 16384
	refused 2 --policy block
	refused 2 --mode driven
	refused 2 --rxd 1000
	refused 2 --rxd 65536
	refused 2 --burst 0
	refused 2 --burst 257
	refused 2 --pages 1000
	refused 2 --pages -1
	refused 2 --hold-us 1000001
	refused 2 --pool no_such_ops
	refused 2 --pool ''
	refused 2 --json /nonexistent/file
	refused 2 --json
	refused 2 --quick
	refused 2 64
	refused 3 --mode thread
}

rx_begin "$1" "$2" 512
SCHEMA=$2/results.schema.json
rx_run all -l 0 -- rx --sizes 64,imix --rate 2
rx_expect_code all 0
test_envelope
test_trials
test_goals
test_others
test_timelines
test_hold
test_interrupt
test_kill
test_stdout
test_variants
valid all drop stall int kill pipe mempool jumbo
test_bad_input
