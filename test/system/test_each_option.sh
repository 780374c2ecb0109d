#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Each option of app/rx/option_table.c in a run of its own or with others, and what it comes to:
# the table CASES has a line for each, and one that is in the code and not there is a failure.
# Arguments: labyrinth-rx, the scripts folder, whether the simulated card was built (yes).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# ---- the runs: EAL arguments, and options without which the others mean nothing ----

declare -A EAL_OF=(
	[rx]='-l 0 --vdev net_null0 --vdev net_null1 --vdev net_null2'
	[list]='-l 0 --vdev net_null0 --vdev net_null1 --vdev net_null2'
	[limit]='-l 0 --vdev net_null0'
	[lcores]='--lcores (0-2)@0 --vdev net_null0 --vdev net_null1'
	[map]='--lcores (0-2)@0 --vdev net_null0 --vdev net_null1'
	[queues]='--lcores (0-1)@0 --vdev net_null0 --vdev net_null1'
	[hold]='-l 0 --vdev net_null0'
	[time]='-l 0 --vdev net_null0'
	[pipe]='--lcores (0-3)@0 --vdev net_null0 --vdev net_null1'
	[first]='-l 0 --vdev net_ring0'
	[made]='-l 0 --vdev net_pcap0,rx_pcap=IN,tx_pcap=OUT'
	[flows]='-l 0 --vdev net_pcap0,rx_pcap=IN,tx_pcap=OUT'
	[plain]='-l 0 --vdev net_null0'
	[noisy]='-l 0 --vdev net_null0 --vdev net_null1'
	[flush]='-l 0 --vdev net_pcap0,rx_pcap=IN,tx_pcap=OUT'
	[pool]='-l 0 --vdev net_null0'
	[output]='-l 0 --vdev net_null0'
	[top]='-l 0 --vdev net_null0'
	[prompt]='--lcores (0-1)@0 --vdev net_null0'
	[typed]='--lcores (0-1)@0 --vdev net_null0'
	[wire]='-l 0 --vdev net_labyrinth0,size=64,rate=1'
	[stall]='-l 0 --vdev net_labyrinth0,size=64,rate=10'
	[jumbo]='-l 0 --vdev net_labyrinth0,size=9018,rate=1'
	[sleep]='-l 0 --vdev net_tap0,iface=labsleep0'
	[help]='-l 0' [man]='-l 0' [figures]='-l 0'
)
declare -A WITH=(
	[rx]='--stats-period 0.1'
	[list]='--duration 0.1'
	[limit]='--duration 100'
	[lcores]='--duration 0.1 --rxq 2'
	[map]='--duration 0.1'
	[queues]='--duration 0.2 --forward-mode io --interactive'
	[hold]='--duration 0.2 --pages 4096'
	[time]='--duration 0.2'
	[pipe]='--duration 0.2 --forward-mode pipeline --txq 2'
	[first]='--duration 60 --packets 1000 --forward-mode macswap'
	[made]='--duration 60 --packets 1000 --forward-mode txonly'
	[flows]='--duration 60 --packets 1000 --forward-mode flowgen --txpkts 123
		--tx-ip 192.0.2.1,192.0.2.9 --tx-udp 4000,5000 --eth-peer 0,02:00:00:00:00:aa'
	[plain]='--duration 0.1 --forward-mode txonly --txpkts 3000'
	[noisy]='--duration 0.1 --forward-mode noisy'
	[flush]='--duration 0.3 --forward-mode noisy --noisy-tx-sw-buffer-size 4000'
	[pool]='--duration 0.1'
	[output]='--duration 0.3'
	[top]='--duration 0.3 --stats-period 0.1'
	[sleep]='--duration 0.5'
	[prompt]=''
	[typed]=''
	[wire]='--duration 0.2 --rxq 2'
	[stall]='--duration 0.2 --pages 4096 --hold-packets 4096'
	[jumbo]='--duration 0.2'
)

# What is typed where a run reads standard input.
declare -A TYPED=(
	[queues]=$'start\nwait 100\nstop\nshow port info 0\nquit\n'
	[typed]=$'show fwd\nquit\n'
)

