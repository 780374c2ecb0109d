#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Pktgen-DPDK sends into labyrinth-rx over virtio-user and vhost, on one machine without a
# card. What it sent is compared with what was received and dropped. (Not over memif: there
# Pktgen ends, as that port cannot set its MTU.)
#
# PKTGEN is the program of Pktgen; commit 80b4134 (23.06.1) is the last that builds with
# DPDK 22.11, with -Denable_lua=true. It wants 1.5 GiB of hugepages, three CPUs to be more
# than a smoke test, and a terminal: without one it is given one by script(1).
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=../lib/hugepages.sh
. "$HERE/lib/hugepages.sh"

RX=${RX:-$HERE/../build/app/labyrinth-rx}
PKTGEN=${PKTGEN-}
PROFILE=64b
SECONDS_EACH=10
PCAP=
RX_LCORES=0
PKTGEN_LCORES=1-2
DRY=0
PREFIX=labyrinth-pktgen-$$
HUGEPAGES=896 # of 2 MiB: Pktgen's pools and ours
RX_PID=

usage() {
	cat <<-EOF
		Usage: PKTGEN=/path/to/pktgen scripts/pktgen/run.sh [OPTION...]

		  --profile P     64b, imix, range, pcap or rfc2544 ($PROFILE)
		  --seconds S     to send, of each trial for rfc2544 ($SECONDS_EACH)
		  --pcap FILE     the frames of --profile pcap
		  --lcores R,P    as of EAL's -l: labyrinth-rx's and Pktgen's ($RX_LCORES,$PKTGEN_LCORES)
		  --dry-run       print the commands, run nothing

		Exit status: 0 every frame is accounted for; 1 it is not; 2 usage; 3 something is
		missing, and the message says what.
	EOF
}

parse() {
	while (($# > 0)); do
		case $1 in
		-h | --help)
			usage
			exit 0
			;;
		--dry-run)
			DRY=1
			shift
			continue
			;;
		--profile | --seconds | --pcap | --lcores)
			(($# > 1)) || die 2 "$1 wants a value: see --help"
			;;
		*) die 2 "unknown option '$1': see --help" ;;
		esac
		case $1 in
		--profile) PROFILE=$2 ;;
		--seconds) SECONDS_EACH=$2 ;;
		--pcap) PCAP=$2 ;;
		--lcores)
			RX_LCORES=${2%%,*}
			PKTGEN_LCORES=${2#*,}
			;;
		esac
		shift 2
	done
	[[ $PROFILE =~ ^(64b|imix|range|pcap|rfc2544)$ ]] || die 2 "--profile $PROFILE: see --help"
	[[ $SECONDS_EACH =~ ^[1-9][0-9]*$ ]] || die 2 "--seconds $SECONDS_EACH: give a whole number"
	[[ $PROFILE != pcap || -r $PCAP ]] || die 2 "--profile pcap wants --pcap FILE, and to read it"
}

commands() {
	local eal=(--no-pci --no-telemetry --in-memory --single-file-segments) files=()
	RX_RUN=("$RX" "${eal[@]}" --file-prefix "$PREFIX-rx" -l "$RX_LCORES"
		--vdev "net_vhost0,iface=$WORK/link.sock" --
		--duration 0 --stats-period 0.5 --json "$WORK/rx.json")
	case $PROFILE in
	rfc2544) files=(-f "$HERE/pktgen/64b.pkt" -f "$HERE/pktgen/rfc2544.lua") ;;
	pcap) files=(-s "0:$PCAP" -f "$HERE/pktgen/pcap.pkt" -f "$HERE/pktgen/send.lua") ;;
	*) files=(-f "$HERE/pktgen/$PROFILE.pkt" -f "$HERE/pktgen/send.lua") ;;
	esac
	# the first lcore is for the screen, the last one for the port
	PKTGEN_RUN=("${PKTGEN:-pktgen}" "${eal[@]}" --file-prefix "$PREFIX-gen" -l "$PKTGEN_LCORES"
		--vdev "net_virtio_user0,path=$WORK/link.sock,queues=1" --
		-P -m "${PKTGEN_LCORES##*[-,]}.0" "${files[@]}")
	PKTGEN_ENV=(LABYRINTH_SECONDS="$SECONDS_EACH" LABYRINTH_SENT="$WORK/sent"
		LABYRINTH_RESULT="$WORK/rfc2544.tsv"
		LABYRINTH_RECEIVED="sed -n 's/.*RX-packets: //p' $WORK/rx.out | tail -n 1")
}

