# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# How a script speaks: what it does on stdout, what is wrong on stderr.

PROGRAM=${0##*/}

say() {
	printf '%s: %s\n' "$PROGRAM" "$*"
}

warn() {
	printf '%s: %s\n' "$PROGRAM" "$*" >&2
}

# die CODE MESSAGE: one line that tells the fix. 2 usage, 3 environment.
die() {
	local code=$1
	shift
	warn "$*"
	exit "$code"
}

# announce COMMAND...: print a command so that it can be copied.
announce() {
	printf '\n$'
	printf ' %q' "$@"
	printf '\n'
}

# show COMMAND...: print it and run it.
show() {
	announce "$@"
	"$@"
}