# RUN, option, and what must be so: a jq expression on the report; out REGEX, err REGEX on a
# line of what was said; or a function of this file, with arguments.
CASES='
rx       --duration=0.3                 .duration_s >= 0.3 and .duration_s < 100
rx       --burst=7                      .figures.lcores[0].burst_size.max == 7
rx       --rxd=128                      out 1 rx queues of 128 descriptors
rx       --portmask=0x5                 [.ports[].port] == [0, 2]
rx       --forward-mode=rxonly          .forward.mode == "rxonly"
rx       --total-num-mbufs=5000         .pool.pages == 5000
list     --portlist=0-1                 [.ports[].port] == [0, 1]
limit    --packets=5000                 .ledger.delivered >= 5000 and .duration_s < 100
lcores   --nb-cores=1                   .figures.lcores | length == 1
map      --rxq-map=(0,0,2),(1,0,1)      [.figures.queues[].lcore] == [2, 1]
queues   --rxq=2                        .figures.queues | length == 4
queues   --txq=3                        out tx queues +3 of
queues   --txd=2048                     out tx queues +3 of 2048 descriptors
queues   --port-topology=loop           out port 1 queue 0 -> port 1 queue 0
hold     --hold-packets=64              .figures.queues[0].held == 64
time     --hold-us=2000                 .figures.queues[0].hold_time.p50 >= 2000000
pipe     --pipeline-mode=macswap        .figures.run.tx_packets.macswap > 0
pipe     --pipeline-workers=2           [.figures.rings[].lcore] | unique | length == 2
pipe     --pipeline-ring=32             [.figures.rings[] | .waiting <= 32 and .full > 0] | all
first    --tx-first                     .forward.made == 32
made     --txpkts=123                   made_frames 256 1
made     --tx-ip=192.0.2.1,192.0.2.9    made_frames 256 1
made     --tx-udp=4000,5000             made_frames 256 1
made     --eth-peer=0,02:00:00:00:00:aa made_frames 256 1
made     --txonly-multi-flow            made_frames 256 1
flows    --flowgen-flows=3              made_frames 3 5
flows    --flowgen-clones=4             made_frames 3 5
plain    --uncoloured                   .figures.run.tx_bytes.txonly == 3000 * .forward.sent
noisy    --noisy-tx-sw-buffer-size=100  [.figures.queues[].held == 100] | all
noisy    --noisy-lkup-memory=1          .forward.sent > 0
noisy    --noisy-lkup-num-reads=2       .forward.sent > 0
noisy    --noisy-lkup-num-writes=2      .forward.sent > 0
noisy    --noisy-lkup-num-reads-writes=2 .forward.sent > 0
flush    --noisy-tx-sw-buffer-flushtime=10 .forward.sent == .ledger.delivered and .forward.sent > 0
pool     --pool=lf_stack                .pool.ops == "lf_stack"
pool     --pages=3000                   .pool.pages == 3000
pool     --mbcache=0                    .ledger.delivered > 0
output   --stats-period=0.1             out ^Rates at 0.1 s
output   --display-xstats=rx_good_packets out ^ +rx_good_packets +[1-9]
output   --json=RUN.json                .schema == "labyrinth-rx/1"
output   --json-lines=RUN.lines         has RUN.lines "schema":"labyrinth-rx-line/1"
output   --csv=RUN.csv                  has RUN.csv ,queue,0.0,packets,,[1-9]
output   --figures                      out ^Figures of run$
output   --page-ages                    [.figures.owners[].age.count | numbers] | length > 0
top      --dpdk-cache=64                .pool.free == .pool.pages and .ledger.delivered > 0
sleep    --rx-intr                      [.figures.lcores[].wakeups.time] | add > 0
output   --linger=0.1                   .ledger.delivered > 0
top      --top                          out ^QUEUE +LCORE
prompt   --cmdline-file=COMMANDS        out mode rxonly, burst 32, forwarding
prompt   --auto-start                   .ledger.delivered > 0
typed    --interactive                  out mode rxonly, burst 32, stopped
help     --help                         out ^Usage: labyrinth-rx
man      --help-man                     out ^\.TH
figures  --list-figures                 out ^port +rx_packets
wire     --verify                       .sequence.agrees
wire     --latency                      .latency_us.p50 > 0
wire     --absorb                       .absorb.measured_us > 0
wire     --disable-rss                  .figures.queues[1].packets == 0
stall    --policy=stall                 .ledger.drops.imissed > 0 and .ledger.drops.drop_no_page == 0
jumbo    --max-pkt-len=9018             .ports[0].rx_bytes == 9014 * .ports[0].rx_packets
jumbo    --enable-scatter               .ledger.delivered > 0
'

