#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Make a machine ready for DPDK without a card: hugepages, hugetlbfs, tun. What was
# there before is remembered, and `reset` brings exactly that back.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=lib/hugepages.sh
. "$HERE/lib/hugepages.sh"

SIZES=(2048 1048576)
PAGES_2M=${LABYRINTH_PAGES_2M:-512}
PAGES_1G=${LABYRINTH_PAGES_1G:-0}
FRESH=0 # this run wrote the state file
STATE=${LABYRINTH_STATE:-/run/labyrinth/setup.state}

usage() {
	cat <<TEXT
usage: scripts/setup.sh status|config|reset [options]
  status          show hugepages, mounts, tun, nodes and rights
  config          see to it that the pages asked for are free; never lowers
  reset           bring back what the first config found
options
  --pages-2m N    free pages of 2 MiB wanted (LABYRINTH_PAGES_2M, now $PAGES_2M)
  --pages-1g N    free pages of 1 GiB wanted (LABYRINTH_PAGES_1G, now $PAGES_1G)
  --state FILE    where to remember (LABYRINTH_STATE, now $STATE)
exit codes: 0 done, 2 usage, 3 rights or memory missing
TEXT
}

# --- state file: one "key path [value]" a line, written before the change it undoes

remember() {
	remember_pages
	echo "$*" >>"$STATE"
}

# A half-written state file would bring back half: it appears in one step.
remember_pages() {
	local size knob
	[[ ! -e $STATE ]] || return 0
	FRESH=1
	mkdir -p "$(dirname "$STATE")" 2>/dev/null ||
		die 3 "cannot make the directory of $STATE: give another --state"
	for size in "${SIZES[@]}"; do
		for knob in $(huge_knobs "$size"); do
			echo "pages $knob $(<"$knob")"
		done
	done >"$STATE.new"
	mv "$STATE.new" "$STATE"
	say "remembered what was there in $STATE"
}

# --- config

need_rights() {
	((EUID == 0)) || die 3 "$1 needs root: run 'sudo scripts/setup.sh $1'"
}

# set_pages SIZE TOTAL: ask for a total, once more after the kernel tidied memory up.
# What it gave is for the caller to see.
set_pages() {
	local knob=/sys/kernel/mm/hugepages/hugepages-${1}kB/nr_hugepages
	[[ -w $knob ]] || return 0
	echo "$2" >"$knob" || return 0
	if (($(<"$knob") < $2)); then
		echo 1 >/proc/sys/vm/compact_memory || true
		echo "$2" >"$knob"
	fi
} 2>/dev/null

# Asked for more than there is, the kernel gives all it has and starves the rest.
need_memory() {
	local kib=$1 wanted=$2 available
	available=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
	((kib < available)) || die 3 "$wanted free hugepages of $(huge_name "$3") need" \
		"$((kib / 1024)) MiB more, $((available / 1024)) MiB are available: ask for fewer"
}

config_pages() {
	local size=$1 wanted=$2 have total
	((wanted > 0)) || return 0
	[[ -n $(huge_knobs "$size") ]] ||
		die 3 "this kernel has no hugepages of $(huge_name "$size"): ask for 0 of them"
	have=$(huge_free "$size")
	if ((have >= wanted)); then
		say "hugepages of $(huge_name "$size"): $have free, $wanted wanted: nothing to do"
		return
	fi
	need_memory $(((wanted - have) * size)) "$wanted" "$size"
	remember_pages
	total=$(($(huge_read "$size" nr_hugepages) + wanted - have))
	set_pages "$size" "$total"
	have=$(huge_free "$size")
	if ((have < wanted)); then
		die 3 "the kernel gave $have free hugepages of $(huge_name "$size"), not $wanted:" \
			"free memory, ask for fewer (--pages-2m/--pages-1g) or reserve them at boot"
	fi
	say "hugepages of $(huge_name "$size"): total now $total, free $have"
}

config_mount() {
	local size=$1 wanted=$2 dir=/dev/hugepages
	((wanted > 0)) || return 0
	[[ -z $(huge_mount "$size") ]] || return 0
	((size == 2048)) || dir=/dev/hugepages1G
	if [[ ! -d $dir ]]; then
		remember "dir $dir"
		mkdir "$dir"
	fi
	remember "mount $dir"
	if ! mount -t hugetlbfs -o "pagesize=$((size / 1024))M" labyrinth "$dir" 2>/dev/null; then
		warn "cannot mount hugetlbfs on $dir: fine with --in-memory, else mount it by hand"
		return
	fi
	say "mounted hugetlbfs ($(huge_name "$size")) on $dir"
}

# The module makes the node where devtmpfs is mounted; elsewhere it is made by hand.
config_tun() {
	[[ -c /dev/net/tun ]] && return
	if ! grep -q ' tun$' /proc/misc; then
		remember "module tun"
		modprobe tun 2>/dev/null ||
			warn "no tun in this kernel: taps are not to be had, all else works"
	fi
	if [[ ! -c /dev/net/tun ]] && grep -q ' tun$' /proc/misc; then
		remember "node /dev/net/tun"
		mkdir -p /dev/net
		mknod -m 666 /dev/net/tun c 10 200
	fi
	[[ ! -c /dev/net/tun ]] || say "made /dev/net/tun usable"
}

