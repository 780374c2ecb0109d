#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The mempool plugin as it is loaded: rightly, twice, from a bad place, into a full table,
# into one process of two. And what it says of a program that frees an mbuf twice.
# Arguments: pool_user, the scripts folder, the plugin, labyrinth-rx, the table filler.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"
# shellcheck source-path=SCRIPTDIR source=plugin.sh
. "$(dirname "${BASH_SOURCE[0]}")/plugin.sh"

LABYRINTH_RX=$4
FILLER=$5

say_case() {
	echo "== $*"
}

# All mbufs and no more; the last place of DPDK's table, and one of it.
test_right() {
	say_case "an application that does no wrong"
	plugin_run default "${EAL[@]}" -l 0 -- right
	plugin_expect_code default 0
	plugin_run right "${EAL[@]}" -l 0 "${ON_PLUGIN[@]}" -- right
	plugin_expect_code right 0
	plugin_expect right '^got 1000 of 1000$'
	plugin_expect right '^free 1000 of 1000$'
	plugin_expect_not right '^labyrinth: '
	local before after
	before=$(sed -n 's/^ops .* of //p' "$WORK/default.out")
	after=$((before + 1))
	plugin_expect right "^ops labyrinth, place $after of $after\$"
}

test_large() {
	say_case "more objects than memory holds"
	plugin_run large "${EAL[@]}" -l 0 "${ON_PLUGIN[@]}" -- 50000000
	plugin_expect_code large 1
	plugin_expect large 'EAL has no [0-9]+ KiB|Cannot allocate memory'
	plugin_expect large '^FAIL: no pool'
}

test_loaded_twice() {
	say_case "loaded twice"
	plugin_run twice "${EAL[@]}" -l 0 -d "$PLUGIN" "${ON_PLUGIN[@]}" -- right
	plugin_expect_code twice 0
	plugin_expect_not twice '^labyrinth: '
	say_case "loaded from two files"
	cp "$PLUGIN" "$SAFE/copy.so"
	plugin_run copies "${EAL[@]}" -l 0 -d "$SAFE/copy.so" "${ON_PLUGIN[@]}" -- right
	plugin_expect_code copies 0
	plugin_expect copies 'ops labyrinth are there already.*load one'
	say_case "into a program that has ops of that name built in"
	RX=$LABYRINTH_RX plugin_run builtin "${EAL[@]}" -l 0 -d "$PLUGIN" --vdev net_null0 -- \
		--packets 1000 --pages 4096
	plugin_expect_code builtin 0
	plugin_expect builtin 'ops labyrinth are there already'
}

test_bad_place() {
	say_case "from a folder that anybody can write to"
	mkdir -m 777 "$WORK/open"
	chmod 777 "$WORK/open"
	cp "$PLUGIN" "$WORK/open/"
	plugin_run open "${EAL[@]}" -l 0 -d "$WORK/open/${PLUGIN##*/}" -- right
	((RX_CODE != 0)) || rx_fail "EAL took a plugin from a folder open to all"
	plugin_expect open 'world-writable and insecure'
}

# DPDK's own drivers go first, so that it is the plugin that has no place.
test_full_table() {
	say_case "no place in the table"
	cp "$FILLER" "$SAFE/"
	plugin_run full "${EAL[@]}" -l 0 -d "$SAFE/${FILLER##*/}" "${ON_PLUGIN[@]}" -- right
	plugin_expect_code full 1
	plugin_expect full 'table of 16 mempool ops is full.*remove a driver'
	plugin_expect full '^FAIL: no pool'
	plugin_run full_default "${EAL[@]}" -l 0 -d "$SAFE/${FILLER##*/}" -d "$PLUGIN" -- right
	plugin_expect_code full_default 0
	plugin_expect full_default '^ops ring_mp_mc'
}

# As if the kernel had no hugepages: EAL says so. And on ordinary pages all goes well.
test_no_hugepages() {
	local user=$RX
	say_case "without hugepages"
	# shellcheck disable=SC2016 # the inner shell expands it
	RX=unshare plugin_run none -m bash -c \
		'mount -t tmpfs none /sys/kernel/mm/hugepages && exec "$@"' bash "$user" --no-pci \
		--no-telemetry --in-memory --file-prefix "$PREFIX" -l 0 "${ON_PLUGIN[@]}" -- right
	plugin_expect_code none 1
	plugin_run plain --no-pci --no-telemetry --no-huge -m 256 --no-shconf \
		--file-prefix "$PREFIX" -l 0 "${ON_PLUGIN[@]}" -- right
	plugin_expect_code plain 0
	plugin_expect plain '^got 1000 of 1000$'
}

# Whatever an application asks for: with DPDK's ops, which set the expectation, and ours.
test_other_mempools() {
	local said
	say_case "elements of all sizes, and names"
	said='elements of (0|1|65536|1048576) bytes: well'
	plugin_run default "${EAL[@]}" -l 0 -- sizes names
	plugin_expect_code default 0
	plugin_run other "${EAL[@]}" -l 0 "${ON_PLUGIN[@]}" -- sizes names
	plugin_expect_code other 0
	(($(grep -Ec "$said" "$WORK/other.out") == 4)) || rx_fail "not of all sizes"
	plugin_expect other '^names are as they should be$'
	plugin_expect_not other 'objects of it are out|refused'
}

