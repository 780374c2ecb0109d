#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Rx interrupts (--rx-intr): an idle lcore sleeps, frames and other lcores wake it, none is
# lost; over a tap, vhost and virtio-user. PMDs without interrupts are refused by name.
# Arguments: the program, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"
# shellcheck source-path=SCRIPTDIR source=generate.sh
. "$(dirname "${BASH_SOURCE[0]}")/generate.sh"

TAP=(--vdev "net_tap0,iface=lab0")

# cpu_ticks PID: of CPU time, user and system.
cpu_ticks() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# begin_tap NAME ARGS...: until the tap is up.
begin_tap() {
	local name=$1
	shift
	rx_start "$name" "$@"
	tap_wait_up "$NS" lab0 "$RX_PID" 60 || {
		rx_tell "$name"
		rx_fail "$name: the tap did not come up"
	}
}

# end_tap NAME FRAMES: each of them was delivered, and the lcore slept between.
end_tap() {
	rx_stop INT
	rx_expect_code "$1" 0
	rx_expect_sound "$1"
	rx_expect "$1" ".ledger.delivered == $2"
}

send() {
	tap_send "$NS" lab0 "$@" >"$WORK/sent"
	jq -e --argjson n "$1" '.tx_packets == $n' "$WORK/sent" >/dev/null ||
		rx_fail "the kernel did not hand over all: $(<"$WORK/sent")"
}

# idle_ticks NAME ARGS...: CPU time of a second in which nothing comes.
idle_ticks() {
	local name=$1 before
	shift
	begin_tap "$name" -l 0 "${TAP[@]}" -- --duration 300 --pages 4096 "$@"
	sleep 0.5
	before=$(cpu_ticks "$RX_PID")
	sleep 1
	TICKS=$(($(cpu_ticks "$RX_PID") - before))
}

# The polling run says what a second is; the sleeping one has to take a small part of that.
test_idle() {
	local polling
	idle_ticks polling
	polling=$TICKS
	end_tap polling 0
	rx_expect polling '.figures.lcores[0] | .asleep == null and .wake_cost == null'
	idle_ticks asleep --rx-intr
	((TICKS * 4 < polling)) ||
		rx_fail "asleep for $TICKS ticks of CPU time, polling for $polling"
	# frames one by one, each after the last one was read, and as fast as they go
	send 300 --window 1
	send 20000 --window 400
	sleep 0.3
	send 1
	end_tap asleep 20301
	rx_expect asleep '.figures.lcores[0] | .wakeups.frames > 0 and .wakeups.time > 0'
	rx_expect asleep '.figures.lcores[0] | .wake_cost.count > 0 and .wake_late.count > 0'
	rx_expect asleep '.figures.lcores[0] | .wake_cost.count <= .wakeups.frames'
	rx_expect asleep '.figures.lcores[0].asleep > 0 and .figures.lcores[0].asleep <= .figures.run.duration'
	grep -q 'asleep .* woken by frames' "$WORK/asleep.out" || rx_fail "the text does not say it"
	echo "ok: idle for $TICKS ticks of CPU time where polling takes $polling," \
		"woken $(jq -c '.figures.lcores[0].wakeups' "$WORK/asleep.json")"
}

# The lcore behind the ring is called by the one that receives.
test_pipeline() {
	begin_tap pipeline --lcores "${THREE:-0,1,2}" "${TAP[@]}" -- --duration 300 \
		--pages 4096 --rx-intr --forward-mode pipeline --pipeline-mode macswap
	sleep 0.3
	send 300 --window 1
	sleep 0.2
	send 300 --window 1
	rx_stop INT
	rx_expect_code pipeline 0
	rx_expect pipeline '.ledger.balanced and .pool.leaked == 0'
	rx_expect pipeline '.ledger | .delivered + .drops.ring_full + .drops.tx_full == 600'
	rx_expect pipeline '.forward.sent == .ledger.delivered'
	rx_expect pipeline '.figures.lcores[1].wakeups.call > 0'
	echo "ok: lcores of a pipeline wake each other"
}

# Frames are kept for longer than a sleep lasts, and yet let go when they are due.
test_hold() {
	begin_tap hold -l 0 "${TAP[@]}" -- --duration 300 --pages 4096 --rx-intr \
		--forward-mode hold --hold-us 20000
	send 100 --window 10
	sleep 0.3
	end_tap hold 100
	rx_expect hold '.figures.queues[0] | .hold_time.count == 100 and .held == 0'
	echo "ok: a mode that keeps frames for a time lets them go in time"
}

