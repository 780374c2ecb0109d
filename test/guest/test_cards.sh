#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Real poll-mode drivers on emulated PCI cards that write into the pages through an IOMMU.
# Arguments: labyrinth-rx, guest_card, the scripts folder, minimal, the plugin. LABYRINTH_GUEST_CARDS may
# name some of the cards, for who looks for a fault; all else is done all the same.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=guest.sh
. "$HERE/guest.sh"
guest_begin "$@"

VIRTIO=virtio-net-pci,disable-legacy=on,iommu_platform=on
NAMES=(e1000e e1000 vmxnet3 virtio-split virtio-packed virtio-vector)
CARDS=(e1000e e1000 vmxnet3 "$VIRTIO" "$VIRTIO,packed=on" "$VIRTIO,mrg_rxbuf=off")
DEVARGS=('' '' '' '' '' ',vectorized=1')
RUNS=0
if guest_has igb; then
	NAMES+=(igb) CARDS+=(igb) DEVARGS+=('')
fi

# Every byte, and what the PMD makes of the flags of a pinned mbuf: those that lose
# EXTERNAL were cloned after labyrinth_mbuf_restore(), the others as they are.
content() {
	local n=$1 kept=0
	shift
	[[ ${NAMES[$n]} != virtio-vector ]] || kept=1
	card_start "$n" content 5000 "$@"
	card_send "$n" 5000 --window 100 --gap 0.02
	card_end
	card_expect_bytes
	card_expect '.received + .missing == 5000 and .missing == .imissed'
	card_expect '.locked_mapped_kib == .pages * 4'
	card_expect ".external_kept == .received * $kept"
	card_done content
}

# The application keeps all pages until the card has no descriptor left.
exhaustion() {
	card_start "$1" exhaust 7000
	card_send "$1" 6000 --window 400 --gap 0.02
	card_wait_for DRY
	card_send "$1" 1000 --window 100 --gap 0.02 --first 6000
	card_end
	card_expect_bytes
	card_expect '.received + .missing == 7000 and .missing == .imissed'
	# all pages but the last burst that a PMD refuses to take in part, and its ring
	card_expect '.alloc_fail > 0 and .held_max >= .pages - 2 * 256 - 64'
	card_expect '.received >= .held_max + 500'
	card_done exhaust
}

# What stood in the ring when the port was stopped is lost, nothing before or after that.
restarts() {
	card_start "$1" restart 30000
	card_send "$1" 30000 --sizes 60 --window 64 --gap 0.02 --timeout 120
	card_wait_for RESTARTED
	card_end
	card_expect_bytes
	card_expect '.restarts == 100 and .received >= 2000'
	card_expect '.missing == 0 or .last_missing < .restarted_at or .missing == .imissed'
	card_expect '.missing <= .imissed + 100 * (2 * 256 + 64)'
	card_done restart
}

# Frames sent while the plug is out wait or are lost, as the card has it; no others are.
link() {
	card_start "$1" link 2500
	card_wait_for UP
	card_send "$1" 1000 --window 100 --gap 0.02
	guest_link "$1" off
	card_wait_for DOWN
	guest_send "$1" 500 --numbered --first 1000 --timeout 2 >/dev/null || true
	guest_link "$1" on
	card_wait_for UP 2
	card_send "$1" 1000 --window 100 --gap 0.02 --first 1500
	card_end
	card_expect_bytes
	card_expect '.links_down == 1 and .links_up == 2'
	card_expect '.missing - .imissed <= 500'
	card_expect '.missing == 0 or .imissed > 0 or
		(.first_missing >= 1000 and .last_missing < 1500)'
	card_done link
}

# Extents are mapped as they come and unmapped as they go, while the card writes. Pages
# that a PMD does not give back before the port is closed keep their extents. As many frames
# are sent as it takes: some cards lose more than others.
growth() {
	local n=$1 round sent=0
	shift
	card_start "$n" grow 30000 "$@"
	for round in 1 2; do
		while (($(guest_count "$RUN" GROWN) < round && sent < round * 10000)); do
			card_send "$n" 500 --window 100 --gap 0.01 --first $sent
			sent=$((sent + 500))
		done
		card_wait_for GROWN $round
		card_send "$n" 500 --window 100 --gap 0.02 --first $sent
		sent=$((sent + 500))
		card_wait_for SHRUNK $round
	done
	card_send "$n" 1 --first 29999
	card_end
	card_expect_bytes
	card_expect ".received + .imissed == $sent + 1"
	card_expect '.locked_mapped_kib == 4096 and (.steps | length) == 4'
	card_expect '[.steps[] | .locked_kib == .online_kib] | all'
	card_expect '.steps[0].online_kib == 12288 and .steps[1].online_kib == 12288'
	card_expect '.steps[2].online_kib < 12288 and .grows >= 6 and .shrinks >= 4'
	card_done growth
}

