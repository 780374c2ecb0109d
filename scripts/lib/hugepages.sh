# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the kernel says about hugepages. A size is given in KiB: 2048 or 1048576.

# huge_read SIZE COUNTER: a counter of all nodes together, 0 without that size.
huge_read() {
	cat "/sys/kernel/mm/hugepages/hugepages-${1}kB/$2" 2>/dev/null || echo 0
}

# huge_free SIZE: pages that a new program can have.
huge_free() {
	echo $(($(huge_read "$1" free_hugepages) - $(huge_read "$1" resv_hugepages)))
}

# huge_knobs SIZE: the files that hold the number of pages, one per node: the
# sum alone would not bring back how the pages were spread.
huge_knobs() {
	local knob found=0
	for knob in /sys/devices/system/node/node*/hugepages/"hugepages-${1}kB"/nr_hugepages; do
		[[ -e $knob ]] || continue
		echo "$knob"
		found=1
	done
	knob=/sys/kernel/mm/hugepages/hugepages-${1}kB/nr_hugepages
	if ((!found)) && [[ -e $knob ]]; then
		echo "$knob"
	fi
}

# huge_name SIZE: the size as people write it.
huge_name() {
	if (($1 == 1048576)); then echo "1 GiB"; else echo "$(($1 / 1024)) MiB"; fi
}

# huge_mount SIZE: where a hugetlbfs with pages of that size is mounted, if it is.
huge_mount() {
	local target options
	while read -r _ target _ options _; do
		case $1,$options in
		2048,*pagesize=2M* | 1048576,*pagesize=1024M* | 1048576,*pagesize=1G*)
			echo "$target"
			return
			;;
		esac
	done < <(grep -E '^[^ ]+ [^ ]+ hugetlbfs ' /proc/mounts)
}
