#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Open vSwitch as Debian built it for DPDK, with the mempool of its ports from the page
# pool by the plugin: a bridge in user space between two taps. As many frames of the kernel
# come out of one as went into the other, or the switch counted them as dropped.
# Arguments: the plugin, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=../driver/plugin.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/plugin.sh"
# shellcheck source-path=SCRIPTDIR source=programs.sh
. "$(dirname "${BASH_SOURCE[0]}")/programs.sh"

FRAMES=20000
# It asks for this many mbufs at once, and for half of them if there are not so many.
MBUFS=262144
MIB=1536

vsctl() {
	ovs-vsctl --db="unix:$WORK/db.sock" --timeout=60 "$@"
}

start_database() {
	local share=$ROOT/usr/share/openvswitch
	export OVS_RUNDIR=$WORK OVS_LOGDIR=$WORK OVS_DBDIR=$WORK OVS_SYSCONFDIR=$WORK \
		OVS_PKGDATADIR=$share
	ovsdb-tool create "$WORK/conf.db" "$share/vswitch.ovsschema"
	program_start ovsdb ovsdb-server "$WORK/conf.db" --remote="punix:$WORK/db.sock" \
		--log-file="$WORK/ovsdb.log"
	program_wait_for ovsdb ovs-vsctl --db="unix:$WORK/db.sock" --no-wait init
}

start_switch() {
	local extra="--no-pci --in-memory --file-prefix $PREFIX"
	extra+=" --log-level mempool.labyrinth:debug ${ON_PLUGIN[*]}"
	vsctl --no-wait set Open_vSwitch . other_config:dpdk-init=true \
		"other_config:dpdk-extra=$extra" other_config:dpdk-socket-mem=$MIB \
		other_config:dpdk-lcore-mask=0x1 other_config:pmd-cpu-mask=0x2
	program_start ovs ip netns exec "$NS" \
		"$ROOT/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk" "unix:$WORK/db.sock" \
		--log-file="$WORK/ovs.log" --unixctl="$WORK/ovs.ctl"
	program_wait_for ovs grep -q 'DPDK Enabled - initialized' "$WORK/ovs.log"
	vsctl add-br br0 -- set bridge br0 datapath_type=netdev
	# The switch sends on a queue for each of its threads, and a tap wants as many to
	# receive from.
	vsctl add-port br0 in -- set Interface in type=dpdk options:n_rxq=2 \
		options:dpdk-devargs=net_tap0,iface=lab0
	vsctl add-port br0 out -- set Interface out type=dpdk options:n_rxq=2 \
		options:dpdk-devargs=net_tap1,iface=lab1
	tap_wait_up "$NS" lab0 "${CHILD[ovs]}" 60 || rx_fail "the tap did not come up"
	tap_wait_up "$NS" lab1 "${CHILD[ovs]}" 60 || rx_fail "the tap did not come up"
}

# count PORT COUNTER: as the switch has it, 0 if it has none.
count() {
	vsctl --if-exists get Interface "$1" "statistics:$2" 2>/dev/null || echo 0
}

received() {
	ip netns exec "$NS" cat /sys/class/net/lab1/statistics/rx_packets
}

# Until as many came as were sent, or none for 5 seconds.
forward() {
	local tries=50 before now
	before=$(received)
	tap_send "$NS" lab0 "$FRAMES" --window 200 >"$WORK/sent" ||
		rx_fail "the reader stood still: $(<"$WORK/sent")"
	OUT=0
	while ((OUT < FRAMES && tries-- > 0)); do
		sleep 0.1
		now=$(($(received) - before))
		((now == OUT)) || tries=50
		OUT=$now
	done
}

# The switch tells its counters to the database every few seconds.
account() {
	local dropped
	sleep 6
	dropped=$(($(count out tx_dropped) + $(count in rx_dropped) + $(count out tx_errors)))
	echo "ovs: $FRAMES in, $OUT out, $dropped dropped;" \
		"the switch counts $(count in rx_packets) in, $(count out tx_packets) out"
	((OUT > 0 && OUT + dropped == FRAMES)) || rx_fail "not all accounted for"
}

# The one that the ports receive into; taps have one each for their own ends.
check_pool() {
	local pool
	pool=$(program_telemetry /labyrinth/mempools '.[] | select(startswith("ovs"))' |
		tr -d '"') || rx_fail "no mempool of the switch is on the plugin"
	program_telemetry "/labyrinth/mempool,$pool" . || rx_fail "no answer of telemetry"
	program_telemetry "/labyrinth/mempool,$pool" ".objects == $MBUFS and
		.layout == \"paged\" and .refused == { double_free: 0, no_object: 0 } and
		.got >= $OUT" >/dev/null || rx_fail "the pool is not as it should be"
	# what is out is what waits in the rings of the taps
	program_telemetry "/labyrinth/mempool,$pool" ".out < 10000" >/dev/null ||
		rx_fail "mbufs leak"
}

plugin_begin ovs-vswitchd "$2" 256 "$1"
trap program_end EXIT
rx_netns
program_fetch "$2" openvswitch-switch-dpdk
program_hugepages "$2" $((MIB / 2 + 32))
start_database
start_switch
forward
account
check_pool
ovs-appctl --target="$WORK/ovs.ctl" exit
program_wait ovs
((RX_CODE == 0)) || rx_fail "the switch ended with $RX_CODE"
if grep -q 'labyrinth: .*refused' "$WORK/ovs.log"; then
	rx_fail "$(grep 'labyrinth: .*refused' "$WORK/ovs.log")"
fi
program_stop ovsdb TERM
