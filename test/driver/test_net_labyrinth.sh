#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-rx on the simulated wire: what the wire sent is, to the frame, what was
# delivered and what was lost for each reason; and the numbers in the frames agree.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

LOST='([.ledger.drops[]] | add)'

# wire NAME DEVARGS APP_ARGS...: a run to its end, and what each must fulfil.
wire() {
	local name=$1 devargs=$2
	shift 2
	rx_run "$name" -l 0,1 --vdev "net_labyrinth0,$devargs" -- --verify "$@"
	rx_expect_code "$name" 0
	rx_expect_sound "$name"
	rx_expect "$name" '.source.kind == "simulated-wire"'
	rx_expect "$name" ".sequence.agrees and .sequence.missing == $LOST"
	rx_expect "$name" '.ports[0] | .rx_packets + .imissed + .rx_errors + .rx_nombuf
		== '"$(jq .ledger.offered "$WORK/$name.json")"
	echo "ok: $name: $(jq -c '.ledger | [.offered, .delivered, (.drops | with_entries(
		select(.value > 0)))]' "$WORK/$name.json")"
}

# The wire sends so many and no more; the run goes on until nothing stands in the ring.
test_every_frame() {
	local name devargs args
	while read -r name devargs args; do
		# shellcheck disable=SC2086 # args are several words
		wire "$name" "frames=200000,$devargs" --duration 0.5 $args
		rx_expect "$name" '.ledger.offered == 200000 and .ledger.drops.stopped == 0'
	done <<-END
		fixed     rate=2,size=64
		ring_pool rate=2,size=64               --pool ring_mp_mc
		thread    rate=2,mode=thread
		imix      rate=10,size=imix,seed=9     --rxq 4
		jumbo     rate=50,size=9018+64,flows=3 --max-pkt-len 9018 --pages 8192
		faulty    rate=5,bad_fcs=50,oversize=7,truncated=9,bad_ip_checksum=11
		flapping  rate=5,link_down=20000/3000,stalled=9000/500
	END
	rx_expect faulty '.ledger.drops | .bad_fcs > 0 and .oversize > 0 and .truncated > 0'
	rx_expect flapping '.ledger.drops | .link_down > 0 and .stalled > 0'
}

# An application that keeps more pages than there are: where frames are lost is the
# policy's.
test_policies() {
	local policy
	for policy in drop stall wait; do
		wire "$policy" rate=100,wait_us=5 --policy "$policy" --duration 0.3 \
			--pages 4096 --hold-us 1000
	done
	rx_expect drop '.ledger.drops.drop_no_page > 0'
	for policy in stall wait; do
		rx_expect "$policy" '.ledger.drops | .drop_no_page == 0 and .imissed > 0'
	done
}

# At the prompt, of one port of two and while lcores poll: by the same pool that is dry, one
# port comes to lose frames for want of a page and the other still of a descriptor.
test_set_policy() {
	local two=(-l 0-1)
	(($(nproc) > 1)) || two=(--lcores '(0-1)@0')
	RX_CODE=0
	timeout -k 5 120 "$RX" "${EAL[@]}" "${two[@]}" --vdev net_labyrinth0,policy=stall \
		--vdev net_labyrinth1,policy=stall -- --interactive --pages 4096 --hold-us 2000 \
		--verify --json "$WORK/set.json" >"$WORK/set.out" 2>"$WORK/set.err" <<-END || RX_CODE=$?
			start
			wait 200
			show errors
			set policy 1 drop
			wait 200
			show port info all
			stop
			port stop 0
			set policy all wait
			show port info 0
			quit
	END
	rx_expect_code set 0
	rx_expect_sound set
	rx_expect set '.sequence.agrees'
	rx_expect set '[.figures.ports[].drops.drop_no_page] | .[0] == 0 and .[1] > 0'
	rx_expect set '[.figures.ports[].drops.imissed > 0] == [true, true]'
	! sed -n '/Count  Reason/,/^$/p' "$WORK/set.out" | grep -q drop_no_page ||
		rx_fail "set: frames were lost for want of a page before the policy was set"
	grep '^  policy' "$WORK/set.out" | tr -s ' ' | tr '\n' , >"$WORK/set.policies"
	[[ $(<"$WORK/set.policies") == ' policy stall, policy drop, policy wait,' ]] ||
		rx_fail "set: the ports have$(<"$WORK/set.policies")"
	echo "ok: set: $(jq -c '[.figures.ports[].drops | {imissed, drop_no_page}]' "$WORK/set.json")"
}

# What the pool takes in when nothing is freed is a matter of pages, however slow this
# machine is: those that are not posted, and those as well where frames may stay in them.
test_absorb() {
	local name
	wire absorbs rate=5 --absorb --latency --policy drop --duration 0.2 --pages 8192 --rxd 500
	rx_expect absorbs '.absorb | .pages == 7680 and .measured_frames == 7680'
	wire absorbs-all rate=5 --absorb --policy stall --duration 0.2 --pages 8192 --rxq 2
	rx_expect absorbs-all '.absorb | .pages == 8192 and .measured_frames == 8192'
	for name in absorbs absorbs-all; do
		rx_expect "$name" '.absorb | .frame_size == 64 and .line_rate_pps > 148.8e6
			and (.computed_us - .pages / .line_rate_pps * 1e6 | fabs) < 0.001'
		rx_expect "$name" '.absorb | .measured_us > 0 and .recovery_us >= 0'
	done
	rx_expect absorbs '.latency_us | .p50 <= .p99 and .p99 <= .p99_9 and .p99_9 <= .max'
	rx_expect absorbs-all '.latency_us == null'
	wire keeps "rate=5" --latency --duration 0.2 --pages 65536 --hold-us 2000
	rx_expect keeps '.latency_us.p50 >= 2000'
}

# refused NAME CODE WORD EAL_AND_APP_ARGS...: one line with the reason, and the code.
refused() {
	local name=$1 code=$2 word=$3
	shift 3
	rx_run "$name" -l 0 "$@" --duration 1
	rx_expect_code "$name" "$code"
	(($(grep -c '^labyrinth-rx: ' "$WORK/$name.err") == 1)) || rx_fail "$name: not one line"
	grep -q -e "$word" "$WORK/$name.err" || {
		rx_tell "$name"
		rx_fail "$name: nothing about '$word'"
	}
	echo "ok: $name: $(grep '^labyrinth-rx: ' "$WORK/$name.err")"
}

test_refusals() {
	local wire=(--vdev net_labyrinth0) option
	refused policy-of-others 2 "add --vdev net_labyrinth" --vdev net_null0 -- --policy drop
	refused policy-beside-others 2 "has its own" "${wire[@]}" --vdev net_null0 -- --policy drop
	refused two-policies 2 "has policy=stall already" --vdev net_labyrinth0,policy=stall -- --policy drop
	refused unknown-policy 2 "drop stall wait" "${wire[@]}" -- --policy hope
	for option in --verify --absorb --latency; do
		refused "others$option" 2 "$option: .*net_null) have no" --vdev net_null0 -- "$option"
	done
	refused too-long 2 "from 64 to 16384" "${wire[@]}" -- --max-pkt-len 16385
	refused longer-than-mtu 3 "longer than MTU 1500" --vdev net_labyrinth0,size=9018 --
	refused more-queues-than-pages 2 "8192 descriptors" "${wire[@]}" -- --pages 4096 --rxq 16
	refused no-such-key 3 "wrong_key: no such key" --vdev net_labyrinth0,wrong_key=1 --
}

rx_begin "$@"
test_every_frame
test_policies
test_set_policy
test_absorb
test_refusals
