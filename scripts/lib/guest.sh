# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# A guest of QEMU whose emulated PCI cards stand behind an emulated IOMMU, bound to
# vfio-pci. Each card has a tap lab0, lab1, … in a network namespace of its own: what the
# host sends into the tap, the card receives. Needs say.sh, tap.sh, guest_image.sh and
# HERE, the scripts folder.

GUEST_MEMORY=2048      # MiB, ordinary memory
GUEST_HUGEPAGES=440    # of 2 MiB, of that
GUEST_BOOT_SECONDS=600
GUEST_MAC=02:00:00:00:00:01  # that send_frames.py sends to
GUEST_PID=
GUEST_NS=
GUEST_WORK=

# guest_has DEVICE: does this QEMU have such a card?
guest_has() {
	qemu-system-x86_64 -device help 2>/dev/null | grep -q "^name \"$1\""
}

# KVM only if it gets as far as a machine like ours; it may be there and not work.
guest_accelerator() {
	GUEST_ACCEL=(-accel "kvm,kernel-irqchip=split" -cpu host)
	[[ ${LABYRINTH_GUEST_ACCEL-} != tcg && -w /dev/kvm ]] && guest_accelerator_works && return
	[[ ${LABYRINTH_GUEST_ACCEL-} != kvm ]] || die 3 "KVM does not work on this machine"
	GUEST_ACCEL=(-accel "tcg,thread=multi" -cpu max)
}

guest_accelerator_works() {
	# A subshell, as bash tells of a program that aborts.
	(echo quit | timeout 30 qemu-system-x86_64 "${GUEST_ACCEL[@]}" -machine q35 -m 64 -S \
		-nodefaults -display none -monitor stdio \
		-device intel-iommu,intremap=on,caching-mode=on) >/dev/null 2>&1
}

# guest_address N: PCI address of card N in the guest.
guest_address() {
	printf '0000:00:%02x.0\n' $((16 + $1))
}

# guest_card N DEVICE: its tap, and QEMU's arguments in GUEST_CARDS. The tap is there
# before QEMU and gone with the namespace. Two queues want a tap of two queues.
guest_card() {
	local n=$1 queues=()
	[[ $2 != *mq=on* ]] || queues=(multi_queue)
	ip netns exec "$GUEST_NS" ip tuntap add mode tap name "lab$n" "${queues[@]}"
	ip netns exec "$GUEST_NS" ip link set "lab$n" up
	GUEST_CARDS+=(
		-netdev "tap,id=net$n,ifname=lab$n,script=no,downscript=no${queues:+,queues=2}"
		-device "$2,netdev=net$n,id=card$n,mac=$GUEST_MAC,addr=0x$(printf %x $((16 + n)))"
	)
	echo "$(guest_address "$n") " >>"$GUEST_WORK/jobs/cards"
}

# guest_boot DEVICE...: boot a guest with these cards and wait until it is ready. Files
# lie in GUEST_WORK; guest_end gives all back, whatever happened.
guest_boot() {
	local n=0 device
	((EUID == 0)) || die 3 "needs root, for taps and a network namespace"
	guest_image
	guest_accelerator
	GUEST_WORK=$(mktemp -d)
	mkdir "$GUEST_WORK/jobs"
	cp "$HERE/guest/init.sh" "$GUEST_WORK/jobs/init"
	touch "$GUEST_WORK/jobs/cards"
	mkfifo "$GUEST_WORK/monitor.in" "$GUEST_WORK/monitor.out"
	GUEST_NS=labyrinth-guest-$$
	tap_namespace "$GUEST_NS" 2>/dev/null || die 3 "no network namespace for this user"
	GUEST_CARDS=()
	for device in "$@"; do
		guest_card $n "$device"
		n=$((n + 1))
	done
	sed -i -z 's/\n//g; s/ *$/\n/' "$GUEST_WORK/jobs/cards"
	guest_qemu
	guest_wait_ready
}

# The disk is not written to, what the guest writes goes to a file that QEMU has unlinked.
guest_qemu() {
	local boot="root=/dev/vda ro console=ttyS0 quiet panic=-1 intel_iommu=on"
	# A host that has no time for the guest is no fault of its timer.
	boot+=" no_timer_check nowatchdog nosoftlockup tsc=reliable"
	boot+=" hugepagesz=2M hugepages=$GUEST_HUGEPAGES secretmem.enable=1"
	boot+=" init=/sbin/labyrinth-init"
	TMPDIR=$GUEST_WORK ip netns exec "$GUEST_NS" nice -n 5 qemu-system-x86_64 \
		-name labyrinth-guest "${GUEST_ACCEL[@]}" -machine q35 \
		-smp "${LABYRINTH_GUEST_CPUS:-2}" \
		-m "$GUEST_MEMORY" -nodefaults -no-user-config -no-reboot -display none \
		-device intel-iommu,intremap=on,caching-mode=on \
		-kernel "$GUEST_KERNEL" -initrd "$GUEST_INITRD" -append "$boot" \
		-drive "file=$GUEST_DISK,format=raw,if=virtio,snapshot=on" \
		-virtfs "local,path=$GUEST_WORK/jobs,mount_tag=labyrinth,security_model=none" \
		-serial "file:$GUEST_WORK/console" \
		-chardev "pipe,id=monitor,path=$GUEST_WORK/monitor" -mon chardev=monitor \
		"${GUEST_CARDS[@]}" </dev/null >"$GUEST_WORK/qemu.log" 2>&1 &
	GUEST_PID=$!
}

