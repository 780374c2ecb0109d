#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Measure everything on this machine and write one HTML page about it: the machine, the
# commands, tables, plots, and where rte_mempool is better. The page needs no other file.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=lib/hugepages.sh
. "$HERE/lib/hugepages.sh"
# shellcheck source-path=SCRIPTDIR source=lib/machine.sh
. "$HERE/lib/machine.sh"
# shellcheck source-path=SCRIPTDIR source=lib/eal.sh
. "$HERE/lib/eal.sh"

ROOT=$(cd "$HERE/.." && pwd)
BUILD=$ROOT/build
OUT=
LENGTH=quick
ALL_STEPS="pool growth rx-loop rx rx-mempool scenario"
STEPS=$ALL_STEPS
PREFIX=labyrinth-report-$$
MIB=512

usage() {
	cat <<-EOF
		Usage: scripts/report.sh [OPTION...]
		Measures all there is and writes OUT/report.html, one file with everything in it.

		  --length L      quick: at most 5 minutes; full: an hour and more; check: some
		                  seconds, to see that all works, with figures that mean
		                  nothing ($LENGTH)
		  --steps "S ..." which parts ($STEPS)
		  --build FOLDER  where the programs are (build)
		  --out FOLDER    for the page, and for what it was made of, in report-data
		                  (BUILD/report)

		Exit status: 0; else that of the first step that failed, with the page written.
	EOF
}

parse() {
	while (($# > 0)); do
		case $1 in
		-h | --help)
			usage
			exit 0
			;;
		--length | --steps | --build | --out) (($# > 1)) || die 2 "$1 wants a value: see --help" ;;
		*) die 2 "unknown option '$1': see --help" ;;
		esac
		case $1 in
		--length) LENGTH=$2 ;;
		--steps) STEPS=$2 ;;
		--build) BUILD=$(realpath -m "$2") ;;
		--out) OUT=$(realpath -m "$2") ;;
		esac
		shift 2
	done
	[[ $LENGTH =~ ^(check|quick|full)$ ]] || die 2 "--length $LENGTH: give quick, full or check"
	for name in $STEPS; do
		[[ " $ALL_STEPS " == *" $name "* ]] || die 2 "--steps: no such step: $name"
	done
	OUT=${OUT:-$BUILD/report}
	DATA=$OUT/report-data
}

# quoted WORD...: as one would type them.
quoted() {
	local word
	for word; do
		[[ $word =~ ^[A-Za-z0-9_/.,:=+-]+$ ]] || word=${word@Q}
		printf '%s ' "$word"
	done
}

# measure NAME COMMAND...: run it, and leave NAME.command, .txt, .code and .seconds.
FAILED=0
measure() {
	local name=$1 code=0 start=$SECONDS
	shift
	say "$name"
	quoted "$@" >"$DATA/$name.command"
	"$@" >"$DATA/$name.txt" 2>"$DATA/$name.err" </dev/null || code=$?
	echo "$code" >"$DATA/$name.code"
	echo "$((SECONDS - start))" >"$DATA/$name.seconds"
	((code == 0)) && return
	warn "$name ended with $code: $(tail -n 1 "$DATA/$name.err")"
	((FAILED != 0)) || FAILED=$code
}

# bench NAME LCORES ARGUMENTS...
bench() {
	local name=$1 lcores=$2
	shift 2
	measure "$name" "$BUILD/app/labyrinth-bench" "${EAL[@]}" -l "$lcores" -- "$@" \
		--json "$DATA/$name.json"
}

# by_length CHECK QUICK FULL: the one for the length that was asked for.
by_length() {
	case $LENGTH in
	check) echo "$1" ;;
	quick) echo "$2" ;;
	*) echo "$3" ;;
	esac
}

# step NAME. The options of a length are several words, or none.
# shellcheck disable=SC2046
step() {
	case $1 in
	pool) pool $(by_length "--quick --impl labyrinth --cases calls,chain" --quick '') ;;
	growth) bench growth 0 growth $(by_length "--quick --cases queues" --quick '') ;;
	rx-loop) bench rx-loop "$LCORES" rx-loop $(by_length "--quick --case loop" --quick '') ;;
	rx) bench rx 0 rx $(wire_options) ;;
	rx-mempool) bench rx-mempool 0 rx $(wire_options) --pool ring_mp_mc ;;
	scenario) scenario ;;
	esac
}

pool() {
	if [[ $LCORES == 0 ]]; then
		warn "pool: left out, it needs two CPUs"
		return
	fi
	bench pool "$LCORES" pool "$@"
}

wire_options() {
	by_length "--sizes imix --rate 1 --measure mrr" "--goal quick --sizes 64,512,1518" \
		"--goal csit"
}

scenario() {
	if [[ ! -e $BUILD/drivers/net/labyrinth/librte_net_labyrinth.so ]]; then
		warn "scenario: left out, for want of driver headers (scripts/driver-headers.sh)"
		return
	fi
	measure scenario env RX="$BUILD/app/labyrinth-rx" "$HERE/scenario-100g.sh" \
		--sizes "$(by_length 64 '64 1518' '64 128 256 512 1024 1518 9018 imix')" \
		--pools "$(by_length 4096 '4096 16384' '4096 16384 65536')" \
		--seconds "$(by_length 0.05 0.2 2)" --out "$DATA/scenario"
}

draw() {
	local files=() file
	for file in rx rx-mempool pool growth rx-loop; do
		[[ ! -e $DATA/$file.json ]] || files+=("$DATA/$file.json")
	done
	((${#files[@]} > 0)) || return 0
	"$HERE/plot/plot" "${files[@]}" --out "$DATA/plots" >/dev/null
}

# Two lcores on CPUs of their own, where there are two.
find_lcores() {
	LCORES=0
	(($(nproc) < 2)) || LCORES=0,1
}

parse "$@"
[[ -x $BUILD/app/labyrinth-bench ]] ||
	die 3 "no $BUILD/app/labyrinth-bench: build it by meson setup build && meson compile -C build"
# what an earlier report left would be taken for this one's
rm -rf "$DATA"
mkdir -p "$DATA"
machine_begin "$((MIB / 2))"
trap 'machine_end; rm -rf "/run/dpdk/$PREFIX"' EXIT
eal_memory "$PREFIX" "$MIB"
EAL+=(--log-level lib.eal:error)
find_lcores
cut -d ' ' -f 1-3 /proc/loadavg >"$DATA/load.before"
for name in $STEPS; do
	step "$name"
done
cut -d ' ' -f 1-3 /proc/loadavg >"$DATA/load.after"
draw || FAILED=3
"$HERE/lib/page.py" "$DATA" --length "$LENGTH" --steps "$STEPS" >"$OUT/report.html"
say "page: $OUT/report.html"
exit "$FAILED"
