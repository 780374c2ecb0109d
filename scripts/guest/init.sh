#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The guest's only program, started by the stub in its image. Makes the cards ready for DPDK,
# then runs each job that the host puts into the shared folder: NAME.job is a script, its
# output goes to NAME.out, its process id to NAME.pid, its exit code at last to NAME.rc.
# The disk itself is thrown away with the guest.
set -euo pipefail

JOBS=/labyrinth

# The initramfs has mounted some of these.
mount_if_not() {
	mkdir -p "$3"
	mountpoint -q "$3" || mount -t "$1" "$2" "$3"
}

mount_all() {
	mount_if_not proc proc /proc
	mount_if_not sysfs sys /sys
	mount_if_not devtmpfs dev /dev
	mount_if_not tmpfs tmpfs /dev/shm
	mount_if_not hugetlbfs hugetlbfs /dev/hugepages
	mount_if_not tmpfs tmpfs /run
	mount_if_not tmpfs tmpfs /tmp
}

# Cards of the host's choice, as it wrote their PCI addresses.
bind_cards() {
	local cards
	read -ra cards <"$JOBS/cards"
	modprobe vfio-pci
	((${#cards[@]} == 0)) || dpdk-devbind.py --bind=vfio-pci "${cards[@]}"
}

run_job() {
	local name=${1%.job} code=0
	(
		echo "$BASHPID" >"$name.pid"
		exec bash -euo pipefail "$name.running" >"$name.out" 2>&1 </dev/null
	) || code=$?
	echo "$code" >"$name.rc.new"
	mv "$name.rc.new" "$name.rc"
}

serve() {
	local job
	shopt -s nullglob
	while [[ ! -e $JOBS/off ]]; do
		for job in "$JOBS"/*.job; do
			mv "$job" "${job%.job}.running"
			run_job "$job" &
		done
		sleep 0.1
	done
}

export HOME=/root LD_LIBRARY_PATH=$JOBS
mount_all
bind_cards >"$JOBS/boot.log" 2>&1 || echo "failed: $?" >>"$JOBS/boot.log"
ip link set lo up
touch "$JOBS/ready"
serve
sync
echo o >/proc/sysrq-trigger
sleep 60