# labyrinth_rx N [QUEUES]: as users start it: all frames, its own ledger, all pages back. With
# pages for fewer frames than it keeps: it runs dry, and recovers. The tap spreads flows over
# its queues, so that the frames of one that is not received from would be missing.
labyrinth_rx() {
	local n=$1 run=$1-rx frames=3000 code=0
	RUN=$run BEGUN=$SECONDS
	guest_start "$run" "exec /labyrinth/labyrinth-rx -l 1 --file-prefix $run \
		-a $(guest_address "$n")${DEVARGS[$n]} -- --packets $frames --duration 40 \
		--rxq ${2:-1} --rxd 256 --pages 1024 --hold-us 500000 \
		--json /labyrinth/$run.json"
	guest_wait_for "$run" "rx queues of" || card_fail "the port does not start"
	guest_send "$n" "$frames" --window 64 --gap 0.02 --flows 64 >"$GUEST_WORK/sent" ||
		card_fail "QEMU did not read all frames"
	guest_wait "$run" || code=$?
	cp "$GUEST_WORK/jobs/$run.json" "$GUEST_WORK/result" || card_fail "no result"
	card_expect '.ledger.balanced and .pool.leaked == 0 and .pool.free == .pool.pages'
	card_expect '.pool.backing == "hugetlb-2M"'
	card_expect ".ledger.delivered + .ledger.drops.imissed >= $frames"
	((code == 0)) || jq -e '.ledger.drops.imissed > 0' "$GUEST_WORK/result" >/dev/null ||
		card_fail "exit code $code"
	printf '%-16s %-9s %s s  %s\n' "${NAMES[$n]}" rx $((SECONDS - BEGUN)) "$(
		jq -r '"\(.ledger.delivered) delivered by \(.ports[0].driver), " +
			"alloc_fail \(.pool.alloc_fail), imissed \(.ledger.drops.imissed)"' \
			"$GUEST_WORK/result")"
}

# The ring layout is what the card was made for: its PMD says so.
virtio_path() {
	local n=$1 text=$2
	RUN=$n-path BEGUN=$SECONDS
	guest_start "$RUN" "exec /labyrinth/labyrinth-rx -l 1 --file-prefix $RUN \
		--log-level=pmd.net.virtio.init:info -a $(guest_address "$n")${DEVARGS[$n]} \
		-- --duration 1 --rxd 256"
	guest_wait "$RUN" || card_fail "exit code $?"
	grep -q "$text" "$GUEST_WORK/jobs/$RUN.out" || card_fail "it does not say: $text"
}

faults() {
	guest_do "dmesg | grep -c 'DMAR: .DMA Write.*$1' || true"
}

# Without the mapping no byte gets through: what is proven above is proven behind an IOMMU.
iommu_is_real() {
	card_start 0 unmapped 100
	card_send 0 100
	card_end
	card_expect '.locked_mapped_kib == 0'
	card_expect '.received > 0 and .wrong == .received'
	(($(faults 00:10.0) > 0)) || card_fail "the IOMMU reports no fault"
	card_done unmapped
}

# A card is refused memory that is no target of DMA, with the reason.
refused() {
	local said
	RUN=0-$1
	said=$(guest_do "/labyrinth/guest_card -l 1 --file-prefix $1 \
		-a $(guest_address 0) -- $1 1") ||
		guest_fail "$1 memory is not refused: $said"
	grep -q "0000:00:10.0 cannot write into $2" <<<"$said" ||
		guest_fail "$1 memory is refused without its reason: $said"
}

# The example of the README on a card: the first 1,000 frames that it receives. What was sent
# before it had started may be lost, what comes after it ended waits in the tap.
minimal() {
	RUN=0-minimal
	guest_start "$RUN" "exec /labyrinth/minimal -l 1 --file-prefix $RUN \
		-a $(guest_address 0) -- 1000"
	guest_send 0 1300 --window 400 --timeout 10 >/dev/null || true
	guest_wait "$RUN" 60 || card_fail "exit code $?"
	grep -q '^10[0-9][0-9] packets' "$GUEST_WORK/jobs/$RUN.out" ||
		card_fail "not 1,000 packets and the rest of a burst"
}

# testpmd_said TEXT: a line of its output, or it is wrong.
testpmd_said() {
	grep -Eq "$1" "$GUEST_WORK/jobs/$RUN.out" || card_fail "testpmd did not say: $1"
}

