#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What a PMD does not count is "unknown" in report, figures and on screen, never 0; and what it
# does count is a number. For each PMD of the table in app/rx/drivers.c that leaves something
# out. With the pool dry those that say nothing of failed allocations do say nothing.
# Arguments: labyrinth-rx, the scripts folder, the sources.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

# Tested where there is another side: test/guest, test_virtio_user.sh, test_af_xdp.sh.
ELSEWHERE=(net_virtio net_virtio_user net_af_xdp)
TESTED=()

# in_code: "PMD reasons..." as the table has them.
in_code() {
	tr '\n' ' ' <"$SOURCES/app/rx/drivers.c" | grep -oE '\{ "net_[a-z_]+", [^}]*\}' |
		awk '{ name = $2; gsub(/[",]/, "", name); reasons = ""
			if (/imissed_unknown/) reasons = reasons " imissed"
			if (/nombuf_unknown/) reasons = reasons " rx_nombuf"
			if (reasons != "") print name reasons }'
}

# start NAME VDEV APP_ARGS...: in NS, until it polls; stop NAME: its report is sound.
start() {
	local name=$1 vdev=$2
	shift 2
	rx_start "$name" -l 0 --vdev "$vdev" -- --duration 300 --pages 4096 --rxd 256 --txd 256 \
		--display-xstats rx_mbuf_allocation_errors "$@"
	rx_wait_for "$name" '^lcore 0 polls'
}

stop() {
	rx_stop INT
	rx_expect_code "$1" 0
	rx_expect_balanced "$1"
}

# unknown NAME DRIVER REASONS...: exactly these.
unknown() {
	local name=$1 driver=$2 list reason
	shift 2
	list=$(printf '%s\n' "$@" | jq -cRn '[inputs]')
	rx_expect "$name" ".ports[0].driver == \"$driver\" and .ledger.unknown == $list"
	for reason in imissed rx_nombuf; do
		if [[ " $* " != *" $reason "* ]]; then
			rx_expect "$name" ".ports[0].$reason | type == \"number\""
			rx_expect "$name" ".figures.ports[0].$reason | type == \"number\""
			continue
		fi
		rx_expect "$name" ".ports[0].$reason == \"unknown\""
		rx_expect "$name" ".figures.ports[0].$reason == \"unknown\""
		rx_expect "$name" ".figures.ports[0].drops.$reason == \"unknown\""
		rx_expect "$name" ".figures.run.drops.$reason == \"unknown\""
		grep -qE "^  $reason +unknown +port 0: $driver " "$WORK/$name.out" ||
			rx_fail "$name: the screen does not say that $reason is unknown"
	done
	TESTED+=("$driver $*")
	echo "ok: $driver: unknown are $*"
}

test_all() {
	local driver vdev reasons
	while read -r driver vdev reasons; do
		start "$driver" "$vdev"
		stop "$driver"
		# shellcheck disable=SC2086 # reasons are several words
		unknown "$driver" "$driver" $reasons
	done <<-EOF
		net_null net_null0 rx_nombuf
		net_memif net_memif0,role=server,socket=$WORK/memif.sock,socket-abstract=no imissed rx_nombuf
		net_vhost net_vhost0,iface=$WORK/vhost.sock imissed rx_nombuf
		net_af_packet net_af_packet0,iface=there imissed rx_nombuf
		net_tap net_tap0,iface=lab0 imissed
		net_tun net_tun0,iface=lab1 imissed
	EOF
}

# Whoever adds a PMD that leaves something out adds it here.
test_table() {
	local line
	while read -r line; do
		[[ " ${ELSEWHERE[*]} " != *" ${line%% *} "* ]] || continue
		printf '%s\n' "${TESTED[@]}" | grep -qxF "$line" ||
			rx_fail "of drivers.c not tested: $line"
	done < <(in_code)
	(($(in_code | wc -l) == ${#TESTED[@]} + ${#ELSEWHERE[@]})) ||
		rx_fail "tested are more than there are in drivers.c"
}

# expect_silence NAME: allocations failed, and the PMD counted none of them.
expect_silence() {
	rx_expect "$1" '.pool.alloc_fail > 0'
	(($(sed -n 's/^  rx_mbuf_allocation_errors *//p' "$WORK/$1.out" | tail -n 1) == 0)) ||
		rx_fail "$1: the PMD counts failed allocations: then they are not unknown"
	echo "ok: $1: $(jq .pool.alloc_fail "$WORK/$1.json") failed attempts, none counted"
}

# Frames are kept until there is no page.
test_dry() {
	rx_run null-dry -l 0 --vdev net_null0 -- --duration 0.3 --pages 512 --rxd 64 \
		--hold-packets 512 --display-xstats rx_mbuf_allocation_errors
	rx_expect_code null-dry 0
	expect_silence null-dry
	start packet-dry net_af_packet0,iface=there --pages 512 --hold-packets 512 \
		--stats-period 0.2
	tap_send "$NS" here 2000 >"$WORK/packet-dry.sent"
	rx_wait_still packet-dry
	stop packet-dry
	expect_silence packet-dry
}

rx_begin "$1" "$2"
SOURCES=$3
rx_netns
rx_veth
test_all
test_table
test_dry
