# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Debian's dpdk-testpmd, unmodified, on the mempool plugin. Needs rx.sh and plugin.sh. Any
# number of them at once, by name.

declare -A PMD_PID PMD_IN

# pmd_start NAME LCORES VDEVS... -- TESTPMD_ARGS...: interactive, until it takes commands.
pmd_start() {
	local name=$1 lcores=$2 vdevs=() fd
	shift 2
	while [[ $1 != -- ]]; do
		vdevs+=(--vdev "$1")
		shift
	done
	mkfifo "$WORK/$name.in"
	${NS:+ip netns exec "$NS"} stdbuf -oL dpdk-testpmd "${EAL[@]/#$PREFIX/$PREFIX-$name}" \
		--lcores "$lcores" --log-level mempool.labyrinth:debug "${ON_PLUGIN[@]}" \
		"${vdevs[@]}" "$@" --interactive --total-num-mbufs 8192 \
		<"$WORK/$name.in" >"$WORK/$name.out" 2>&1 &
	PMD_PID[$name]=$!
	exec {fd}>"$WORK/$name.in"
	PMD_IN[$name]=$fd
	pmd_wait_for "$name" 'Done|testpmd> $'
}

# pmd_wait_for NAME REGEX: until it says so.
pmd_wait_for() {
	local tries=600
	until grep -Eqs "$2" "$WORK/$1.out"; do
		if ! kill -0 "${PMD_PID[$1]}" 2>/dev/null || ((tries-- == 0)); then
			plugin_tell "$1"
			rx_fail "$1: testpmd did not say: $2"
		fi
		sleep 0.1
	done
}

# pmd_tell NAME COMMAND...
pmd_tell() {
	local fd=${PMD_IN[$1]}
	shift
	echo "$*" >&"$fd"
}

# pmd_stop NAME: end it. Every mbuf must be back, and none have been refused. To dump a
# mempool is one word before DPDK 25.11 and two from then on; either says nothing of the other.
pmd_stop() {
	local name=$1 fd=${PMD_IN[$1]} command code=0
	for command in stop 'port stop all' 'port close all' 'dump_mempool mb_pool_0' \
		'dump mempool mb_pool_0' quit; do
		echo "$command" >&"$fd"
	done
	exec {fd}>&-
	wait "${PMD_PID[$name]}" || code=$?
	unset "PMD_PID[$name]"
	((code == 0)) || { plugin_tell "$name"; rx_fail "$name: exit code $code"; }
	plugin_expect "$name" 'labyrinth: mempool mb_pool_0: 8192 objects'
	plugin_expect "$name" 'ops_name: <labyrinth>'
	plugin_expect "$name" 'common_pool_count=8192$'
	plugin_expect_not "$name" 'refused|while .* objects of it are out'
}

# Whatever happens, nothing outlives the test.
pmd_end() {
	local name
	for name in "${!PMD_PID[@]}"; do
		kill -KILL "${PMD_PID[$name]}" 2>/dev/null || true
		wait "${PMD_PID[$name]}" 2>/dev/null || true
		rm -rf "/run/dpdk/$PREFIX-$name"
	done
	plugin_end
}

# pmd_count NAME RX|TX: packets of all ports, as testpmd's last words have them.
pmd_count() {
	sed -n '/Accumulated forward statistics/,$p' "$WORK/$1.out" |
		sed -n "s/.*$2-packets: \([0-9]*\).*/\1/p"
}

# pmd_dropped NAME: packets that it could not send.
pmd_dropped() {
	sed -n '/Accumulated forward statistics/,$p' "$WORK/$1.out" |
		sed -n 's/.*TX-dropped: \([0-9]*\).*/\1/p'
}