# testpmd N: a program that knows nothing of the plugin, with its mempool on a card: all
# frames came or are counted as missed, all mbufs are back, and none was put twice.
testpmd() {
	local n=$1 frames=3000 plugin=/labyrinth/librte_mempool_labyrinth.so command
	RUN=$n-testpmd BEGUN=$SECONDS
	# its commands come from the host
	guest_start "$RUN" "{ for word in start end; do
			until [[ -e /labyrinth/$RUN.\$word ]]; do sleep 0.1; done
			cat /labyrinth/$RUN.\$word
		done; } | /labyrinth/dpdk-testpmd -l 0-1 --file-prefix $RUN --log-level=mempool.labyrinth:debug \
		-a $(guest_address "$n")${DEVARGS[$n]} -d $plugin --mbuf-pool-ops-name labyrinth \
		-- -i --forward-mode=rxonly --total-num-mbufs=2048 --rxd=256 --txd=256"
	echo start >"$GUEST_WORK/start"
	for command in stop 'show port xstats 0' 'port stop all' 'port close all' \
		'dump_mempool mb_pool_0' 'dump mempool mb_pool_0' quit; do
		echo "$command"
	done >"$GUEST_WORK/end"
	mv "$GUEST_WORK/start" "$GUEST_WORK/jobs/$RUN.start"
	guest_wait_for "$RUN" "rxonly packet forwarding" || card_fail "testpmd does not start"
	# said before the lcore polls
	sleep 2
	guest_send "$n" "$frames" --window 64 --gap 0.02 >"$GUEST_WORK/sent" ||
		card_fail "QEMU did not read all frames"
	sleep 2
	mv "$GUEST_WORK/end" "$GUEST_WORK/jobs/$RUN.end"
	guest_wait "$RUN" || card_fail "exit code $?"
	testpmd_said 'labyrinth: mempool mb_pool_0: 2048 objects'
	testpmd_said 'ops_name: <labyrinth>'
	testpmd_said 'common_pool_count=2048$'
	! grep -Eq 'refused|objects of it are out' "$GUEST_WORK/jobs/$RUN.out" ||
		card_fail "mbufs were refused or are out"
	testpmd_counted "$frames"
}

# testpmd_counted FRAMES: received and missed are what was sent. The port has a MAC address
# that others might write to as well, so there may be more.
testpmd_counted() {
	local received missed
	received=$(sed -n 's/^rx_good_packets: //p' "$GUEST_WORK/jobs/$RUN.out" | tail -n 1)
	missed=$(sed -n 's/^rx_missed_errors: //p' "$GUEST_WORK/jobs/$RUN.out" | tail -n 1)
	((received > 0 && received + missed >= $1)) ||
		card_fail "$received received and $missed missed of $1 frames"
	printf '%-16s %-9s %s s  %s received, imissed %s\n' "${NAMES[${RUN%%-*}]}" testpmd \
		$((SECONDS - BEGUN)) "$received" "$missed"
}

# Nothing stays but the disk.
nothing_stays() {
	local pid=$GUEST_PID ns=$GUEST_NS work=$GUEST_WORK
	guest_end
	! kill -0 "$pid" 2>/dev/null || guest_fail "QEMU is still there"
	! ip netns list | grep -q "^$ns\b" || guest_fail "the namespace is still there"
	[[ ! -e $work ]] || guest_fail "$work is still there"
}

# A card that is there for its two queues alone.
TWO=${#CARDS[@]}
guest_boot "${CARDS[@]}" "$VIRTIO,mq=on,vectors=6"
NAMES+=(virtio-2-queues) DEVARGS+=('')
echo "booted in $SECONDS s (${GUEST_ACCEL[1]})"
guest_program "${PROGRAMS[@]}" "$(command -v dpdk-testpmd)"
for n in "${!CARDS[@]}"; do
	[[ " ${LABYRINTH_GUEST_CARDS-${NAMES[*]}} " == *" ${NAMES[$n]} "* ]] || continue
	content "$n" --iova-mode=va
	content "$n" --iova-mode=pa
	exhaustion "$n"
	growth "$n" --iova-mode=va
	growth "$n" --iova-mode=pa
	link "$n"
	restarts "$n"
	labyrinth_rx "$n"
done
labyrinth_rx "$TWO" 2
virtio_path 3 "using mergeable buffer Rx path\|using standard Rx path"
virtio_path 4 "using packed ring .*Rx path"
virtio_path 5 "using vectorized Rx path"
(($(faults '') == 0)) ||
	guest_fail "a card wrote where it may not: $(guest_do 'dmesg | grep DMAR')"
minimal
testpmd 0
testpmd 1
refused secret memfd-secret
refused plain plain-4K
iommu_is_real
nothing_stays
echo "all of it in $SECONDS s"