guest_alive() {
	[[ -n $GUEST_PID ]] && kill -0 "$GUEST_PID" 2>/dev/null
}

# guest_program FILE...: bring programs into the guest, as /labyrinth/NAME.
guest_program() {
	local file
	for file in "$@"; do
		strip -o "$GUEST_WORK/jobs/${file##*/}" "$file" 2>/dev/null ||
			cp "$file" "$GUEST_WORK/jobs/"
		guest_libraries "$file"
	done
}

# Libraries of a program that the image lacks come along; jobs look for them there.
guest_libraries() {
	local missing library
	while missing=$(guest_do "ldd /labyrinth/${1##*/} | awk '/not found/ { print \$1 }'") &&
		[[ -n $missing ]]; do
		for library in $missing; do
			cp "$(ldd "$1" | awk -v name="$library" '$1 == name { print $3 }')" \
				"$GUEST_WORK/jobs/"
		done
	done
}

# What there is to see when something went wrong.
guest_tell() {
	tail -n 20 "$GUEST_WORK/qemu.log" "$GUEST_WORK/console" "$GUEST_WORK/jobs/boot.log" \
		>&2 2>/dev/null || true
}

guest_wait_ready() {
	local tries=$((GUEST_BOOT_SECONDS * 5))
	while [[ ! -e $GUEST_WORK/jobs/ready ]]; do
		if ! guest_alive || ((tries-- == 0)); then
			guest_tell
			die 3 "the guest does not boot, see above"
		fi
		sleep 0.2
	done
	if grep -q '^failed' "$GUEST_WORK/jobs/boot.log"; then
		guest_tell
		die 3 "the cards cannot be bound in the guest, see above"
	fi
}

# guest_start NAME COMMAND: run a bash command in the guest; guest_wait waits for it.
guest_start() {
	printf '%s\n' "$2" >"$GUEST_WORK/jobs/$1.new"
	mv "$GUEST_WORK/jobs/$1.new" "$GUEST_WORK/jobs/$1.job"
}

# guest_wait NAME [SECONDS]: its exit code; 124 when it does not end, or the guest did.
guest_wait() {
	local tries=$((${2:-600} * 10))
	while [[ ! -e $GUEST_WORK/jobs/$1.rc ]]; do
		if ! guest_alive || ((tries-- == 0)); then
			guest_tell
			return 124
		fi
		sleep 0.1
	done
	return "$(cat "$GUEST_WORK/jobs/$1.rc")"
}

# guest_wait_for NAME TEXT [N]: until its output has N lines with TEXT, or it ended.
guest_wait_for() {
	local tries=6000
	until (($(guest_count "$1" "$2") >= ${3:-1})); do
		if [[ -e $GUEST_WORK/jobs/$1.rc ]] || ! guest_alive || ((tries-- == 0)); then
			(($(guest_count "$1" "$2") >= ${3:-1})) && return
			return 1
		fi
		sleep 0.1
	done
}

# guest_count NAME TEXT: lines of its output so far that have TEXT.
guest_count() {
	if [[ -e $GUEST_WORK/jobs/$1.out ]]; then
		grep -c -- "$2" "$GUEST_WORK/jobs/$1.out" || true
	else
		echo 0
	fi
}

# guest_do COMMAND: run it in the guest to its end and print what it says.
guest_do() {
	local code=0 name
	# Also in a subshell, where counting up would be forgotten.
	name=$(mktemp -u do-XXXXXXXX)
	guest_start "$name" "$1"
	guest_wait "$name" || code=$?
	cat "$GUEST_WORK/jobs/$name.out" 2>/dev/null || true
	return "$code"
}

# guest_link N on|off: pull the plug of card N, or put it in.
guest_link() {
	echo "set_link card$1 $2" >"$GUEST_WORK/monitor.in"
}

# guest_send N COUNT [OPTION...]: into card N; prints what the kernel counted (JSON).
guest_send() {
	local n=$1 count=$2
	shift 2
	tap_send "$GUEST_NS" "lab$n" "$count" "$@"
}

# Ask the guest to end, then make it; no process, tap or file stays. May be called twice.
guest_end() {
	local tries=100
	if guest_alive; then
		touch "$GUEST_WORK/jobs/off"
		while guest_alive && ((tries-- > 0)); do sleep 0.1; done
		kill -KILL "$GUEST_PID" 2>/dev/null || true
	fi
	[[ -z $GUEST_PID ]] || wait "$GUEST_PID" 2>/dev/null || true
	[[ -z $GUEST_NS ]] || ip netns del "$GUEST_NS" 2>/dev/null || true
	[[ -z $GUEST_WORK ]] || rm -rf "$GUEST_WORK"
	GUEST_PID='' GUEST_NS='' GUEST_WORK=''
}
