# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the tests of labyrinth-rx share. A test is called with the program under test
# and the scripts folder; it calls rx_begin first.

rx_fail() {
	echo "FAIL: $*" >&2
	exit 1
}

rx_skip() {
	echo "SKIP: $*"
	exit 77
}

# rx_begin RX SCRIPTS [MIB]: a folder for the files (WORK), a prefix for names
# (PREFIX), and EAL arguments for so much memory (EAL).
rx_begin() {
	RX=$1
	# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/say.sh
	. "$2/lib/say.sh"
	# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/hugepages.sh
	. "$2/lib/hugepages.sh"
	# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/eal.sh
	. "$2/lib/eal.sh"
	# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/tap.sh
	. "$2/lib/tap.sh"
	PREFIX=labyrinth-test-$$
	WORK=$(mktemp -d)
	NAMESPACES=()
	RX_PID=
	trap rx_end EXIT
	eal_memory "$PREFIX" "${3:-256}"
}

# rx_kill PID: and wait for it; nothing where there is none.
rx_kill() {
	[[ -n $1 ]] || return 0
	kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# Whatever happens, nothing outlives the test.
rx_end() {
	local ns
	rx_kill "$RX_PID"
	for ns in "${NAMESPACES[@]}"; do
		ip netns del "$ns" 2>/dev/null || true
	done
	rm -rf "$WORK" "/run/dpdk/$PREFIX" "/run/dpdk/$PREFIX"-*
}

# rx_with_telemetry: from now on the program can be asked, by rx_ask COMMAND: what it answers.
# The prompt of the tool ends at the end of its input.
rx_with_telemetry() {
	mapfile -t EAL < <(printf '%s\n' "${EAL[@]}" | grep -vx -- --no-telemetry)
}

rx_ask() {
	dpdk-telemetry.py -f "$PREFIX" <<<"$1" | tail -n 1
}

# rx_netns: an own namespace in which a tap can be made (NS), or skip.
rx_netns() {
	NS=$PREFIX
	tap_namespace "$NS" 2>/dev/null || rx_skip "no network namespaces for this user"
	NAMESPACES+=("$NS")
	tap_possible "$NS" || rx_skip "this kernel or user has no taps"
}

# rx_veth: a wire in NS, with the ends here and there.
rx_veth() {
	ip -n "$NS" link add here type veth peer name there
	ip -n "$NS" link set here up
	ip -n "$NS" link set there up
}

# rx_run NAME EAL_ARGS... -- APP_ARGS...: run to the end. Leaves NAME.out, NAME.err
# and NAME.json in WORK and the exit code in RX_CODE. The limit only ends a hang.
rx_run() {
	local name=$1
	shift
	RX_CODE=0
	timeout -k 5 120 "$RX" "${EAL[@]}" "$@" --json "$WORK/$name.json" \
		>"$WORK/$name.out" 2>"$WORK/$name.err" </dev/null || RX_CODE=$?
}

# rx_start NAME EAL_ARGS... -- APP_ARGS...: start in NS, as RX_PID.
rx_start() {
	local name=$1
	shift
	ip netns exec "$NS" "$RX" "${EAL[@]}" "$@" --json "$WORK/$name.json" \
		>"$WORK/$name.out" 2>"$WORK/$name.err" </dev/null &
	RX_PID=$!
}

# rx_until NAME WHAT COMMAND...: until it succeeds, as long as what was started lives. The
# limit only ends a hang.
rx_until() {
	local name=$1 what=$2 tries=600
	shift 2
	until "$@"; do
		if ((tries-- == 0)) || ! kill -0 "$RX_PID" 2>/dev/null; then
			rx_tell "$name"
			rx_fail "$name: in vain: $what"
		fi
		sleep 0.1
	done
}

# rx_wait_for NAME WORD: until it says so on its screen.
rx_wait_for() {
	rx_until "$1" "says $2" grep -qs -- "$2" "$WORK/$1.out"
}

# rx_received NAME: frames so far, as --stats-period says.
rx_received() {
	sed -n 's/.*RX-packets: \([0-9]*\)$/\1/p' "$WORK/$1.out" | tail -n 1
}

# rx_is_still NAME: three periods in a row brought no frame, and some came before.
rx_is_still() {
	sed -n 's/.*RX-packets: \([0-9]*\)$/\1/p' "$WORK/$1.out" | tail -n 4 | uniq -c |
		awk '$1 == 4 && $2 > 0 { still = 1 } END { exit !still }'
}

rx_wait_still() {
	rx_until "$1" "frames, and then no more" rx_is_still "$1"
}

# rx_stop SIGNAL: end what rx_start began; the exit code is in RX_CODE.
rx_stop() {
	RX_CODE=0
	kill "-$1" "$RX_PID" || true
	wait "$RX_PID" || RX_CODE=$?
	RX_PID=
}

# rx_tell NAME: all that a run said, for a failure.
rx_tell() {
	sed 's/^/  out: /' "$WORK/$1.out" >&2 || true
	sed 's/^/  err: /' "$WORK/$1.err" >&2 || true
	sed 's/^/  json: /' "$WORK/$1.json" >&2 2>/dev/null || true
}

# rx_expect_code NAME CODE
rx_expect_code() {
	((RX_CODE == $2)) && return
	rx_tell "$1"
	rx_fail "$1: exit code $RX_CODE, expected $2"
}

# rx_expect NAME EXPRESSION: the report fulfils a jq expression.
rx_expect() {
	jq -e "$2" "$WORK/$1.json" >/dev/null && return
	rx_tell "$1"
	rx_fail "$1: not so: $2"
}

# rx_expect_balanced NAME: what every report must fulfil, worked out anew from its parts.
rx_expect_balanced() {
	rx_expect "$1" '.schema == "labyrinth-rx/1"'
	rx_expect "$1" '.ledger.balanced == true'
	rx_expect "$1" '.ledger | .offered == .delivered + .in_flight + ([.drops[]] | add // 0)'
	rx_expect "$1" '.ledger.in_flight == 0'
	rx_expect "$1" '.pool.leaked == 0'
	rx_expect "$1" '([.ports[].rx_packets] | add) ==
		.ledger.delivered + .ledger.drops.tx_full + .ledger.drops.ring_full'
	rx_expect "$1" '([.ports[].tx_packets] | add) == .forward.sent'
}

# rx_expect_sound NAME: the same of who loses nothing after it was received.
rx_expect_sound() {
	rx_expect_balanced "$1"
	rx_expect "$1" '([.ports[].rx_packets] | add) == .ledger.delivered'
}
