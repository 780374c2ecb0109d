#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# scripts/driver-headers.sh: what it does without a network and with sources that it
# must not trust, and that the system's apt stays as it was. Argument: the scripts folder.
set -euo pipefail

SCRIPT=$1/driver-headers.sh
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

fail() {
	echo "FAIL: $*" >&2
	sed 's/^/  out: /' "$WORK/out" >&2
	sed 's/^/  err: /' "$WORK/err" >&2
	exit 1
}

# call CODE ARGS...
call() {
	local code=$1 got=0
	shift
	TMPDIR=$WORK/tmp "$SCRIPT" "$@" >"$WORK/out" 2>"$WORK/err" </dev/null || got=$?
	((got == code)) || fail "$*: exit code $got, expected $code"
	[[ -z $(ls -A "$WORK/tmp") ]] || fail "$*: left files in TMPDIR"
}

# One line of the script says why; what apt said stands before it.
expect_line() {
	(($(grep -c '^driver-headers.sh: ' "$WORK/err") == 1)) || fail "no one line of reason"
	grep -q "^driver-headers.sh: .*$1" "$WORK/err" || fail "the reason is not: $1"
}

apt_state() {
	find /etc/apt /var/lib/apt/lists -type f -printf '%p %s %T@\n' | sort
}

test_usage() {
	call 2 --no-such-option
	expect_line "unknown option"
	call 2 --into
	expect_line "wants a value"
	call 0 --help
}

# refused NAME SOURCE REASON: nothing is put in place.
refused() {
	call 3 --into "$WORK/headers" --source "$2"
	expect_line "$3"
	[[ ! -e $WORK/headers ]] || fail "$1: left a folder"
	echo "ok: $1"
}

# A repository of one package, that nobody signed.
make_unsigned() {
	mkdir "$WORK/unsigned"
	printf 'Package: dpdk\nVersion: 1\nDirectory: .\n\n' >"$WORK/unsigned/Sources"
	printf 'Origin: none\nSHA256:\n %s %s Sources\n' \
		"$(sha256sum <"$WORK/unsigned/Sources" | cut -d ' ' -f 1)" \
		"$(stat -c %s "$WORK/unsigned/Sources")" >"$WORK/unsigned/Release"
	chmod -R a+rX "$WORK"
}

test_refusals() {
	refused "no network" "deb-src http://127.0.0.1:9/debian bookworm main" "cannot fetch the lists"
	make_unsigned
	refused "an unsigned source" "deb-src file:$WORK/unsigned ./" "cannot fetch the lists"
	grep -qi 'sign' "$WORK/err" || fail "apt did not refuse for want of a signature"
}

# What is there already is used, without a look at any source.
test_idempotent() {
	mkdir "$WORK/headers"
	# shellcheck disable=SC2016 # a format of dpkg
	dpkg-query -W -f '${source:Version}\n' libdpdk-dev >"$WORK/headers/version"
	call 0 --into "$WORK/headers" --source "deb-src http://127.0.0.1:9/debian bookworm main"
	[[ $(<"$WORK/out") == "$WORK/headers" ]] || fail "does not print the folder alone"
	echo 1 >"$WORK/headers/version"
	call 3 --into "$WORK/headers" --source "deb-src http://127.0.0.1:9/debian bookworm main"
	[[ $(<"$WORK/headers/version") == 1 ]] || fail "a failure damaged what was there"
	echo "ok: what is there is kept"
}

# make_tree VERSION HEADER...: what of a DPDK source tree is looked at.
make_tree() {
	local name
	rm -rf "$WORK/tree"
	mkdir -p "$WORK/tree/"{lib/eal/include,drivers/bus/vdev}
	echo "$1" >"$WORK/tree/VERSION"
	for name in "${@:2}"; do
		echo '#include "inner.h"' >"$WORK/tree/lib/eal/include/$name"
	done
	touch "$WORK/tree/drivers/bus/vdev/inner.h"
}

# A source tree of the release that is installed, and no other; whole, or nothing.
test_tree() {
	local wanted=(ethdev_driver.h ethdev_vdev.h bus_vdev_driver.h dev_driver.h) release
	release=$(pkg-config --modversion libdpdk | cut -d . -f 1,2)
	rm -rf "$WORK/headers"
	call 3 --into "$WORK/headers" --tree "$WORK/none"
	expect_line "is no source tree of DPDK"
	make_tree 16.07.1 "${wanted[@]}"
	call 3 --into "$WORK/headers" --tree "$WORK/tree"
	expect_line "is of DPDK 16.07.1, .* give one of $release"
	make_tree "$release.99" "${wanted[@]:1}"
	call 3 --into "$WORK/headers" --tree "$WORK/tree"
	expect_line "has no ethdev_driver.h"
	[[ ! -e $WORK/headers ]] || fail "left a folder"
	make_tree "$release.99" "${wanted[@]}"
	call 0 --into "$WORK/headers" --tree "$WORK/tree"
	[[ -e $WORK/headers/dev_driver.h && -e $WORK/headers/inner.h ]] || fail "not all came"
	echo "ok: a source tree"
}

mkdir "$WORK/tmp"
BEFORE=$(apt_state)
test_usage
test_refusals
test_idempotent
test_tree
[[ $(apt_state) == "$BEFORE" ]] || fail "the system's apt was touched"
echo "ok: the system's apt is as it was"
