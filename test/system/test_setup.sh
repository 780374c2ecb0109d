#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# scripts/setup.sh: config twice is config once, reset brings back exactly what was
# there, a config that cannot be done changes nothing, bad usage exits 2.
# Only ever adds pages, so that programs that use some are not disturbed.
set -euo pipefail

SETUP=$1/setup.sh
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/hugepages.sh
. "$1/lib/hugepages.sh"
WORK=$(mktemp -d)
STATE=$WORK/state/setup.state
trap cleanup EXIT

cleanup() {
	[[ ! -e $STATE ]] || "$SETUP" reset --state "$STATE" >/dev/null || true
	rm -rf "$WORK"
}

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# Pages of each node and size, mounts and device: all that setup.sh may change.
machine() {
	local size knob
	for size in 2048 1048576; do
		for knob in $(huge_knobs "$size"); do
			echo "$knob $(<"$knob")"
		done
	done
	grep hugetlbfs /proc/mounts || true
	ls -d /dev/hugepages /dev/hugepages1G /dev/net/tun 2>/dev/null || true
}

# expect CODE ARGS...: exit code, and at most one line on stderr.
expect() {
	local code=$1 got=0
	shift
	"$SETUP" "$@" >"$WORK/out" 2>"$WORK/err" || got=$?
	((got == code)) || fail "setup.sh $*: exit code $got, expected $code: $(<"$WORK/err")"
	(($(wc -l <"$WORK/err") == (code != 0))) || fail "setup.sh $*: says $(<"$WORK/err")"
}

test_usage() {
	local before
	before=$(machine)
	expect 2 frobnicate
	expect 2 config --no-such-option 1
	expect 2 config --pages-2m
	expect 2 config --pages-2m x --state "$STATE"
	expect 2 config --pages-2m -1 --state "$STATE"
	expect 2 config --state "$WORK"
	expect 2 reset --state "$WORK"
	echo mine >"$WORK/mine"
	expect 2 config --state "$WORK/mine"
	expect 2 reset --state "$WORK/mine"
	[[ $(<"$WORK/mine") == mine ]] || fail "a file of somebody else's was taken for the state"
	expect 3 config --pages-2m "$(($(huge_free 2048) + 3))" --state "$WORK/mine/state"
	expect 0 help
	expect 0 reset --state "$STATE"
	[[ $(machine) == "$before" && ! -e $STATE ]] || fail "bad usage changed something"
}

test_round_trip() {
	local wanted=$(($(huge_free 2048) + 3)) before after
	before=$(machine)
	expect 0 config --pages-2m "$wanted" --state "$STATE"
	(($(huge_free 2048) >= wanted)) || fail "fewer than $wanted pages are free"
	[[ -n $(huge_mount 2048) ]] || fail "no hugetlbfs is mounted"
	after=$(machine)
	expect 0 config --pages-2m "$wanted" --state "$STATE"
	[[ $(machine) == "$after" ]] || fail "the second config changed something"
	expect 0 status --state "$STATE"
	grep -q "reset brings back" "$WORK/out" || fail "status does not know of the state"
	expect 0 reset --state "$STATE"
	[[ $(machine) == "$before" ]] || fail "reset did not bring back what was there"
	[[ ! -e $STATE ]] || fail "reset left its state"
}

test_too_many() {
	local before
	before=$(machine)
	expect 3 config --pages-2m 999999999 --state "$STATE"
	expect 3 config --pages-2m "$(($(huge_free 2048) + 3))" --pages-1g 99999 --state "$STATE"
	[[ $(machine) == "$before" && ! -e $STATE ]] || fail "a failed config changed something"
}

# A copy, because the scripts may lie where only root can read.
test_without_rights() {
	local got=0
	cp -r "$(dirname "$SETUP")" "$WORK/scripts"
	chmod -R a+rX "$WORK"
	setpriv --reuid nobody --regid nogroup --clear-groups \
		bash "$WORK/scripts/setup.sh" config --state "$STATE" >/dev/null 2>"$WORK/err" || got=$?
	((got == 3)) || fail "config without rights: exit code $got, expected 3"
	grep -q root "$WORK/err" || fail "config without rights does not tell the fix"
}

if ((EUID != 0)) || [[ ! -w /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages ]]; then
	echo "SKIP: no right to reserve hugepages here"
	exit 77
fi
test_usage
test_round_trip
test_too_many
test_without_rights
echo "ok: config, status, reset"
