#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Bad input of every kind: labyrinth-rx says in one line what is wrong, ends with the
# exit code of that kind, and leaves nothing behind.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

CASES=0
FAILED=0
INSIDE=() # how to run inside the namespace

# What a run could leave: interfaces in the namespace, files in a hugetlbfs, runtime
# folders. Hugepages without a file end with the process.
traces() {
	local size mount
	"${INSIDE[@]}" ls /sys/class/net
	for size in 2048 1048576; do
		mount=$(huge_mount "$size")
		[[ -z $mount ]] || find "$mount" -name "*$PREFIX*"
	done
	find /run/dpdk /tmp/dpdk -path "*$PREFIX*" 2>/dev/null || true
}

complain() {
	warn "FAIL: $*"
	sed 's/^/  err: /' "$WORK/case.err" >&2
	FAILED=$((FAILED + 1))
}

# judge WHAT CODE: exit code and the one line of the app; EAL's lines are its own.
judge() {
	local lines
	CASES=$((CASES + 1))
	lines=$(grep -c '^labyrinth-rx: ' "$WORK/case.err" || true)
	((RX_CODE == $2)) || complain "$1: exit code $RX_CODE, expected $2"
	((lines == 1)) || complain "$1: $lines lines of labyrinth-rx on stderr, expected 1"
	[[ $(traces) == "$BEFORE" ]] || complain "$1: left something behind"
	echo "$1: $(grep '^labyrinth-rx: ' "$WORK/case.err" || true)"
}

# bad WHAT CODE ARGS...: run with all arguments given.
bad() {
	local what=$1 code=$2
	shift 2
	BEFORE=$(traces)
	RX_CODE=0
	timeout -k 5 60 "${INSIDE[@]}" "$RX" "$@" >"$WORK/case.out" 2>"$WORK/case.err" </dev/null ||
		RX_CODE=$?
	judge "$what" "$code"
}

# bad_app WHAT CODE APP_ARGS...: a sound port, bad arguments for the app.
bad_app() {
	local what=$1 code=$2
	shift 2
	bad "$what" "$code" "${EAL[@]}" -l 0 --vdev net_null0 -- "$@"
}

test_usage() {
	local option value
	bad_app "unknown option" 2 --no-such-option
	bad_app "a stray word" 2 --duration 1 stray
	bad_app "an option without its value" 2 --duration
	bad_app "colours of other pools" 2 --duration 1 --uncoloured --pool ring_mp_mc
	bad_app "a DPDK cache of other pools" 2 --duration 1 --dpdk-cache 9 --pool ring_mp_mc
	bad_app "a DPDK cache larger than DPDK's" 2 --duration 1 --dpdk-cache 513
	bad_app "unknown forward mode" 2 --duration 1 --forward-mode teleport
	for option in --duration --packets --pages --rxq --rxd --burst --stats-period \
		--hold-us --hold-packets; do
		for value in -1 x 1x '' 99999999999999999999; do
			bad_app "$option '$value'" 2 --duration 1 "$option" "$value"
		done
	done
	for value in nan inf; do
		bad_app "--duration $value" 2 --duration "$value"
	done
	for option in --pages --rxq --rxd --burst --hold-us --hold-packets; do
		bad_app "$option 0" 2 --duration 1 "$option" 0
	done
	bad_app "more pages than a pool can have" 2 --duration 1 --pages 99999999999
	bad_app "a burst larger than the pool" 2 --duration 1 --pages 64 --burst 128
	bad_app "more queues than a port can have" 2 --duration 1 --rxq 60000
}

test_environment() {
	bad "no port at all" 3 "${EAL[@]}" -l 0 -- --duration 1
	bad_app "an unknown pool" 3 --duration 1 --pool no_such_ops
	bad_app "pages that no memory holds" 3 --duration 1 --pages 1000000000
	bad_app "a report into a folder that is not there" 2 --duration 1 \
		--json "$WORK/no/such/folder/report.json"
	bad "a driver that is not there" 3 "${EAL[@]}" -l 0 --vdev net_nothing0 -- --duration 1
	# which wants hugepages
	[[ " ${EAL[*]} " != *' --in-memory '* ]] ||
		bad "a port that would keep mbufs" 2 "${EAL[@]}" -l 0 --single-file-segments \
			--vdev "net_memif0,role=client,socket=$WORK/memif.sock,zero-copy=yes" -- --duration 1
	bad "a CPU that is not there" 3 "${EAL[@]}" -l 9999 --vdev net_null0 -- --duration 1
	bad "a file that is not there" 3 "${EAL[@]}" -l 0 \
		--vdev net_pcap0,rx_pcap="$WORK/none.pcap" -- --duration 1
	bad "more hugepages than there are" 3 --no-pci --no-telemetry --in-memory \
		--file-prefix "$PREFIX" --socket-mem 1000000 -l 0 --vdev net_null0 -- --duration 1
}

# Empty what the kernel tells, in a mount namespace: as if it had no hugepages.
test_no_hugepages() {
	local rx=$RX RX=unshare
	# shellcheck disable=SC2016 # the inner shell expands it
	bad "no hugepages" 3 -m bash -c \
		'mount -t tmpfs none /sys/kernel/mm/hugepages && exec "$@"' bash \
		"$rx" --no-pci --no-telemetry --in-memory --file-prefix "$PREFIX" -l 0 \
		--vdev net_null0 -- --duration 1
}

# In a namespace of its own the test sees which interfaces are left, and a program
# that got rights which it should not have could touch nothing.
enter_namespace() {
	tap_namespace "$PREFIX" 2>/dev/null || return 0
	NAMESPACES+=("$PREFIX")
	INSIDE=(ip netns exec "$PREFIX")
}

# A copy, because the program may lie where only root can read.
test_tap_without_rights() {
	((${#INSIDE[@]} > 0)) || return 0
	install -m 755 "$RX" "$WORK/labyrinth-rx"
	chmod 755 "$WORK"
	BEFORE=$(traces)
	RX_CODE=0
	timeout -k 5 60 "${INSIDE[@]}" setpriv --reuid nobody --regid nogroup --clear-groups \
		--inh-caps -all "$WORK/labyrinth-rx" --no-pci --no-telemetry --no-huge -m 64 \
		--no-shconf --file-prefix "$PREFIX" -l 0 --vdev net_tap0,iface=lab0 -- \
		--duration 1 --pages 1024 >"$WORK/case.out" 2>"$WORK/case.err" </dev/null ||
		RX_CODE=$?
	judge "a tap without rights" 3
	rmdir /tmp/dpdk 2>/dev/null || true # EAL's, for users other than root
}

rx_begin "$@"
enter_namespace
test_usage
test_environment
test_no_hugepages
test_tap_without_rights
echo "$CASES cases, $FAILED complaints"
((FAILED == 0))
