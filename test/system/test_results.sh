#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What is done with results: the schema takes those that are right and no others, csv has
# every figure, compare tells worse from noise, plot draws all there is. On results that
# the test makes up, so that it knows the figures; and the schema on those of the bench.
# Arguments: labyrinth-bench, the scripts folder.
# shellcheck disable=SC2016 # the dollars are those of jq
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=call.sh
. "$(dirname "${BASH_SOURCE[0]}")/call.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SCRIPTS=$2
SCHEMA=$SCRIPTS/results.schema.json

make() {
	"$HERE/make_results.py" "$@"
}

# ---- the schema ----

valid() {
	call 0 "$HERE/validate.py" "$SCHEMA" "$@"
}

# broken FILE EXPRESSION: what jq makes of it is to be refused.
BROKEN=()
broken() {
	local file=$WORK/broken-${#BROKEN[@]}.json
	jq "$2" "$1" >"$file"
	BROKEN+=("$file")
}

test_schema() {
	local rx=$WORK/rx.json pool=$WORK/pool.json
	valid "$rx" "$pool"
	broken "$rx" '.schema = "labyrinth-bench/2"'
	broken "$rx" '.command = "pool"'
	broken "$rx" '.version = "2.0.0"'
	broken "$rx" 'del(.machine.cpu)'
	broken "$rx" '.source.simulated = false'
	broken "$rx" '.tests[0].surprise = 1'
	broken "$rx" '.tests[0].result.ndr.lower.rate.value = -1'
	broken "$rx" '.tests[0].result.ndr.lower.rate.unit = "Mpps"'
	broken "$rx" 'del(.tests[0].result.ndr.relevant_lower_bound)'
	broken "$rx" '.tests[1].result.ndr.regular = true'
	broken "$rx" '.tests[0].trials[0].loss_ratio = 1.5'
	broken "$rx" '.tests[0].trials[0].drops.lost_somewhere = 1'
	broken "$rx" '.tests[0].trials[0].offered = 1.5'
	broken "$rx" '.message = "interrupted"'
	broken "$rx" '.passed = false'
	broken "$rx" '.tests[0].passed = false'
	broken "$pool" '.results[0].unit = null'
	broken "$pool" 'del(.results[0].impl)'
	broken "$pool" '.verdicts[0].extra = 1'
	call 0 "$HERE/validate.py" --none "$SCHEMA" "${BROKEN[@]}"
	jq '.passed = false | .message = "interrupted" | .tests[0].passed = false
		| .tests[0].result |= {type}' "$rx" >"$WORK/part.json"
	valid "$WORK/part.json"
}

# The reasons that the schema knows are those of the library.
test_reasons() {
	local header=$SCRIPTS/../lib/rx/labyrinth_reasons.h
	diff <(sed -n 's/^\tX([A-Z_]*, "\([a-z_]*\)",.*/\1/p' "$header" | sort) \
		<(jq -r '."$defs".drops.propertyNames.enum[]' "$SCHEMA" | sort) ||
		rx_fail "reasons differ: labyrinth_reasons.h (<), results.schema.json (>)"
}

# What the bench itself writes (all that rx can: test_bench_rx.sh).
test_bench() {
	call 0 "$RX" "${EAL[@]}" -l 0 -- rx --sizes imix --rate 1 --measure mrr,timeline \
		--json "$WORK/real.json"
	valid "$WORK/real.json"
	call 0 "$SCRIPTS/csv" "$WORK/real.json"
	says ',rx,simulated wire,imix,mrr,pps,'
	call 0 "$SCRIPTS/plot/plot" "$WORK/real.json" --out "$WORK/real"
	says throughput.png
	says drops.png
	(($(nproc) > 1)) || return 0
	call 0 "$RX" "${EAL[@]}" -l 0,1 -- pool --quick --case same_core --impl labyrinth \
		--json "$WORK/real_pool.json"
	valid "$WORK/real_pool.json"
}

# ---- csv ----

test_csv() {
	call 0 "$SCRIPTS/csv" "$WORK/rx.json" "$WORK/pool.json"
	cp "$WORK/log" "$WORK/all.csv"
	python3 - "$WORK/all.csv" <<-'END' || rx_fail "the CSV is not right"
		import csv, sys
		rows = list(csv.DictReader(open(sys.argv[1], newline="")))
		assert all(None not in row and None not in row.values() for row in rows)
		by = {(r["test"], r["figure"]): r for r in rows}
		assert len(by) == len(rows), "a figure is there twice"
		assert float(by["64", "ndr"]["value"]) == 90e6
		assert abs(float(by["64", "ndr"]["high"]) - 90e6 * 1.005) < 1
		assert by["64", "ndr"]["regular"] == "yes" and by["1518", "ndr"]["regular"] == "no"
		assert by["64", "mrr"]["runs"] == "5" and by["64", "mrr"]["unit"] == "pps"
		assert by["64", "pdr_50_p99"]["better"] == "less"
		assert by["imix", "buffer_corrected"]["unit"] == "us"
		assert ("1518", "buffer_corrected") not in by, "there was no limit"
		assert by["same_core/128", "labyrinth"]["source"] == "none"
		assert by["64", "ndr"]["source"] == "simulated wire"
		assert float(by["oversubscribed", "ring_mp_mc/non-eal"]["value"]) == 0.0004
		assert ("calibration", "empty loop") in by
	END
	call 2 "$SCRIPTS/csv"
	call 3 "$SCRIPTS/csv" "$WORK/none.json"
	call 2 "$SCRIPTS/csv" "$WORK/all.csv"
}

# ---- compare ----

# compare CODE SCALE NAME KIND ARGS...: made results against such with some scaled.
compare() {
	local code=$1 scale=$2 name=$3 kind=$4
	shift 4
	make "$kind" "$WORK/b.json" "$scale" "$name"
	call "$code" "$SCRIPTS/compare" "$@" "$WORK/$kind.json" "$WORK/b.json"
}

test_compare() {
	compare 0 1 '' pool
	says '0 of 7 worse'
	compare 1 0.9 'same_core/128 labyrinth' pool
	says '1 of 7 worse by more than 5 % and outside the noise: same_core/128 labyrinth'
	says '-10.0 %'
	# the bands are 2 % wide: 1 % is noise, 4 % is not but tolerated
	compare 0 0.99 'same_core/128 labyrinth' pool
	says 'within noise'
	compare 0 0.96 'same_core/128 labyrinth' pool
	does_not_say WORSE
	compare 1 0.96 'same_core/128 labyrinth' pool --tolerance 3
	compare 0 1.2 'same_core' pool
	says better
	# less is better of times
	compare 1 1.2 'worst labyrinth' pool
	compare 0 0.8 'worst labyrinth' pool
	# the machine's own figures are shown, not judged
	compare 0 2 'calibration' pool
	says '+100.0 %'
	compare 1 0.5 '' pool --only 'oversub.* lab'
	says '1 of 2 worse'
	compare 2 1 '' pool --only 'nothing like that'
}

test_compare_rx() {
	compare 0 1 '' rx
	says 'SIMULATED WIRE'
	says '* irregular'
	compare 1 0.9 '64 ndr' rx
	says 'outside the noise: 64 ndr'
	compare 0 0.999 '64 ndr' rx
	says 'within noise'
	compare 1 0.8 'imix mrr' rx
	says 'imix mrr'
}

# Several runs of each side make a band where one has none.
test_compare_runs() {
	local i
	for i in 1 2 3 4; do
		make rx "$WORK/a$i.json" "1.0$i" ndr
		jq ".tests[].result.latency_forward.pdr_90.p99 = 2.$i" "$WORK/a$i.json" >"$WORK/a.tmp"
		mv "$WORK/a.tmp" "$WORK/a$i.json"
		jq '.tests[].result.latency_forward.pdr_90.p99 *= 3' "$WORK/a$i.json" >"$WORK/b$i.json"
	done
	call 0 "$SCRIPTS/compare" --only p99 "$WORK/a1.json" "$WORK/b1.json"
	says 'one run'
	call 1 "$SCRIPTS/compare" --only p99 "$WORK"/a[1-4].json -- "$WORK"/b[1-4].json
	says '64 pdr_90_p99'
	# a search within the span of the others is none
	call 0 "$SCRIPTS/compare" --only '64 ndr' "$WORK"/a[1-4].json -- "$WORK/a2.json"
	says 'within noise'
}

test_compare_doubt() {
	jq '.machine.cpu = "another" | .config.policy = "stall" | .passed = false
		| .message = "interrupted" | del(.tests[1])' "$WORK/rx.json" >"$WORK/b.json"
	call 0 "$SCRIPTS/compare" "$WORK/rx.json" "$WORK/b.json"
	says 'note: cpu differs'
	says 'note: config differs'
	says 'note: B is not complete: interrupted'
	says 'only in A: 1518 ndr'
	call 2 "$SCRIPTS/compare" "$WORK/rx.json" "$WORK/pool.json"
	call 2 "$SCRIPTS/compare" "$WORK/rx.json"
	call 2 "$SCRIPTS/compare" "$WORK/rx.json" --
	call 2 "$SCRIPTS/compare" --tolerance -1 "$WORK/rx.json" "$WORK/rx.json"
	call 2 "$SCRIPTS/compare" --only '(' "$WORK/rx.json" "$WORK/rx.json"
	call 2 "$SCRIPTS/compare" "$WORK/rx.json" "$SCHEMA"
	call 3 "$SCRIPTS/compare" "$WORK/rx.json" "$WORK/none.json"
}

# ---- plot ----

# drawn FOLDER NAME TEXT...: as SVG, which has the texts, and as PNG; with its numbers.
drawn() {
	local folder=$1 name=$2 text
	shift 2
	[[ -s $folder/$name.tsv ]] || rx_fail "$name: no table"
	[[ $(head -c 4 "$folder/$name.png" | tail -c 3) == PNG ]] || rx_fail "$name: no PNG"
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' \
		"$folder/$name.svg" || rx_fail "$name: no SVG"
	for text; do
		grep -qF -- "$text" "$folder/$name.svg" || rx_fail "$name.svg: no '$text'"
	done
}

test_plot() {
	local out=$WORK/plots
	call 0 "$SCRIPTS/plot/plot" "$WORK/rx.json" "$WORK/pool.json" --out "$out"
	[[ $(wc -l <"$WORK/log") == 10 ]] || rx_fail "not five plots in two forms"
	drawn "$out" throughput 'SIMULATED WIRE' NDR 'PDR 0.5 %' MRR 'line rate' 1518 imix Gb/s
	drawn "$out" loss 'SIMULATED WIRE' 'load, % of line rate' none imix
	drawn "$out" latency 'SIMULATED WIRE' p99.9 '90 % of PDR'
	drawn "$out" drops 'SIMULATED WIRE' stall wait 'imix bytes'
	drawn "$out" pool 'no wire' same_core/128 ring_mp_mc/non-eal 0.0004 Mobj/s
	grep -q $'^64\t148.80' "$out/throughput.tsv" || rx_fail "line rate of 64 is missing"
	grep -qF "Test's" "$out/pool.svg" || rx_fail "a quote in the title is lost"
}

# Cases that are curves: those of the grid and the chain, and nothing as bars.
test_plot_curves() {
	local out=$WORK/curves
	jq '[.results[] | select(.case == "same_core/128")] as $r
		| .results = [("grid/keep32/get1/put1", "grid/keep32/get8/put8", "chain/0",
			"chain/4", "calls/get1/p50", "calls/get1/p99.9") as $case
			| $r[] | .case = $case | .impl |= sub("256"; "512")]' \
		"$WORK/pool.json" >"$WORK/curves.json"
	call 0 "$SCRIPTS/plot/plot" "$WORK/curves.json" --out "$out"
	[[ $(wc -l <"$WORK/log") == 6 ]] || rx_fail "not three plots in two forms"
	drawn "$out" pool_grid 'keep 32' labyrinth ring_mp_mc/512 'objects a call'
	drawn "$out" pool_calls 'get of 1' p99.9
	drawn "$out" pool_costs 'from owner to owner' hops
	grep -q $'^8\t2400\t' "$out/pool_grid.tsv" || rx_fail "a median is missing"
}

# Several files are beside each other; what is not there is not drawn.
test_plot_parts() {
	local out=$WORK/parts
	jq 'del(.tests[1]) | .tests[].result |= {type, receive_rate} | .tests[].trials = []
		| .pool.ops = "stack"' "$WORK/rx.json" >"$WORK/few.json"
	call 0 "$SCRIPTS/plot/plot" "$WORK/rx.json" "$WORK/few.json" --label "it's ours" --out "$out"
	drawn "$out" throughput "it's ours NDR" 'stack MRR'
	call 0 "$SCRIPTS/plot/plot" "$WORK/few.json" --out "$WORK/few"
	[[ $(wc -l <"$WORK/log") == 2 ]] || rx_fail "more than the throughput was drawn"
	# very large and very small ones
	jq '.results[] |= (.values[] *= if .unit == "us" then 1e6 else 1e-9 end)' \
		"$WORK/pool.json" >"$WORK/far.json"
	call 0 "$SCRIPTS/plot/plot" "$WORK/far.json" --out "$WORK/far"
	drawn "$WORK/far" pool 30000000000 4e-13
	# broken off in the last size
	jq 'del(.tests[2].result | .latency_forward.pdr_90, .latency_forward.pdr_50,
		.timeline[1], .pdr, .receive_rate)' "$WORK/rx.json" >"$WORK/off.json"
	call 0 "$SCRIPTS/plot/plot" "$WORK/off.json" --out "$WORK/off"
	drawn "$WORK/off" latency imix
	drawn "$WORK/off" drops '1518 bytes'
	jq '.tests = []' "$WORK/rx.json" >"$WORK/empty.json"
	call 2 "$SCRIPTS/plot/plot" "$WORK/empty.json" --out "$WORK/none"
	call 3 "$SCRIPTS/plot/plot" "$WORK/rx.json" --out "$WORK/rx.json/folder"
	call 2 "$SCRIPTS/plot/plot" "$WORK/few.json" --label a --label b
	call 3 env PATH=/nonexistent "$(python3 -c 'import sys; print(sys.executable)')" \
		"$SCRIPTS/plot/plot" "$WORK/rx.json" --out "$WORK/none"
	says 'scripts/install.sh'
}

rx_begin "$1" "$2" 512
make rx "$WORK/rx.json"
make pool "$WORK/pool.json"
test_schema
test_reasons
test_csv
test_compare
test_compare_rx
test_compare_runs
test_compare_doubt
test_plot
test_plot_curves
test_plot_parts
test_bench
