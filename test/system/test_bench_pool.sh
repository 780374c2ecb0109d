#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-bench pool and growth: every case has a row for everything that can do it and for
# nothing else, and the figures fit together. How large they are is not asked.
# Arguments: labyrinth-bench, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Mempool ops of DPDK that are software.
OPS="ring_mp_mc ring_sp_sc ring_mp_sc ring_sp_mc ring_mt_rts ring_mt_hts stack lf_stack bucket"

# run NAME OPTIONS...: a report in NAME.json that the schema takes.
SUBCOMMAND=pool
run() {
	local name=$1
	shift
	rx_run "$name" -l 0,1 -- "$SUBCOMMAND" "$@"
	rx_expect_code "$name" 0
	"$HERE/validate.py" "$SCHEMA" "$WORK/$name.json" || rx_fail "$name: not by the schema"
	rx_expect "$name" '[.results[], .calibration[]] |
		all((.values | length) > 0 and .min <= .median and .median <= .max)'
}

# impls NAME CASE: those that have a row of it, sorted, on one line.
impls() {
	jq -r --arg case "$2" '[.results[] | select(.case == $case).impl] | sort | join(" ")' \
		"$WORK/$1.json"
}

# rows NAME CASE IMPLS: just these have a row.
rows() {
	local is
	is=$(impls "$1" "$2")
	[[ $is == "$3" ]] || rx_fail "$1: $2 has '$is', not '$3'"
}

# Each of the drivers with and without a cache, the page pool and the plain stacks.
test_everything() {
	local ops expected='' own
	run all --quick --runs 5 --cases calibration,grid,exhaustion
	own="labyrinth labyrinth-index labyrinth-own-index labyrinth-pointer labyrinth-team"
	own+=" stack-1-thread stack-mutex"
	for ops in $OPS; do
		expected+=" $ops/0 $ops/512"
	done
	# shellcheck disable=SC2086 # words of each
	expected=$(printf '%s\n' $own $expected | LC_ALL=C sort | paste -sd ' ')
	for own in grid/keep{32,128,512}/get{1,4,8,32}; do
		rows all "$own/put${own##*get}" "$expected"
	done
	rows all exhaustion/fail "$expected"
	rx_expect all '[.results[].case] | unique | length == 14'
	rx_expect all '[.results[] | .median > 0] | all'
	rx_expect all '[.calibration[].name] | contains(["empty loop", "relaxed atomic add",
		"locked CAS", "mutex lock and unlock"])'
	# what cannot lose an object has lost none, of the page pool it was checked anyway
	rx_expect all '[.implementations[] | select(.name | startswith("ring_mt") | not).lost]
		| all(. == 0)'
	grep -q '^One core, keep 512' "$WORK/all.out" || rx_fail "the text has no grid"
}

test_whole_grid() {
	run whole --runs 5 --cases grid --impl stack-1-thread
	rx_expect whole '[.results[].case] | unique | length == 48'
}

test_percentiles() {
	run calls --quick --cases calls --impl labyrinth
	rx_expect calls '[.results[].case] | length == 12'
	rx_expect calls '[.results | group_by(.case | sub("/p[0-9.]*$"; ""))[] | map(.median)
		| . == sort] | all'
}

# Pools for one thread are left out where there are several.
test_threads() {
	run threads --quick --cases threads,cross_core --impl stack-1-thread
	rx_expect threads '.results == []'
	run threads --quick --cases threads,cross_core,oversubscribed --impl ring_sp_sc
	rx_expect threads '[.results[].case] | unique == ["cross_core"]'
	run threads --quick --cases threads,cross_core --impl bucket/0
	rows threads cross_core bucket/0
	rx_expect threads '.results | length == 1'
	run threads --quick --cases threads,chain,reclaim,colour --impl labyrinth
	rows threads threads/4 labyrinth
	rows threads chain/8 'labyrinth labyrinth-offer'
	rows threads reclaim/65536 'labyrinth-held-512 labyrinth-held-a-quarter'
	rows threads colour/2048 "$(printf 'labyrinth-%s-colours ' 1 16 2 31 36 4 8 |
		sed 's/ $//')"
}

test_growth() {
	SUBCOMMAND=growth
	run growth --quick --cases pages,owners,queues
	rows growth pages/65536 'labyrinth labyrinth-written ring_mp_mc/512'
	rows growth p99_pages/1024 'labyrinth labyrinth-written ring_mp_mc/512'
	rows growth pages/1048576 labyrinth
	rows growth owners/256 'labyrinth labyrinth-team'
	rows growth queues/16 labyrinth
	rx_expect growth '[.results[] | select(.case | startswith("hold"))] == []'
	rx_run bad -l 0 -- growth --quick --impl labyrinth
	rx_expect_code bad 2
	SUBCOMMAND=pool
}

refused() {
	local code=$1
	shift
	rx_run bad -l 0,1 -- pool "$@"
	echo null >"$WORK/bad.json"
	rx_expect_code bad "$code"
}

test_refusals() {
	refused 2 --cases grid,nonsense
	grep -q 'nonsense: no such case, choose from: calibration same_core grid' \
		"$WORK/bad.err" || rx_fail "it does not say which there are"
	refused 2 --cases grid,
	refused 2 --cases ''
	refused 2 --impl octeontx_fpavf
	refused 2 --gate --cases grid
}

rx_begin "$1" "$2" 512
(($(nproc) > 1)) || rx_skip "pool needs two CPUs"
SCHEMA=$2/results.schema.json
test_everything
test_whole_grid
test_percentiles
test_threads
test_growth
test_refusals
