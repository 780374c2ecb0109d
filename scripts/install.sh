#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Install the Debian packages that building, testing and the demo need. Does nothing
# when all are there. With --guest also those of scripts/guest.sh.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/say.sh
. "$HERE/lib/say.sh"

PACKAGES=(
	# build
	gcc g++ make libc6-dev clang libclang-rt-14-dev meson ninja-build pkg-config
	# libraries
	dpdk dpdk-dev libdpdk-dev libjansson-dev libnuma-dev
	# tests and demo
	libcmocka-dev libpcap-dev iproute2 jq python3 python3-jsonschema spin
	# generators of others, and what reads their scripts
	netsniff-ng tcpreplay lua5.3
	# figures to others: metrics, probes, screen
	bpftrace prometheus systemtap-sdt-dev tcpdump tmux
	# tables and plots
	bsdextrautils gnuplot-nox
	# the driver headers, from DPDK's source package
	dpkg-dev xz-utils
	# checks
	shellcheck
)

GUEST_PACKAGES=(qemu-system-x86 debootstrap e2fsprogs)

case ${1-} in
"") ;;
--guest) PACKAGES+=("${GUEST_PACKAGES[@]}") ;;
*) die 2 "$1: not known; --guest, or nothing" ;;
esac

missing_packages() {
	local package
	for package in "${PACKAGES[@]}"; do
		dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null |
			grep -q '^install ok installed$' || echo "$package"
	done
}

apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# The lists are fetched only when those at hand do not do.
install_packages() {
	apt install --no-install-recommends "$@" && return
	say "fetching the package lists"
	apt update
	apt install --no-install-recommends "$@"
}

main() {
	local missing
	command -v apt-get >/dev/null ||
		die 3 "no apt-get: install by your system's means: ${PACKAGES[*]}"
	mapfile -t missing < <(missing_packages)
	if ((${#missing[@]} == 0)); then
		say "all ${#PACKAGES[@]} packages are there"
		return
	fi
	((EUID == 0)) || die 3 "needs root to install ${missing[*]}: run 'sudo scripts/install.sh'"
	say "installing ${missing[*]}"
	install_packages "${missing[@]}" || die 3 "apt-get could not install ${missing[*]}"
	say "installed"
}

main
