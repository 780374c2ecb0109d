# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# A tap in a network namespace of its own: the host's network is never touched.
# Needs say.sh.

TAP_SENDER=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/send_frames.py

# tap_namespace NS: make it, without IPv6: its neighbour discovery would send
# frames of its own into the tap. Fails where namespaces are not to be had.
tap_namespace() {
	local knob=/proc/sys/net/ipv6/conf/default/disable_ipv6
	ip netns add "$1" || return 1
	[[ ! -e $knob ]] || ip netns exec "$1" tee "$knob" <<<1 >/dev/null
}

# tap_possible NS: can this user make a tap there?
tap_possible() {
	ip netns exec "$1" ip tuntap add mode tap name labprobe 2>/dev/null &&
		ip netns exec "$1" ip link del labprobe
}

# tap_wait_up NS IFACE PID SECONDS: until the program PID has its tap running.
tap_wait_up() {
	local tries=$(($4 * 10))
	while ((tries-- > 0)); do
		kill -0 "$3" 2>/dev/null || return 1
		if ip netns exec "$1" ip link show dev "$2" up 2>/dev/null | grep -q LOWER_UP; then
			return 0
		fi
		sleep 0.1
	done
	return 1
}

# tap_send NS IFACE COUNT [OPTION...]: send, and print what the kernel counted (JSON).
tap_send() {
	local ns=$1 iface=$2 count=$3
	shift 3
	ip netns exec "$ns" "$TAP_SENDER" --iface "$iface" --count "$count" "$@"
}
