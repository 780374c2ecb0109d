# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Scripts of ours as their users call them: what they end with, and what they say. Needs rx.sh.

# call CODE COMMAND...: output in WORK/log.
call() {
	local code=$1 got=0
	shift
	"$@" >"$WORK/log" 2>&1 </dev/null || got=$?
	((got == code)) && return
	cat "$WORK/log" >&2
	rx_fail "$*: exit code $got, expected $code"
}

# says TEXT: the last output has it. Not: does_not_say.
says() {
	grep -qF -- "$1" "$WORK/log" && return
	cat "$WORK/log" >&2
	rx_fail "does not say: $1"
}

does_not_say() {
	! grep -qF -- "$1" "$WORK/log" || rx_fail "says: $1"
}
