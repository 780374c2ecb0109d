#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The scenario that Labyrinth is about, on a simulated wire: a card that delivers at
# 100 Gb/s whether or not the driver is ready, an application that keeps its pages for a
# while, and pools that suffice for it or do not. For each frame size, policy and pool:
# what was delivered, what was lost for which reason, for how long the pool takes frames
# in when none is freed, how soon it recovers, and the latency. A table and a plot.
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
RX=${RX:-$ROOT/build/app/labyrinth-rx}
OUT=$ROOT/build/scenario-100g
SIZES="64 128 256 512 1024 1518 9018 imix"
POLICIES="drop stall wait"
POOLS="4096 16384 65536"
SECONDS_EACH=0.5
HOLD_US=100
RATE=100
WIRE=mode=inline,seed=1
LCORES=0
LONGEST=9018
PREFIX=labyrinth-scenario-$$

usage() {
	cat <<-EOF
		Usage: scripts/scenario-100g.sh [OPTION...]
		Runs labyrinth-rx on a simulated wire for each size, policy and pool.

		  --sizes "N ..."      frame sizes, FCS included, or imix ($SIZES)
		  --policies "P ..."   without a page: drop, stall, wait ($POLICIES)
		  --pools "N ..."      pages of 4 KiB ($POOLS)
		  --seconds S          of each run ($SECONDS_EACH)
		  --hold-us N          the application keeps a frame so long ($HOLD_US)
		  --rate G             Gb/s on the wire ($RATE)
		  --wire DEVARGS       more of net_labyrinth ($WIRE)
		  --lcores LIST        as of EAL's -l ($LCORES)
		  --out FOLDER         for table, plot and JSON (build/scenario-100g)

		Exit status: 0 each run accounted for every frame; else that of labyrinth-rx.
	EOF
}

parse() {
	while (($# > 0)); do
		case $1 in
		-h | --help)
			usage
			exit 0
			;;
		--sizes | --policies | --pools | --seconds | --hold-us | --rate | --wire | \
			--lcores | --out) (($# > 1)) || die 2 "$1 wants a value: see --help" ;;
		*) die 2 "unknown option '$1': see --help" ;;
		esac
		case $1 in
		--sizes) SIZES=$2 ;;
		--policies) POLICIES=$2 ;;
		--pools) POOLS=$2 ;;
		--seconds) SECONDS_EACH=$2 ;;
		--hold-us) HOLD_US=$2 ;;
		--rate) RATE=$2 ;;
		--wire) WIRE=$2 ;;
		--lcores) LCORES=$2 ;;
		--out) OUT=$(realpath -m "$2") ;;
		esac
		shift 2
	done
}

largest_pool() {
	tr ' ' '\n' <<<"$POOLS" | sort -n | tail -n 1
}

# receive NAME SIZE POLICY PAGES OPTION...: a run, its report in $OUT/runs/NAME.*.
receive() {
	local name=$1 size=$2 policy=$3 pages=$4 code=0
	shift 4
	RUN=("$RX" "${EAL[@]}" -l "$LCORES"
		--vdev "net_labyrinth0,rate=$RATE,size=$size,$WIRE" --
		--policy "$policy" --pages "$pages" --max-pkt-len "$LONGEST" --verify
		--json "$OUT/runs/$name.json" "$@")
	"${RUN[@]}" >"$OUT/runs/$name.txt" 2>&1 </dev/null || code=$?
	((code == 0)) || {
		tail -n 20 "$OUT/runs/$name.txt" >&2
		die "$code" "$name: labyrinth-rx ended with $code: ${RUN[*]}"
	}
}

# run SIZE POLICY PAGES: what is lost on purpose while it is measured what the pool takes
# in is not to count: two runs.
run() {
	local name=$1-$2-$3
	receive "$name-absorb" "$@" --absorb --packets 1
	receive "$name" "$@" --hold-us "$HOLD_US" --duration "$SECONDS_EACH" --latency
	jq --slurpfile absorb "$OUT/runs/$name-absorb.json" '.absorb = $absorb[0].absorb' \
		"$OUT/runs/$name.json" | row "$@" >>"$OUT/table.tsv"
}

# A line of the table, in the order of COLUMNS. Shares are of what the wire sent.
COLUMNS=(size policy pages offered_mpps delivered drop_no_page imissed other
	absorb_computed_us absorb_measured_us recovery_us p50_us p99_us p99_9_us max_us)
row() {
	jq -r --arg size "$1" --arg policy "$2" --arg pages "$3" '
		def share(n): 100 * n / ([.ledger.offered, 1] | max);
		. as $all | .ledger as $l | [$size, $policy, $pages,
		($l.offered / .duration_s / 1e6), share($l.delivered),
		share($l.drops.drop_no_page), share($l.drops.imissed),
		share(([$l.drops[]] | add) - $l.drops.drop_no_page - $l.drops.imissed),
		.absorb.computed_us // "-", .absorb.measured_us // "-",
		.absorb.recovery_us // "-",
		.latency_us.p50, .latency_us.p99, .latency_us.p99_9, .latency_us.max]
		| map(if type == "number" then . * 100 | round / 100 else . end) | @tsv'
}

run_all() {
	local size policy pages
	mkdir -p "$OUT/runs"
	(
		IFS=$'\t'
		echo "${COLUMNS[*]}"
	) >"$OUT/table.tsv"
	for pages in $POOLS; do
		for size in $SIZES; do
			for policy in $POLICIES; do
				run "$size" "$policy" "$pages"
			done
		done
	done
}

title() {
	echo "SIMULATED WIRE, $RATE Gb/s ($WIRE), no card and no cable: the application" \
		"keeps each frame $HOLD_US us"
}

table() {
	printf '\n%s\n\n' "$(title)"
	column -t -s $'\t' "$OUT/table.tsv"
	printf '\nShares in %% of what the wire sent, times in us. '
	printf 'absorb: when no frame is freed;\nrecovery: frames still lost after that; '
	printf 'p50 to max: from arrival to release, %s us of them kept.\n' "$HOLD_US"
	printf 'The last run: %s\n' "${RUN[*]}"
}

plot() {
	if ! command -v gnuplot >/dev/null; then
		warn "no gnuplot, no plot: run scripts/install.sh"
		return
	fi
	gnuplot -e "table='$OUT/table.tsv'" -e "out='$OUT/scenario-100g'" \
		-e "pools='$POOLS'" -e "policies='$POLICIES'" -e "sizes='$SIZES'" \
		-e "title='$(title)'" "$HERE/plot/scenario-100g.gp"
	say "plot: $OUT/scenario-100g.svg and .png"
}

parse "$@"
[[ -x $RX ]] || die 3 "no $RX: build it by meson setup build && meson compile -C build"
MIB=$(($(largest_pool) / 256 + 128))
machine_begin "$((MIB / 2))"
trap 'machine_end; rm -rf "/run/dpdk/$PREFIX"' EXIT
eal_memory "$PREFIX" "$MIB"
EAL+=(--log-level lib.eal:error)
run_all
table
plot
say "table: $OUT/table.tsv; each report: $OUT/runs"
