# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Somebody else's frames: labyrinth-rx receives in the background and tells what it has, and
# dpdk-testpmd in a process of its own sends, or sends back. Needs rx.sh, and `trap
# generate_clean_up EXIT` after rx_begin. NAME is the run; the receiver's words are in
# NAME.out and NAME.err, the generator's in NAME.gen.

GEN_PID=

generate_clean_up() {
	rx_kill "$GEN_PID"
	rx_end
}

# until_so WHAT COMMAND...: succeeds; the limit only ends a hang.
until_so() {
	local what=$1 tries=1200
	shift
	until "$@"; do
		if ((tries-- == 0)) || { [[ -n $GEN_PID ]] && ! kill -0 "$GEN_PID" 2>/dev/null; }; then
			tail -n 30 "$WORK/$NAME.gen" >&2 || true
			rx_tell "$NAME"
			rx_fail "$NAME: in vain: $what"
		fi
		sleep 0.1
	done
}

# ---- the receiver ----

# receive NAME VDEV APP_ARGS...: start it, in NS if there is one. It tells five times a second
# what it has.
receive() {
	local vdev=$2
	NAME=$1
	shift 2
	${NS:+ip netns exec "$NS"} "$RX" "${EAL[@]}" --single-file-segments -l 0 --vdev "$vdev" -- \
		--duration 300 --pages 4096 --stats-period 0.2 --json "$WORK/$NAME.json" "$@" \
		>"$WORK/$NAME.out" 2>"$WORK/$NAME.err" </dev/null &
	RX_PID=$!
	until_so "labyrinth-rx receives" running
}

running() {
	kill -0 "$RX_PID" 2>/dev/null || { rx_tell "$NAME"; rx_fail "$NAME: it ended"; }
	[[ -n $(rx_received "$NAME") ]]
}

has_received() {
	[[ $(rx_received "$NAME") == "$1" ]]
}

# wait_for_all SENT [DROPPED_BEFORE]
wait_for_all() {
	[[ $1 =~ ^[1-9] ]] || { cat "$WORK/$NAME.gen" >&2; rx_fail "$NAME: nothing was sent"; }
	until_so "$1 sent, ${2:-0} dropped before" has_received "$(($1 - ${2:-0}))"
}

# account SENT [DROPPED_BEFORE]: wait for the last frame, end, and compare.
account() {
	local sent=$1 before=${2:-0}
	wait_for_all "$sent" "$before"
	rx_stop INT
	rx_expect_code "$NAME" 0
	rx_expect_balanced "$NAME"
	rx_expect "$NAME" ".ledger.delivered + ([.ledger.drops[]] | add) == $sent - $before"
	echo "ok: $NAME: sent $sent, dropped before $before, delivered" \
		"$(jq .ledger.delivered "$WORK/$NAME.json")"
}

# ---- testpmd ----

# generate MODE VDEV: testpmd sends for half a second, and goes on living. SENT is what its
# port says that it gave away; what the port did not take testpmd drops itself.
generate() {
	generator_start "$1" "$2"
	generate_now
}

# generator_start MODE VDEV: until it takes commands.
generator_start() {
	local eal=("${EAL[@]/$PREFIX/$PREFIX-gen}")
	rm -f "$WORK/keys"
	: >"$WORK/$NAME.gen"
	mkfifo "$WORK/keys"
	stdbuf -oL dpdk-testpmd "${eal[@]}" --single-file-segments -l 0,1 --vdev "$2" -- \
		--interactive --no-mlockall --total-num-mbufs=4096 --forward-mode="$1" \
		<"$WORK/keys" >"$WORK/$NAME.gen" 2>&1 &
	GEN_PID=$!
	exec {KEYS}>"$WORK/keys"
	until_so "testpmd takes commands" grep -q 'testpmd> ' "$WORK/$NAME.gen"
}

generate_now() {
	until_so "the link is up" link_is_up
	echo start >&"$KEYS"
	sleep 0.5
	echo stop >&"$KEYS"
	until_so "testpmd stops" grep -q '^Done\.' "$WORK/$NAME.gen"
	generator_counts
}

# What it gave away so far, in SENT.
generator_counts() {
	echo "show port stats 0" >&"$KEYS"
	until_so "testpmd counts" grep -q 'TX-packets:.*TX-errors' "$WORK/$NAME.gen"
	# shellcheck disable=SC2034 # who sources this wants it
	SENT=$(sed -n 's/.*TX-packets: \([0-9]*\) *TX-errors.*/\1/p' "$WORK/$NAME.gen" | tail -n 1)
}

# What came back to testpmd so far, in CAME_BACK: those that still stand in its queue are
# received first.
generator_receives() {
	local at
	at=$(wc -l <"$WORK/$NAME.gen")
	printf 'set fwd rxonly\nstart\n' >&"$KEYS"
	sleep 0.2
	printf 'stop\nshow port stats 0\n' >&"$KEYS"
	until_so "testpmd counts" eval "tail -n +$at '$WORK/$NAME.gen' | grep -q 'TX-packets:.*TX-errors'"
	CAME_BACK=$(sed -n 's/.*RX-packets: \([0-9]*\) *RX-missed.*/\1/p' "$WORK/$NAME.gen" | tail -n 1)
}

# Nothing came back any more.
all_came_back() {
	local before=$CAME_BACK
	generator_receives
	[[ $CAME_BACK == "$before" ]]
}

# account_for_both SENT: as account, for a mode that sends back: all of that came, too.
account_for_both() {
	wait_for_all "$1"
	CAME_BACK=
	until_so "all came back" all_came_back
	account "$1"
	rx_expect "$NAME" ".forward.sent == $CAME_BACK and .forward.sent > 0"
	rx_expect "$NAME" '.ports[0].tx_packets == .forward.sent'
	echo "ok: $NAME: sent back $CAME_BACK, no room for $(jq .forward.tx_full "$WORK/$NAME.json")"
}

link_is_up() {
	echo "show port info 0" >&"$KEYS"
	sleep 0.2
	grep -q 'Link status: up' "$WORK/$NAME.gen"
}

generate_end() {
	local code=0
	echo quit >&"$KEYS"
	exec {KEYS}>&-
	wait "$GEN_PID" || code=$?
	GEN_PID=
	((code == 0)) && return
	tail -n 20 "$WORK/$NAME.gen" >&2
	rx_fail "$NAME: testpmd ended with $code"
}
