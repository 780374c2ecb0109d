#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Real PCI drivers without a real card: boot a guest with emulated cards behind an emulated
# IOMMU, bound to vfio-pci, and run a command in it. Nothing of it stays but its disk.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=lib/own_apt.sh
. "$HERE/lib/own_apt.sh"
# shellcheck source-path=SCRIPTDIR source=lib/tap.sh
. "$HERE/lib/tap.sh"
# shellcheck source-path=SCRIPTDIR source=lib/guest_image.sh
. "$HERE/lib/guest_image.sh"
# shellcheck source-path=SCRIPTDIR source=lib/guest.sh
. "$HERE/lib/guest.sh"

CARDS=()
PROGRAMS=()
SEND=0

usage() {
	cat <<-EOF
		Usage: scripts/guest.sh [OPTION]... -- COMMAND

		Boots a guest (KVM where it works, else by emulation) and runs COMMAND there with
		bash, as root. Its output is shown, its exit code is this script's.

		  --card DEVICE   of QEMU, with its properties: e1000e (the default), e1000,
		                  vmxnet3, virtio-net-pci,iommu_platform=on,disable-legacy=on
		                  The first is 0000:00:10.0 in the guest, the next 0000:00:11.0
		  --program FILE  to be /labyrinth/NAME in the guest; the default is
		                  build/app/labyrinth-rx
		  --send COUNT    send so many frames into the first card, once COMMAND says that
		                  its port is there

		  scripts/guest.sh --send 20000 -- /labyrinth/labyrinth-rx -l 1 -a 0000:00:10.0 \\
		      -- --packets 20000 --duration 120

		LABYRINTH_GUEST_ACCEL=tcg|kvm chooses, LABYRINTH_GUEST_CACHE says where the disk is
		kept (/var/cache/labyrinth-guest, $GUEST_MIB MiB at most).
	EOF
}

while (($# > 0)); do
	case $1 in
	--card) CARDS+=("${2-}") && shift ;;
	--program) PROGRAMS+=("${2-}") && shift ;;
	--send) SEND=${2-} && shift ;;
	--help | -h) usage && exit ;;
	--) shift && break ;;
	*) die 2 "$1: not known, see --help" ;;
	esac
	shift || die 2 "the last option wants a value: see --help"
done
(($# > 0)) || die 2 "no command for the guest: see --help"
[[ $SEND =~ ^[0-9]+$ ]] || die 2 "--send $SEND: a number of frames is wanted"
((${#CARDS[@]} > 0)) || CARDS=(e1000e)
((${#PROGRAMS[@]} > 0)) || PROGRAMS=("$HERE/../build/app/labyrinth-rx")
for program in "${PROGRAMS[@]}"; do
	[[ -e $program ]] || die 3 "no $program: build it first"
done
for tool in qemu-system-x86_64 debootstrap; do
	command -v "$tool" >/dev/null || die 3 "no $tool: run scripts/install.sh --guest"
done

trap guest_end EXIT
guest_boot "${CARDS[@]}"
say "the guest is up after $SECONDS s (${GUEST_ACCEL[1]})"
guest_program "${PROGRAMS[@]}"
guest_start command "exec $*"
if ((SEND > 0)); then
	guest_wait_for command "rx queues of" || true
	guest_send 0 "$SEND" --window 400
fi
code=0
guest_wait command 3600 || code=$?
cat "$GUEST_WORK/jobs/command.out"
exit "$code"
