# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# The disk of the guest: Debian of this very release with kernel and DPDK, made once and
# kept in GUEST_CACHE. Needs say.sh, own_apt.sh and HERE, the scripts folder; root.

GUEST_CACHE=${LABYRINTH_GUEST_CACHE:-/var/cache/labyrinth-guest}
GUEST_PACKAGES=(linux-image-amd64 dpdk libjansson4 libnuma1 iproute2 pciutils kmod)
# DPDK's drivers, in the packages that have them here: their names have the ABI in them.
GUEST_DRIVERS=(bus_pci bus_vdev mempool_ring net_e1000 net_null net_virtio net_vmxnet3)
# What the kernel needs before it has its root; all else comes from there.
GUEST_MODULES=(virtio_pci virtio_blk ext4)
GUEST_MIB=1536

# The key under which the image is cached: what it is made from.
guest_image_key() {
	{
		guest_driver_packages
		dpkg-query -W -f '${Version}\n' dpdk
		cat "${BASH_SOURCE[0]}"
	} | sha256sum | cut -c 1-16
}

guest_driver_packages() {
	local driver file
	for driver in "${GUEST_DRIVERS[@]}"; do
		for file in /usr/lib/*/dpdk/pmds-*/"librte_$driver.so"; do
			[[ ! -e $file ]] || dpkg-query -S "$(realpath "$file")" | cut -d : -f 1
		done
	done | sort -u
}

# guest_image: fill GUEST_DISK, GUEST_KERNEL and GUEST_INITRD; made if not there.
# shellcheck disable=SC2034 # they are the result
guest_image() {
	local folder
	folder=$GUEST_CACHE/$(guest_image_key)
	if [[ ! -e $folder/done ]]; then
		((EUID == 0)) || die 3 "needs root to make the image of the guest"
		say "making the guest's disk in $GUEST_CACHE (once, some minutes)"
		mkdir -p "$GUEST_CACHE"
		# Who comes second waits. The mount namespace takes what was mounted with it.
		# shellcheck disable=SC2016 # for the other bash
		flock "$GUEST_CACHE" unshare --mount --propagation private \
			bash -euo pipefail -c '. "$1/lib/say.sh" && HERE=$1 &&
				. "$1/lib/own_apt.sh" && . "$1/lib/guest_image.sh" &&
				guest_image_make "$2"' \
			guest.sh "$HERE" "$folder" ||
			die 3 "no image of the guest, see above: it takes the network the first" \
				"time, or set LABYRINTH_GUEST_CACHE to one made elsewhere"
	fi
	GUEST_DISK=$folder/disk.ext4
	GUEST_KERNEL=$folder/vmlinuz
	GUEST_INITRD=$folder/initrd.img
}

# The mirror that this machine's own packages came from.
guest_mirror() {
	# shellcheck disable=SC2016 # a format of apt
	apt-get indextargets --format '$(REPO_URI) $(CODENAME)' "Created-By: Packages" \
		"Origin: Debian" "Component: main" 2>/dev/null |
		awk -v suite="$1" '$2 == suite { print $1; exit }' | grep . ||
		echo http://deb.debian.org/debian
}

guest_image_make() {
	local folder=$1 root=$1.root suite
	[[ ! -e $folder/done ]] || return 0
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	rm -rf "$folder" "$root"
	mkdir -p "$folder" "$root"
	trap 'umount -R "'"$root"'/proc" 2>/dev/null || true; rm -rf "'"$root"'"' EXIT
	guest_root_make "$root" "$suite" >"$folder/log" 2>&1 || {
		tail -5 "$folder/log" >&2
		return 1
	}
	cp "$root"/boot/vmlinuz-* "$folder/vmlinuz"
	cp "$root"/boot/initrd.img-* "$folder/initrd.img"
	rm -rf "${root:?}"/boot/* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* \
		"$root"/usr/share/{doc,man,locale}
	mke2fs -q -t ext4 -O ^has_journal -d "$root" "$folder/disk.ext4" "${GUEST_MIB}M"
	touch "$folder/done"
}

# The settings of the initramfs come before the kernel, so that it is made once.
guest_root_make() {
	local root=$1 drivers
	mapfile -t drivers < <(guest_driver_packages)
	debootstrap --variant=minbase "$2" "$root" "$(guest_mirror "$2")"
	mkdir -p "$root/etc/initramfs-tools/conf.d"
	printf 'MODULES=list\nCOMPRESS=gzip\n' >"$root/etc/initramfs-tools/conf.d/labyrinth"
	printf '%s\n' "${GUEST_MODULES[@]}" >"$root/etc/initramfs-tools/modules"
	# DPDK is to be the version that our build was linked with.
	own_apt_debian deb >"$root/etc/apt/sources.list"
	mount -t proc proc "$root/proc"
	chroot "$root" apt-get -q update
	DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -y -q \
		-o Dpkg::Options::=--force-confold install --no-install-recommends \
		"${GUEST_PACKAGES[@]}" "${drivers[@]}"
	umount "$root/proc"
	guest_stub >"$root/sbin/labyrinth-init"
	chmod 755 "$root/sbin/labyrinth-init"
}

# All that the image has of ours: it goes on with guest/init.sh, which the host shares, so that
# the image need not be made anew when that changes.
guest_stub() {
	cat <<-'END'
		#!/bin/bash
		export PATH=/usr/sbin:/usr/bin:/sbin:/bin
		modprobe 9pnet_virtio
		mount -o remount,rw /
		mkdir -p /labyrinth
		mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 labyrinth /labyrinth
		exec /labyrinth/init
	END
}
