#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-bench rx-loop: its figures and ratios fit together, it says that its wire is
# simulated, and what it cannot do it refuses. How large the figures are is not asked.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

# A median of a series in NAME.json, as a jq expression.
median() {
	echo "([.results[], .calibration[]] | map(select((.case // .name | startswith(\"$1\"))" \
		"and (.impl // .name | endswith(\"$2\")))) | .[0].median)"
}

test_loop() {
	rx_run loop -l 0 -- rx-loop --quick --case loop
	rx_expect_code loop 0
	rx_expect loop '.schema == "labyrinth-bench/1" and .command == "rx-loop"'
	rx_expect loop '.config.simulated == true and .config.source == "simulated wire"'
	rx_expect loop '[.results[] | select(.case | startswith("loop/"))] | length == 9'
	rx_expect loop '[.results[], .calibration[]] | all(.values | length == 5)'
	rx_expect loop '[.results[], .calibration[]] | all(.median > 0 and .min <= .median)'
	rx_expect loop "(.ratios_beside.coloured_512 * $(median loop/512 uncoloured) /
		$(median loop/512 labyrinth) - 1) | fabs < 0.001"
	# the headline is the worst of the rings
	rx_expect loop '.ratios.coloured == ([.ratios_beside | .coloured_512, .coloured_1024,
		.coloured_2048] | min)'
	# what was not measured has no value
	rx_expect loop '.ratios.headroom == null'
	grep -q '^Simulated wire and card' "$WORK/loop.out" ||
		rx_fail "loop: the text does not say that the wire is simulated"
}

test_line_rate() {
	rx_run line -l 0 -- rx-loop --quick --case line_rate
	rx_expect_code line 0
	# 2 s at 148.8 Mpps, delivered or missed; the clock is the kernel's to give
	rx_expect line '[.results[] | select(.impl == "delivered" or .impl == "missed").median]
		| add >= 290000000'
	rx_expect line '.ratios_beside.zero_loss > 0 and .ratios_beside.zero_loss <= 1'
}

test_refusals() {
	rx_run impl -l 0 -- rx-loop --impl labyrinth
	rx_expect_code impl 2
	grep -q 'one implementation' "$WORK/impl.err" || rx_fail "impl: no reason given"
	rx_run case -l 0 -- rx-loop --case nonsense
	rx_expect_code case 2
	grep -q 'loop headroom line_rate sizes' "$WORK/case.err" ||
		rx_fail "case: it does not say which there are"
}

rx_begin "$1" "$2" 64
test_loop
test_line_rate
test_refusals
