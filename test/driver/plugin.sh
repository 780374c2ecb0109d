# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the tests of the mempool plugin share, besides rx.sh.

# plugin_begin PROGRAM SCRIPTS MIB PLUGIN: as rx_begin; the plugin is then in SAFE, a
# folder that EAL loads from, which it does from none that anybody could write to.
# shellcheck disable=SC2034 # ON_PLUGIN is for the tests
plugin_begin() {
	local base
	rx_begin "$1" "$2" "$3"
	for base in /run "${XDG_RUNTIME_DIR-}" "$HOME"; do
		[[ -n $base && -w $base ]] && break
	done
	SAFE=$(mktemp -d "$base/labyrinth-plugin-XXXXXX")
	trap plugin_end EXIT
	install -m 755 "$4" "$SAFE/"
	PLUGIN=$SAFE/${4##*/}
	ON_PLUGIN=(-d "$PLUGIN" --mbuf-pool-ops-name labyrinth)
}

plugin_end() {
	local mount
	rm -rf "$SAFE"
	rx_end
	mount=$(huge_mount 2048)
	[[ -z $mount ]] || rm -f "$mount/${PREFIX}map_"*
}

# plugin_run NAME EAL_ARGS... [-- APP_ARGS...]: to the end, with the exit code in RX_CODE
# and all that is said in NAME.out.
plugin_run() {
	local name=$1
	shift
	RX_CODE=0
	timeout -k 5 120 "$RX" "$@" >"$WORK/$name.out" 2>&1 </dev/null || RX_CODE=$?
}

# plugin_start NAME EAL_ARGS... -- APP_ARGS...: as RX_PID, until it says "ready"; it waits
# for the end of its input, which is a pipe of ours.
plugin_start() {
	local name=$1 tries=600
	shift
	# what an earlier one of the name said must not be taken for this one's
	rm -f "$WORK/$name.in" "$WORK/$name.out"
	mkfifo "$WORK/$name.in"
	"$RX" "$@" <"$WORK/$name.in" >"$WORK/$name.out" 2>&1 &
	RX_PID=$!
	exec {PLUGIN_IN}>"$WORK/$name.in"
	plugin_await "$name" "$tries"
}

# plugin_is_ready NAME TIMES: has it said so?
plugin_is_ready() {
	local times
	times=$(grep -cs '^ready' "$WORK/$1.out") || true
	((${times:-0} >= $2))
}

# plugin_await NAME [TRIES [TIMES]]: until RX_PID has said "ready" in NAME.out.
plugin_await() {
	local name=$1 tries=${2:-600} times=${3:-1}
	until plugin_is_ready "$name" "$times" || ((tries-- == 0)); do
		kill -0 "$RX_PID" 2>/dev/null || break
		sleep 0.1
	done
	plugin_is_ready "$name" "$times" && return
	plugin_tell "$name"
	rx_fail "$name: did not say ready"
}

# plugin_stop: end what plugin_start began; the exit code is in RX_CODE.
plugin_stop() {
	exec {PLUGIN_IN}>&-
	RX_CODE=0
	wait "$RX_PID" || RX_CODE=$?
	RX_PID=
}

plugin_tell() {
	sed 's/^/  out: /' "$WORK/$1.out" >&2
}

# plugin_expect NAME REGEX: it was said.
plugin_expect() {
	grep -Eq "$2" "$WORK/$1.out" && return
	plugin_tell "$1"
	rx_fail "$1: did not say: $2"
}

# plugin_expect_not NAME REGEX
plugin_expect_not() {
	grep -Eq "$2" "$WORK/$1.out" || return 0
	plugin_tell "$1"
	rx_fail "$1: said: $2"
}

# plugin_expect_code NAME CODE
plugin_expect_code() {
	((RX_CODE == $2)) && return
	plugin_tell "$1"
	rx_fail "$1: exit code $RX_CODE, expected $2"
}
