#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Generators of others, as Debian has them, into labyrinth-rx: dpdk-testpmd (txonly, flowgen)
# over vhost and virtio-user and over memif, trafgen and tcpreplay into a tap and a veth. What
# the generator says it sent is, to the frame, what was received plus what was dropped.
# Arguments: labyrinth-rx, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

GEN_PID=
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

end() {
	if [[ -n $GEN_PID ]]; then
		kill -KILL "$GEN_PID" 2>/dev/null || true
		wait "$GEN_PID" 2>/dev/null || true
	fi
	rm -rf "/run/dpdk/$PREFIX-gen"
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

# receive NAME VDEV: start it, in NS if there is one. It tells five times a second what it has.
receive() {
	NAME=$1
	${NS:+ip netns exec "$NS"} "$RX" "${EAL[@]}" --single-file-segments -l 0 --vdev "$2" -- \
		--duration 300 --pages 4096 --stats-period 0.2 --json "$WORK/$NAME.json" \
		>"$WORK/$NAME.out" 2>"$WORK/$NAME.err" </dev/null &
	RX_PID=$!
	until_so "labyrinth-rx receives" running
}

running() {
	kill -0 "$RX_PID" 2>/dev/null || { rx_tell "$NAME"; rx_fail "$NAME: it ended"; }
	[[ -n $(received) ]]
}

# Frames so far.
received() {
	sed -n 's/.*RX-packets: \([0-9]*\)$/\1/p' "$WORK/$NAME.out" | tail -n 1
}

has_received() {
	[[ $(received) == "$1" ]]
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
	rx_expect_sound "$NAME"
	rx_expect "$NAME" ".ledger.delivered + ([.ledger.drops[]] | add) == $sent - $before"
	echo "ok: $NAME: sent $sent, dropped before $before, delivered" \
		"$(jq .ledger.delivered "$WORK/$NAME.json")"
}

# ---- testpmd ----

# generate MODE VDEV: testpmd sends for half a second, and goes on living. SENT is what its
# port says that it gave away; what the port did not take testpmd drops itself.
generate() {
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
	until_so "the link is up" link_is_up
	echo start >&"$KEYS"
	sleep 0.5
	echo stop >&"$KEYS"
	until_so "testpmd stops" grep -q '^Done' "$WORK/$NAME.gen"
	echo "show port stats 0" >&"$KEYS"
	until_so "testpmd counts" grep -q 'TX-packets:.*TX-errors' "$WORK/$NAME.gen"
	SENT=$(sed -n 's/.*TX-packets: \([0-9]*\) *TX-errors.*/\1/p' "$WORK/$NAME.gen" | tail -n 1)
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

# Ours is the vhost side: the other one must share all its memory, which pages of a pool of
# ours are no part of. The generator ends first: virtio-user dies of SIGPIPE otherwise.
test_vhost() {
	local mode
	for mode in txonly flowgen; do
		receive "vhost-$mode" "net_vhost0,iface=$WORK/vhost.sock"
		generate "$mode" "net_virtio_user0,path=$WORK/vhost.sock,queues=1"
		wait_for_all "$SENT"
		generate_end
		account "$SENT"
	done
}

# The receiver ends first: net_memif forgets its counters when the other side goes.
test_memif() {
	local memif="socket=$WORK/memif.sock,socket-abstract=no" mode
	for mode in txonly flowgen; do
		receive "memif-$mode" "net_memif0,role=server,$memif"
		generate "$mode" "net_memif0,role=client,$memif"
		account "$SENT"
		generate_end
	done
}

# ---- trafgen and tcpreplay ----

FRAMES=4000

make_input() {
	cat >"$WORK/udp.trafgen" <<-'END'
		{
		  eth(da=02:00:00:00:00:02, sa=02:00:00:00:00:01, type=0x0800),
		  ipv4(sa=198.18.0.1, da=198.19.0.1, ttl=64),
		  udp(sp=dinc(1024, 2047), dp=9),
		  fill(0x5a, 18)
		}
	END
	"$HERE/udp_pcap.py" "$WORK/udp.pcap" --count "$FRAMES" --every 100 --word labyrinth
}

# in_ns COMMAND...: its words are in NAME.gen.
in_ns() {
	ip netns exec "$NS" "$@" >"$WORK/$NAME.gen" 2>&1 </dev/null && return
	cat "$WORK/$NAME.gen" >&2
	rx_fail "$NAME: the generator failed"
}

# kernel_count INTERFACE COUNTER
kernel_count() {
	ip netns exec "$NS" cat "/sys/class/net/$1/statistics/$2"
}

# What it says that it sent: frames that the kernel did not take at once it sends again.
trafgen_sent() {
	grep -oE '[0-9]+ packets outgoing' "$WORK/$NAME.gen" | cut -d ' ' -f 1
}

tcpreplay_sent() {
	sed -n 's/.*Successful packets: *\([0-9]*\).*/\1/p' "$WORK/$NAME.gen"
}

# A tap counts what it drops when its queue is full. trafgen sees that and tries again.
test_tap() {
	receive tap-trafgen "net_tap0,iface=lab0"
	tap_wait_up "$NS" lab0 "$RX_PID" 60 || rx_fail "the tap did not come up"
	in_ns trafgen --dev lab0 --conf "$WORK/udp.trafgen" --num "$FRAMES" --cpus 1 --no-sock-mem
	account "$(trafgen_sent)"
	receive tap-tcpreplay "net_tap0,iface=lab0"
	tap_wait_up "$NS" lab0 "$RX_PID" 60 || rx_fail "the tap did not come up"
	in_ns tcpreplay -i lab0 --topspeed "$WORK/udp.pcap"
	account "$(tcpreplay_sent)" "$(kernel_count lab0 tx_dropped)"
}

# The socket's ring has room for all frames: what it drops no port of net_af_packet counts.
test_veth() {
	local port=net_af_packet0,iface=there,blocksz=4096,framesz=2048,framecnt=8192
	ip -n "$NS" link add here type veth peer name there
	ip -n "$NS" link set here up
	ip -n "$NS" link set there up
	receive veth-trafgen "$port"
	in_ns trafgen --dev here --conf "$WORK/udp.trafgen" --num "$FRAMES" --cpus 1 --no-sock-mem
	account "$(trafgen_sent)"
	receive veth-tcpreplay "$port"
	in_ns tcpreplay -i here --topspeed "$WORK/udp.pcap"
	account "$(tcpreplay_sent)"
	(($(kernel_count here tx_packets) == 2 * FRAMES)) || rx_fail "veth: the kernel sent others"
}

for program in dpdk-testpmd trafgen tcpreplay; do
	command -v "$program" >/dev/null || rx_fail "no $program: run scripts/install.sh"
done
rx_begin "$1" "$2" 512
trap end EXIT
NS=
if [[ " ${EAL[*]} " == *' --in-memory '* ]]; then
	test_vhost
	test_memif
else
	echo "left out: vhost and memif want hugepages, to share memory with each other"
fi
rx_netns
make_input
test_tap
test_veth
