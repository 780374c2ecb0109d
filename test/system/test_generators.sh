#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Generators of others, as Debian has them, into labyrinth-rx: dpdk-testpmd (txonly, flowgen)
# over vhost and virtio-user and over memif, trafgen and tcpreplay into a tap and a veth. What
# the generator says it sent is, to the frame, what was received plus what was dropped.
# Arguments: labyrinth-rx, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=../driver/generate.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/generate.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
NS=

# Ours is the vhost side (the other one: test/driver/test_virtio_user.sh). The generator ends
# first: virtio-user dies of SIGPIPE otherwise.
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
	rx_veth
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
trap generate_clean_up EXIT
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
