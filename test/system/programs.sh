# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Programs of others for the tests of the mempool plugin. Needs rx.sh and plugin.sh.

declare -A CHILD

# program_fetch SCRIPTS ARGUMENTS...: unpack packages; ROOT has their usr. Skip without.
program_fetch() {
	local scripts=$1
	shift
	if ! ROOT=$("$scripts/unpack.sh" "$@" 2>"$WORK/unpack.err"); then
		sed 's/^/  /' "$WORK/unpack.err"
		rx_skip "the packages are not to be had: $(tail -1 "$WORK/unpack.err")"
	fi
	[[ $ROOT != / ]] || ROOT=
	export PATH=$ROOT/usr/bin:$ROOT/usr/sbin:$PATH
	export LD_LIBRARY_PATH=$ROOT/usr/lib/x86_64-linux-gnu:$ROOT/lib/x86_64-linux-gnu
}

# program_start NAME COMMAND...: as CHILD[NAME], what it says in NAME.out.
program_start() {
	local name=$1
	shift
	"$@" >"$WORK/$name.out" 2>&1 </dev/null &
	CHILD[$name]=$!
}

# program_wait_for NAME COMMAND...: until the command succeeds; NAME must live so long.
program_wait_for() {
	local name=$1 tries=600
	shift
	until "$@" >/dev/null 2>&1; do
		if ! kill -0 "${CHILD[$name]}" 2>/dev/null || ((tries-- == 0)); then
			plugin_tell "$name"
			rx_fail "$name: in vain: $*"
		fi
		sleep 0.1
	done
}

# program_wait NAME: until it ends; its exit code is in RX_CODE.
# shellcheck disable=SC2034 # RX_CODE is the result
program_wait() {
	RX_CODE=0
	wait "${CHILD[$1]}" || RX_CODE=$?
	unset "CHILD[$1]"
}

# program_stop NAME SIGNAL
program_stop() {
	kill "-$2" "${CHILD[$1]}" || true
	program_wait "$1"
}

# Whatever happens, nothing outlives the test.
program_end() {
	local name
	for name in "${!CHILD[@]}"; do
		kill -KILL "${CHILD[$name]}" 2>/dev/null || true
		wait "${CHILD[$name]}" 2>/dev/null || true
	done
	plugin_end
	program_give_back
}

# program_hugepages SCRIPTS PAGES: that many free ones for the time of the test, or skip.
program_hugepages() {
	PAGES_SCRIPTS=$1
	PAGES_STATE=$(mktemp -u "${TMPDIR:-/tmp}/labyrinth-pages-XXXXXX")
	"$1/setup.sh" config --pages-2m "$2" --state "$PAGES_STATE" >"$WORK/pages.out" 2>&1 ||
		rx_skip "$2 hugepages are not to be had: $(tail -1 "$WORK/pages.out")"
}

program_give_back() {
	[[ ! -e ${PAGES_STATE-} ]] ||
		"$PAGES_SCRIPTS/setup.sh" reset --state "$PAGES_STATE" >/dev/null 2>&1 || true
}

# program_telemetry COMMAND FILTER: of the DPDK program with file prefix PREFIX.
program_telemetry() {
	dpdk-telemetry.py -f "$PREFIX" <<<"$1" 2>/dev/null | grep -a '{"/labyrinth/' |
		sed 's/^--> //' | jq -e ".[] | $2"
}