# A config that fails leaves nothing changed.
undo_half() {
	((!FRESH)) || reset
}

config() {
	need_rights config
	trap undo_half EXIT
	[[ -w /sys/kernel/mm/hugepages ]] ||
		die 3 "/sys is read-only or without hugepages: run on the host, not in a container"
	config_pages 2048 "$PAGES_2M"
	config_pages 1048576 "$PAGES_1G"
	config_mount 2048 "$PAGES_2M"
	config_mount 1048576 "$PAGES_1G"
	config_tun
	trap - EXIT
	say "ready; 'scripts/setup.sh reset' brings back what was there before"
}

# --- reset

restore_pages() {
	local knob=$1 value=$2
	[[ $(<"$knob") != "$value" ]] || return 0
	echo "$value" >"$knob"
	if [[ $(<"$knob") == "$value" ]]; then
		say "restored $knob to $value"
	else
		warn "$knob stays at $(<"$knob") while programs use the pages, then becomes $value"
	fi
}

undo() {
	local what=$1 path=$2 value=${3-}
	case $what in
	pages) restore_pages "$path" "$value" ;;
	mount) umount "$path" 2>/dev/null && say "unmounted $path" ;;
	dir) rmdir "$path" 2>/dev/null ;;
	module) modprobe -r "$path" 2>/dev/null ;;
	node) rm -f "$path" ;;
	esac
}

# Backwards: what was made last is undone first.
reset() {
	local what path value
	need_rights reset
	if [[ ! -e $STATE ]]; then
		say "nothing to reset: no $STATE"
		return
	fi
	while read -r what path value; do
		undo "$what" "$path" "$value" || true
	done < <(tac "$STATE")
	rm -f "$STATE"
	rmdir "$(dirname "$STATE")" 2>/dev/null || true
	say "all is as it was"
}

# --- status

yes_no() {
	if "$@" 2>/dev/null; then echo yes; else echo no; fi
}

can_reserve() {
	[[ -w /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages ]]
}

can_tun() {
	[[ -c /dev/net/tun ]] && : <>/dev/net/tun
}

status_pages() {
	local size mount
	printf '%-10s %-8s %8s %8s %8s  %s\n' hugepages size total free reserved mount
	for size in "${SIZES[@]}"; do
		[[ -n $(huge_knobs "$size") ]] || continue
		mount=$(huge_mount "$size")
		printf '%-10s %-8s %8s %8s %8s  %s\n' '' "$(huge_name "$size")" \
			"$(huge_read "$size" nr_hugepages)" "$(huge_read "$size" free_hugepages)" \
			"$(huge_read "$size" resv_hugepages)" "${mount:-none}"
	done
}

status_nodes() {
	local node size dir
	printf '%-10s %-8s %8s %8s\n' node size total free
	for node in /sys/devices/system/node/node*; do
		for size in "${SIZES[@]}"; do
			dir=$node/hugepages/hugepages-${size}kB
			[[ -e $dir ]] || continue
			printf '%-10s %-8s %8s %8s\n' "${node##*/}" "$(huge_name "$size")" \
				"$(<"$dir/nr_hugepages")" "$(<"$dir/free_hugepages")"
		done
	done
}

status() {
	status_pages
	status_nodes
	printf '%-10s %s\n' tun "/dev/net/tun usable: $(yes_no can_tun)"
	printf '%-10s %s\n' rights "root: $(yes_no test "$EUID" = 0)" \
		'' "reserve hugepages: $(yes_no can_reserve)" \
		'' "locked memory: $(ulimit -l) KiB"
	if [[ -e $STATE ]]; then
		printf '%-10s %s\n' state "$STATE: reset brings back"
		sed 's/^/           /' "$STATE"
	else
		printf '%-10s %s\n' state "none: nothing to reset"
	fi
}

# --- command line

# need_number WHAT VALUE
need_number() {
	[[ $2 =~ ^[0-9]{1,9}$ ]] || die 2 "$1 wants a number, not '$2'"
}

parse() {
	while (($# > 0)); do
		(($# > 1)) || die 2 "$1 wants a value: see scripts/setup.sh help"
		case $1 in
		--pages-2m) PAGES_2M=$2 ;;
		--pages-1g) PAGES_1G=$2 ;;
		--state) STATE=$2 ;;
		*) die 2 "unknown option '$1': see scripts/setup.sh help" ;;
		esac
		shift 2
	done
	need_number --pages-2m "$PAGES_2M"
	need_number --pages-1g "$PAGES_1G"
	PAGES_2M=$((10#$PAGES_2M))
	PAGES_1G=$((10#$PAGES_1G))
	need_state
}

# Before anything is changed: what would not be remembered could not be brought back.
need_state() {
	[[ -e $STATE ]] || return 0
	[[ -f $STATE && $(head -c 6 "$STATE") == "pages " ]] ||
		die 2 "--state $STATE is no file that setup.sh wrote: give another"
}

main() {
	local command=${1-help}
	(($# == 0)) || shift
	case $command in
	status | config | reset) ;;
	help | -h | --help)
		usage
		return
		;;
	*) die 2 "unknown command '$command': status, config or reset" ;;
	esac
	parse "$@"
	"$command"
}

main "$@"
