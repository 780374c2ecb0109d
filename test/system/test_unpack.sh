#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# unpack.sh: says what is wrong, fetches nothing twice, and leaves nothing behind.
# Argument: the scripts folder.
set -euo pipefail

UNPACK=$1/unpack.sh
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# expect CODE WHAT ARGUMENTS...: exit code, and one line that says WHAT.
expect() {
	local code=0 wanted=$1 what=$2
	shift 2
	"$@" >"$WORK/out" 2>"$WORK/err" || code=$?
	if ((code != wanted)) || ! grep -Eq -e "$what" "$WORK/out" "$WORK/err"; then
		cat "$WORK/out" "$WORK/err" >&2
		echo "FAIL: $*: exit code $code, expected $wanted and: $what" >&2
		exit 1
	fi
}

expect 0 '^Usage' "$UNPACK" --help
expect 2 'no package named' "$UNPACK"
expect 2 "unknown option '--no-such'" "$UNPACK" --no-such x
expect 2 '--into wants a value' "$UNPACK" --into
# what is there is not fetched again, so no network is needed
mkdir "$WORK/there"
echo "x=1" >"$WORK/there/packages"
expect 0 "^$WORK/there\$" "$UNPACK" --into "$WORK/there" x
if unshare -n true 2>/dev/null; then
	expect 3 'is there a network' unshare -n "$UNPACK" --into "$WORK/none" x
	[[ ! -e $WORK/none ]] || { echo "FAIL: left something behind" >&2; exit 1; }
fi
# without a network there is nothing more to be tried
if "$UNPACK" --into "$WORK/hello" hello >/dev/null 2>"$WORK/err"; then
	[[ -x $WORK/hello/usr/bin/hello || -x /usr/bin/hello ]] ||
		{ echo "FAIL: hello was not unpacked" >&2; exit 1; }
else
	sed 's/^/  /' "$WORK/err"
fi
