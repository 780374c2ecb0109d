#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The figures of labyrinth-bench (pool, and rx on the simulated wire) against those of an
# earlier build on this machine: fails when one is worse beyond tolerance and noise
# (scripts/compare). The first run is the baseline; another one is made by removing it.
#   LABYRINTH_BASELINE   its folder (perf-baseline in the build folder)
#   LABYRINTH_TOLERANCE  in % (20)
# Arguments: labyrinth-bench, the scripts folder, the build folder.
set -euo pipefail

BENCH=$1
SCRIPTS=$2
BASELINE=${LABYRINTH_BASELINE:-$3/perf-baseline}
TOLERANCE=${LABYRINTH_TOLERANCE:-20}
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/say.sh
. "$SCRIPTS/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/hugepages.sh
. "$SCRIPTS/lib/hugepages.sh"
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/eal.sh
. "$SCRIPTS/lib/eal.sh"

# measure SUBCOMMAND ARGS...: three runs, as one says little of how much they differ.
measure() {
	local command=$1 run
	shift
	for run in 1 2 3; do
		"$BENCH" "${EAL[@]}" -l 0,1 -- "$command" "$@" \
			--json "$NOW/$command-$run.json" >/dev/null
	done
}

# against SUBCOMMAND: 0 also when there is no baseline yet.
against() {
	local -a before
	mapfile -t before < <(find "$BASELINE" -name "$1-[123].json" | sort)
	if ((${#before[@]} == 0)); then
		cp "$NOW/$1"-[123].json "$BASELINE/"
		say "$1: no baseline, so these runs are it: $BASELINE"
		return
	fi
	"$SCRIPTS/compare" --tolerance "$TOLERANCE" "${before[@]}" -- "$NOW/$1"-[123].json
}

(($(nproc) > 1)) || {
	say "SKIP: needs two CPUs"
	exit 77
}
NOW=$(mktemp -d)
PREFIX=labyrinth-perf-$$
trap 'rm -rf "$NOW" "/run/dpdk/$PREFIX"' EXIT
mkdir -p "$BASELINE"
eal_memory "$PREFIX" 512
EAL+=(--log-level lib.eal:error)
measure pool --quick
measure rx --sizes 64,1518 --measure ndrpdr,mrr
worse=0
against pool || worse=$?
against rx || worse=$?
exit "$worse"