# Registered anew at each start, also after the port was stopped.
test_prompt() {
	local name=prompt
	mkfifo "$WORK/keys"
	ip netns exec "$NS" "$RX" "${EAL[@]}" --lcores "${TWO:-0,1}" "${TAP[@]}" -- --interactive \
		--pages 4096 --rx-intr --json "$WORK/$name.json" \
		>"$WORK/$name.out" 2>"$WORK/$name.err" <"$WORK/keys" &
	RX_PID=$!
	exec {KEYS}>"$WORK/keys"
	tap_wait_up "$NS" lab0 "$RX_PID" 60 || rx_fail "prompt: the tap did not come up"
	echo "start" >&"$KEYS"
	send 50 --window 1
	echo "stop" >&"$KEYS"
	echo "port stop 0" >&"$KEYS"
	echo "port start 0" >&"$KEYS"
	echo "start" >&"$KEYS"
	until (($(grep -c '^lcore 1 polls' "$WORK/$name.out") == 2)); do
		kill -0 "$RX_PID" 2>/dev/null || { rx_tell $name; rx_fail "the prompt ended"; }
		sleep 0.05
	done
	tap_wait_up "$NS" lab0 "$RX_PID" 60 || rx_fail "prompt: the tap did not come back"
	send 50 --window 1
	echo "quit" >&"$KEYS"
	exec {KEYS}>&-
	RX_CODE=0
	wait "$RX_PID" || RX_CODE=$?
	RX_PID=
	rx_expect_code $name 0
	rx_expect_sound $name
	rx_expect $name '.ledger.delivered == 100 and .figures.lcores[0].wakeups.frames > 0'
	echo "ok: start, stop, port stop, port start"
}

# Exit code 3 and one line of ours, which names the driver.
test_refused() {
	rx_run refused -l 0 --vdev net_null0 -- --duration 1 --rx-intr
	rx_expect_code refused 3
	grep -qx 'labyrinth-rx: --rx-intr: port 0 (net_null) has no rx interrupts.*' \
		"$WORK/refused.err" || rx_fail "not named: $(<"$WORK/refused.err")"
	! grep -q '^ETHDEV\|Rx Intr' "$WORK/refused.err" || rx_fail "DPDK says it too"
	rx_start mixed -l 0 "${TAP[@]}" --vdev net_null0 -- --duration 1 --rx-intr
	RX_CODE=0
	wait "$RX_PID" || RX_CODE=$?
	RX_PID=
	rx_expect_code mixed 3
	grep -q -- '--rx-intr: port [01] (net_null) has no rx interrupts' "$WORK/mixed.err" ||
		rx_fail "not named: $(<"$WORK/mixed.err")"
	echo "ok: a PMD without interrupts is refused, also beside one that has them"
}

# ---- shared memory ----

has_stopped() {
	(($(grep -c '^Done\.' "$WORK/$NAME.gen") == $1))
}

# Bursts with pauses in which the receiver falls asleep.
generate_bursts() {
	local _
	until_so "the link is up" link_is_up
	for _ in 1 2 3 4; do
		sleep 0.15
		echo start >&"$KEYS"
		sleep 0.02
		echo stop >&"$KEYS"
	done
	until_so "testpmd stops" has_stopped 4
	generator_counts
}

# account_for_sleeper: each frame was delivered, and some woke the lcore.
account_for_sleeper() {
	account "$SENT"
	rx_expect_sound "$NAME"
	rx_expect "$NAME" ".ledger.delivered == $SENT and .ledger.delivered > 0"
	rx_expect "$NAME" '.figures.lcores[0].wakeups.frames > 0'
	echo "ok: $NAME: $(jq -c '.figures.lcores[0].wakeups' "$WORK/$NAME.json")"
}

# The generator ends first where it is virtio-user: that one dies of SIGPIPE otherwise.
test_vhost() {
	receive vhost "net_vhost0,iface=$WORK/vhost.sock" --rx-intr
	generator_start txonly "net_virtio_user0,path=$WORK/vhost.sock,queues=1"
	generate_bursts
	wait_for_all "$SENT"
	generate_end
	account_for_sleeper
}

test_virtio() {
	NAME=virtio
	generator_start txonly "net_vhost0,iface=$WORK/virtio.sock"
	receive virtio "net_virtio_user0,path=$WORK/virtio.sock,queues=1" --rx-intr \
		--pool ring_mp_mc
	generate_bursts
	account_for_sleeper
	generate_end
}

rx_begin "$1" "$2" 512
trap generate_clean_up EXIT
(($(nproc) > 2)) || THREE='(0-2)@0-1'
(($(nproc) > 1)) || TWO='(0-1)@0'
rx_netns
test_refused
test_idle
test_pipeline
test_hold
test_prompt
if [[ " ${EAL[*]} " == *' --in-memory '* ]] && command -v dpdk-testpmd >/dev/null; then
	test_vhost
	test_virtio
else
	echo "left out: vhost and virtio-user want hugepages and dpdk-testpmd"
fi