made_frames() {
	"$HERE/../driver/mode_frames.py" made "$WORK/$NAME.pcap" 123 "$1" "$2" >/dev/null
}

has() {
	grep -qE -- "$2" "$WORK/${1/RUN/$NAME}"
}

# ---- the table ----

# cases RUN: its lines, without the name.
cases() {
	awk -v run="$1" '$1 == run { sub(/^[a-z]+ +/, ""); print }' <<<"$CASES"
}

names() {
	awk 'NF { print $1 }' <<<"$CASES" | uniq
}

# fill TEXT: with the files of the run.
fill() {
	local text=${1//IN/$WORK/in.pcap}
	text=${text//OUT/$WORK/$NAME.pcap}
	text=${text//COMMANDS/$WORK/commands}
	printf '%s\n' "${text//RUN/$WORK/$NAME}"
}

# run: with the options of all of its lines. Without a report where it only prints.
run() {
	local eal options line
	read -r -a eal <<<"$(fill "${EAL_OF[$NAME]}")"
	read -r -d '' -a options <<<"${WITH[$NAME]-}" || true
	while read -r line; do
		options+=("$(fill "${line%% *}")")
	done < <(cases "$NAME")
	[[ ${options[*]} == *--help* || ${options[*]} == *--list-figures* ||
		${options[*]} == *--json=* ]] || options+=(--json "$WORK/$NAME.json")
	RX_CODE=0
	timeout -k 5 60 "$RX" "${EAL[@]}" "${eal[@]}" -- "${options[@]}" >"$WORK/$NAME.out" \
		2>"$WORK/$NAME.err" <<<"${TYPED[$NAME]-}" || RX_CODE=$?
	rx_expect_code "$NAME" 0
	[[ ! -e $WORK/$NAME.json ]] || rx_expect "$NAME" '.ledger.balanced and .pool.leaked == 0'
}

# check OPTION CHECK...: of the run that was.
check() {
	local option=$1
	shift
	case $1 in
	out | err) grep -qE -- "${*:2}" "$WORK/$NAME.$1" ;;
	made_frames | has) "$@" ;;
	*) jq -e "$*" "$WORK/$NAME.json" >/dev/null ;;
	esac && return
	rx_tell "$NAME"
	rx_fail "$NAME: $option: not so: $*"
}

test_runs() {
	local option rest words
	while read -r NAME; do
		if [[ $HAVE_WIRE != yes && ${EAL_OF[$NAME]} == *net_labyrinth* ]]; then
			continue
		fi
		run
		while read -r option rest; do
			read -r -a words <<<"$rest"
			check "$option" "${words[@]}"
		done < <(cases "$NAME")
		echo "ok: $NAME: $(cases "$NAME" | sed 's/[= ].*//' | tr '\n' ' ')"
	done < <(names)
}

# Whoever adds an option adds a line, and only with a value if it has one.
test_complete() {
	"$RX" --help >"$WORK/help.text"
	grep -oE '^  (-., )?--[a-z-]+' "$WORK/help.text" | sed 's/.*--/--/' | sort >"$WORK/options"
	awk 'NF { sub(/=.*/, "", $2); print $2 }' <<<"$CASES" | sort -u >"$WORK/cases"
	(($(wc -l <"$WORK/options") > 40)) || rx_fail "--help was not read"
	diff "$WORK/options" "$WORK/cases" || rx_fail "options (<) and cases here (>) differ"
	echo "ok: $(wc -l <"$WORK/options") options, each with a case"
}

# A letter is another name.
test_letters() {
	NAME=letters
	RX_CODE=0
	printf 'wait 100\nquit\n' | timeout -k 5 60 "$RX" "${EAL[@]}" --lcores '(0-1)@0' \
		--vdev net_null0 -- -ia --json "$WORK/letters.json" \
		>"$WORK/letters.out" 2>"$WORK/letters.err" || RX_CODE=$?
	rx_expect_code letters 0
	rx_expect letters '.ledger.delivered > 0'
	"$RX" -- -h >"$WORK/letter.h"
	cmp -s "$WORK/letter.h" "$WORK/help.text" || rx_fail "-h is not --help"
	echo "ok: -h -i -a"
}

rx_begin "$1" "$2"
HAVE_WIRE=${3:-no}
"$HERE/../driver/mode_frames.py" write "$WORK/in.pcap" >/dev/null
printf 'wait 100\nshow fwd\n' >"$WORK/commands"
test_complete
test_runs
test_letters