test_names() {
	say_case "ops of a name that there is not"
	plugin_run unknown "${EAL[@]}" -l 0 -d "$PLUGIN" --mbuf-pool-ops-name labyrint -- right
	plugin_expect_code unknown 1
	say_case "an environment that is not known"
	LABYRINTH_MEMPOOL_CACHE=none plugin_run none "${EAL[@]}" -l 0 "${ON_PLUGIN[@]}" -- right
	plugin_expect_code none 0
	plugin_expect none 'LABYRINTH_MEMPOOL_CACHE=none is not known: labyrinth .* or dpdk'
	LABYRINTH_MEMPOOL_CACHE=dpdk plugin_run dpdk "${EAL[@]}" -l 0 "${ON_PLUGIN[@]}" -- right
	plugin_expect_code dpdk 0
	plugin_expect dpdk 'double frees are only seen behind it'
}

# telemetry FILTER: ask the program that runs.
telemetry() {
	dpdk-telemetry.py -f "$PREFIX" <<<"/labyrinth/mempool,pool_user" 2>/dev/null |
		grep -a '{"/labyrinth/mempool"' | sed 's/^--> //' |
		jq -e ".\"/labyrinth/mempool\" | $1"
}

expect_telemetry() {
	telemetry "$1" >/dev/null && return
	telemetry . >&2 || true
	rx_fail "telemetry: not so: $1"
}

# A DPDK program that frees twice, with telemetry: found, named, and without harm.
test_refusals() {
	local eal=() mbuf
	say_case "an mbuf freed twice, and what is none"
	for argument in "${EAL[@]}"; do
		[[ $argument == --no-telemetry ]] || eal+=("$argument")
	done
	plugin_start refused "${eal[@]}" -l 0 "${ON_PLUGIN[@]}" -- stray twice right leak wait
	mbuf=$(sed -n 's/^twice //p' "$WORK/refused.out")
	telemetry . || rx_fail "no answer of telemetry"
	expect_telemetry '.refused == { double_free: 1, no_object: 1 }'
	expect_telemetry ".last_refused.object == \"$mbuf\""
	expect_telemetry '.last_refused | .kind == "double_free" and .put_by == "lcore 0" and
		.put_before_by == "lcore 0"'
	expect_telemetry '.objects == 1000 and .free == 999 and .out_of == { lcore_0: 1 }'
	expect_telemetry '.layout == "paged" and .objects_per_page == 1 and .colours == 27'
	dpdk-telemetry.py -f "$PREFIX" <<<"/labyrinth/mempools" | grep -aq '\["pool_user"\]' ||
		rx_fail "telemetry: no list of mempools"
	plugin_stop
	plugin_expect_code refused 0
	plugin_expect refused "object $mbuf was put by lcore 0, and again by lcore 0"
	plugin_expect refused 'is no object of it and is refused'
	plugin_expect refused 'freed while 1 objects of it are out'
}

# Two processes: EAL's files are needed, and hugepages for them.
shared_eal() {
	SHARED=(--no-pci --no-telemetry --file-prefix "$PREFIX" --huge-unlink=never -m 64)
	[[ " ${EAL[*]} " != *" --no-huge "* && -n $(huge_mount 2048) ]]
}

test_secondary() {
	if ! shared_eal; then
		say_case "no hugetlbfs: not tried with a secondary process"
		return
	fi
	say_case "in both processes"
	plugin_start primary "${SHARED[@]}" -l 0 --vdev net_null0 "${ON_PLUGIN[@]}" -- \
		right leak wait
	plugin_run secondary "${SHARED[@]}" --proc-type secondary -l 1 "${ON_PLUGIN[@]}" -- \
		right twice
	plugin_expect_code secondary 0
	# what the primary's lcore has at hand is its own
	plugin_expect secondary '^got 9[5-9][0-9] of 999$'
	plugin_expect secondary '^free 999 of 1000$'
	RX=dpdk-proc-info plugin_run info --no-pci --file-prefix "$PREFIX" -d "$PLUGIN" -- \
		--show-mempool=pool_user
	plugin_expect info 'ops_name labyrinth'
	plugin_expect info 'avail \(999\), in use \(1\)'
	plugin_stop
	plugin_expect_code primary 0
	plugin_expect primary '^free 999 of 1000$'
	say_case "in the secondary only"
	plugin_expect primary '^ops labyrinth'
	plugin_start without "${SHARED[@]}" -l 0 -- right leak wait
	plugin_run only "${SHARED[@]}" --proc-type secondary -l 1 "${ON_PLUGIN[@]}" -- right
	plugin_expect_code only 0
	plugin_expect only '^ops ring_mp_mc'
	plugin_stop
	plugin_expect_code without 0
	plugin_expect without '^free 999 of 1000$'
}

plugin_begin "$1" "$2" 256 "$3"
test_right
test_large
test_loaded_twice
test_bad_place
test_full_table
test_no_hugepages
test_other_mempools
test_names
test_refusals
test_secondary
