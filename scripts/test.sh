#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Everything that is tested, in one go: install, reserve hugepages, build with gcc and
# run all suites but perf, then again what matters with clang and the sanitizers. The
# last line is "N passed, N failed"; exit code 0 only when all passed.
# With --guest: instead, the suite "guest", emulated PCI cards behind an IOMMU.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/say.sh
. "$HERE/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=lib/machine.sh
. "$HERE/lib/machine.sh"
# shellcheck source-path=SCRIPTDIR source=lib/drivers.sh
. "$HERE/lib/drivers.sh"

PASSED=0
FAILED=0
SKIPPED=0

# A finding fails the test.
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export LSAN_OPTIONS=suppressions=$HERE/lib/lsan.supp:print_suppressions=0
export TSAN_OPTIONS=halt_on_error=1:suppressions=$HERE/lib/tsan.supp

# build DIR CC OPTIONS...: with warnings as errors. With sanitizers, only what the tests
# that run need is built, by `meson test`: the rest was built with both compilers before.
build() {
	local dir=$1 cc=$2 again=()
	shift 2
	[[ ! -e $dir/build.ninja ]] || again=(--reconfigure)
	CC=$cc meson setup "$dir" "${again[@]}" -Dwerror=true "$@" || return
	[[ "$*" == *b_sanitize* ]] || meson compile -C "$dir"
}

# count DIR NAME: add the results that meson logged; a run without any is a failure.
count() {
	local log=$1/meson-logs/$2.json passed failed skipped
	passed=$(results "$log" 'select(. == "OK" or . == "EXPECTEDFAIL")')
	skipped=$(results "$log" 'select(. == "SKIP")')
	failed=$(results "$log" 'select(IN("OK", "EXPECTEDFAIL", "SKIP") | not)')
	if ((passed + failed + skipped == 0)); then
		warn "$1: no test was run"
		failed=1
	fi
	PASSED=$((PASSED + passed))
	FAILED=$((FAILED + failed))
	SKIPPED=$((SKIPPED + skipped))
}

results() {
	[[ -e $1 ]] || { echo 0; return; }
	jq -r ".result | $2" "$1" | wc -l
}

# run DIR CC "BUILD OPTIONS" COMMAND...: build, run, count. Goes on after failures, so
# that one run tells all of them.
run() {
	local dir=$1 cc=$2 options=$3
	shift 3
	say "$dir: $cc $options"
	# shellcheck disable=SC2086 # options are several words
	if ! build "$dir" "$cc" $options; then
		warn "$dir: does not build"
		FAILED=$((FAILED + 1))
		return
	fi
	rm -f "$dir/meson-logs/labyrinth.json"
	"$@" -C "$dir" --logbase labyrinth --print-errorlogs || true
	count "$dir" labyrinth
}

# The thread sanitizer of clang 14 does not know how far this kernel may spread
# addresses; so it is run without.
same_addresses() {
	if setarch -R true 2>/dev/null; then setarch -R "$@"; else "$@"; fi
}

run_all() {
	local sanitize="-Dbuildtype=debugoptimized -Db_lundef=false -Db_sanitize"
	run build gcc "" meson test --no-suite perf -t 3
	run build-clang clang "" meson test --suite unit --suite fuzz -t 3
	run build-asan clang "$sanitize=address,undefined" \
		meson test --suite unit --suite stress --suite sanitize -t 5
	run build-tsan clang "$sanitize=thread" \
		same_addresses meson test --suite unit --suite stress -t 10
}

run_guest() {
	run build gcc "" meson test --benchmark --suite guest --verbose
}

report() {
	local skipped=
	((SKIPPED == 0)) || skipped=", $SKIPPED skipped"
	say "took $((SECONDS / 60)) min $((SECONDS % 60)) s; logs: build*/meson-logs/labyrinth.txt"
	echo "$PASSED passed, $FAILED failed$skipped"
	((FAILED == 0 && PASSED > 0))
}

case ${1-} in
"") what=run_all packages=() ;;
--guest) what=run_guest packages=(--guest) ;;
*) die 2 "$1: not known; --guest, or nothing" ;;
esac
cd "$HERE/.."
scripts/install.sh "${packages[@]}"
driver_headers
# The guest has hugepages of its own, in ordinary memory.
[[ $what == run_guest ]] || machine_begin 768
"$what"
machine_end
report