clean_up() {
	if [[ -n $RX_PID ]]; then
		kill -KILL "$RX_PID" 2>/dev/null || true
		wait "$RX_PID" 2>/dev/null || true
	fi
	rm -rf "$WORK" "/run/dpdk/$PREFIX-rx" "/run/dpdk/$PREFIX-gen"
}

needs() {
	[[ -n $PKTGEN ]] || die 3 "PKTGEN is not set: export PKTGEN=/path/to/pktgen"
	[[ -x $PKTGEN ]] || die 3 "PKTGEN=$PKTGEN is no program: build Pktgen-DPDK 23.06 first"
	[[ -x $RX ]] || die 3 "no $RX: build it by meson setup build && meson compile -C build"
	(($(huge_free 2048) >= HUGEPAGES)) ||
		die 3 "$HUGEPAGES hugepages are wanted: scripts/setup.sh config --pages-2m $HUGEPAGES"
}

receive() {
	local tries=300
	"${RX_RUN[@]}" >"$WORK/rx.out" 2>"$WORK/rx.err" </dev/null &
	RX_PID=$!
	until grep -q '^Rates' "$WORK/rx.out"; do
		if ! kill -0 "$RX_PID" 2>/dev/null || ((tries-- == 0)); then
			die 3 "labyrinth-rx does not start: $(tail -n 1 "$WORK/rx.err")"
		fi
		sleep 0.1
	done
}

# Its screen is drawn on a terminal, so it gets one. It ends first: virtio-user dies when it
# loses the vhost side.
generate() {
	local code=0
	script -qec "stty cols 132 rows 44; ${PKTGEN_RUN[*]@Q}" "$WORK/pktgen.screen" \
		>/dev/null </dev/null || code=$?
	((code == 0)) || die 3 "Pktgen ended with $code: see $(keep pktgen.screen)"
	sleep 1 # what is still in the ring
}

# keep FILE: past the end of this run.
keep() {
	local to
	to=$(mktemp "${TMPDIR:-/tmp}/labyrinth-$1-XXXXXX")
	cp "$WORK/$1" "$to"
	echo "$to"
}

receive_end() {
	local code=0
	kill -INT "$RX_PID"
	wait "$RX_PID" || code=$?
	RX_PID=
	((code == 0)) || die "$code" "labyrinth-rx ended with $code: $(tail -n 1 "$WORK/rx.err")"
}

account() {
	local sent got
	if [[ $PROFILE == rfc2544 ]]; then
		[[ -s $WORK/rfc2544.tsv ]] ||
			die 3 "Pktgen measured nothing: see $(keep pktgen.screen)"
		column -t -s $'\t' "$WORK/rfc2544.tsv"
		return
	fi
	[[ -s $WORK/sent ]] || die 3 "Pktgen did not tell what it sent: see $(keep pktgen.screen)"
	sent=$(<"$WORK/sent")
	got=$(jq '.ledger.delivered + ([.ledger.drops[]] | add)' "$WORK/rx.json")
	say "sent $sent, received and dropped $got: $(jq -c .ledger "$WORK/rx.json")"
	((sent == got)) || die 1 "$((sent - got)) frames are not accounted for"
}

parse "$@"
WORK=$(mktemp -d)
trap clean_up EXIT
commands
if ((DRY)); then
	announce "${RX_RUN[@]}"
	announce env "${PKTGEN_ENV[@]}" "${PKTGEN_RUN[@]}"
	exit 0
fi
needs
export "${PKTGEN_ENV[@]}"
receive
generate
receive_end
account
