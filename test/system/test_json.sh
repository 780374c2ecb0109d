#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The report labyrinth-rx/1: every key is there, of its type, as the schema says, and the
# numbers that belong together fit.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

# keys TYPE PATH...: each path leads to a value of the type.
keys() {
	local type=$1 path
	shift
	for path in "$@"; do
		rx_expect json "$path | type == \"$type\""
	done
}

test_types() {
	keys string .schema .source.kind .pool.ops .pool.backing '.ports[0].driver'
	keys number .duration_s .ledger.offered .ledger.delivered .ledger.in_flight \
		.pool.pages .pool.page_size .pool.free .pool.alloc_fail .pool.low_water \
		.pool.leaked .rate.pps .rate.l1_bps .rate.l2_bps .rate.cycles_per_packet \
		'.ports[].port' '.ports[].rx_packets' '.ports[].rx_bytes' '.ports[].imissed' \
		'.ports[].rx_errors'
	# net_null counts no failed allocations, which is not the same as none.
	keys string '.ports[].rx_nombuf'
	rx_expect json '.ports[].rx_nombuf == "unknown"'
	rx_expect json '.ledger.unknown == ["rx_nombuf"]'
	keys boolean .ledger.balanced
	keys object .source .ledger .ledger.drops .absorb .pool .rate
	keys null .sequence .latency_us
	keys array .ports
}

test_numbers() {
	rx_expect json '[.ports[].port] == [0, 1]'
	rx_expect json '.pool.pages == 8192 and .pool.page_size == 4096'
	rx_expect json '.pool.free <= .pool.pages and .pool.low_water <= .pool.free'
	rx_expect json '[.ledger.drops[] | type == "number" and . >= 0] | all'
	rx_expect json '.ledger.drops | length > 0'
	# 60 bytes and 4 of FCS, 20 of preamble and gap: the ratio of L1 to L2 is fixed.
	rx_expect json '(.rate.l1_bps / .rate.l2_bps - 84 / 60) | fabs < 0.001'
	rx_expect json '(.rate.pps * 60 * 8 / .rate.l2_bps - 1) | fabs < 0.001'
	rx_expect json '(.rate.pps * .duration_s / .ledger.delivered - 1) | fabs < 0.01'
}

# The whole file is one document, not text with JSON in it.
test_whole_file() {
	[[ $(jq -s length "$WORK/json.json") == 1 ]] || rx_fail "not one JSON document"
}

# broken CHANGE...: a report changed by a jq filter is none any more, by the schema.
broken() {
	local change
	for change in "$@"; do
		jq "$change" "$WORK/json.json" >"$WORK/broken.json"
		python3 "$HERE/validate.py" --none "$SCHEMA" "$WORK/broken.json" ||
			rx_fail "the schema takes a report after: $change"
	done
}

# The schema takes what the program writes, and nothing that lacks or adds a figure.
test_schema() {
	python3 "$HERE/validate.py" "$SCHEMA" "$WORK/json.json" ||
		rx_fail "the report is not of the schema"
	broken '.schema = "labyrinth-rx/2"' 'del(.ledger.drops)' '.ledger.delivered = -1' \
		'.ports[0].rx_nombuf = "none"' '.figures.queues[0].packets = "many"' \
		'del(.figures.lcores[0].idle_polls)' '.figures.pools[0].odd = 1' \
		'.figures.queues[0].burst_size.p50 = 0.5' 'del(.figures.owners)'
}

# --list-figures names what the report has, place by place, and needs no EAL. Rings are only
# there in a pipeline.
test_list() {
	rx_run pipe --lcores '(0-2)@0' --vdev net_null0 --vdev net_null1 -- --duration 0.2 \
		--pages 8192 --forward-mode pipeline
	rx_expect_code pipe 0
	python3 "$HERE/validate.py" "$SCHEMA" "$WORK/pipe.json" ||
		rx_fail "the report of a pipeline is not of the schema"
	"$RX" -- --list-figures >"$WORK/list"
	diff <(awk '{ print $1, $2 }' "$WORK/list" | sort) \
		<(jq -r '.figures | {run: [.run], port: .ports, queue: .queues, lcore: .lcores,
			ring: .rings, pool: .pools, owner: .owners} | to_entries[] | .key as $place |
			.value[0] | del(.name, .port, .queue, .lcore) | keys[] |
			"\($place) \(.)"' "$WORK/pipe.json" | sort) ||
		rx_fail "--list-figures (<) is not what the report has (>)"
}

HERE=$(dirname "${BASH_SOURCE[0]}")
rx_begin "$@"
SCHEMA=$2/rx.schema.json
# pcap counts bytes (net_null of 22.11 does not): 60 byte frames, over and over.
rx_run json -l 0 --vdev net_null0,size=60 --vdev net_null1,size=60 -- \
	--duration 2 --pages 8192
rx_expect_code json 0
rx_expect_sound json
test_whole_file
test_types
test_numbers
test_list
test_schema
