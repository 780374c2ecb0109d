# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# What the tests in the guest share.

guest_fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# guest_begin RX CARD_PROGRAM SCRIPTS [PROGRAM]: the test itself fills, by number of the
# card, NAMES and DEVARGS.
guest_begin() {
	# shellcheck disable=SC2034 # for the test
	PROGRAMS=("$1" "$2" "${@:4}")
	HERE=$3
	# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/say.sh
	. "$HERE/lib/say.sh"
	# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/own_apt.sh
	. "$HERE/lib/own_apt.sh"
	# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/tap.sh
	. "$HERE/lib/tap.sh"
	# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/guest_image.sh
	. "$HERE/lib/guest_image.sh"
	# shellcheck source-path=SCRIPTDIR source=../../scripts/lib/guest.sh
	. "$HERE/lib/guest.sh"
	trap guest_end EXIT
}

# card_start N SCENARIO FRAMES EAL...: start the scenario on card N and wait until its
# port receives. The name of the run is in RUN.
card_start() {
	local n=$1 scenario=$2 frames=$3
	shift 3
	RUNS=$((RUNS + 1))
	RUN=$n-$scenario-$RUNS
	BEGUN=$SECONDS
	guest_start "$RUN" "exec /labyrinth/guest_card -l 1 --file-prefix $RUN $* \
		-a $(guest_address "$n")${DEVARGS[$n]} -- $scenario $frames"
	guest_wait_for "$RUN" READY || card_fail "the port does not start"
}

# card_send N COUNT OPTION...: numbered frames; all of them must get out of the tap.
card_send() {
	guest_send "$@" --numbered >"$GUEST_WORK/sent" ||
		card_fail "QEMU did not read all frames: $(cat "$GUEST_WORK/sent")"
	jq -e '.tx_dropped == 0' "$GUEST_WORK/sent" >/dev/null ||
		card_fail "the tap lost frames: $(cat "$GUEST_WORK/sent")"
}

card_wait_for() {
	guest_wait_for "$RUN" "$@" || card_fail "it never said $1"
}

# card_end: the run ends by itself; what every run must fulfil.
card_end() {
	local code=0
	guest_wait "$RUN" || code=$?
	((code == 0)) || card_fail "exit code $code"
	grep '^{' "$GUEST_WORK/jobs/$RUN.out" >"$GUEST_WORK/result" || card_fail "no result"
	card_expect '.free + .offline == .pages and .refused == 0'
	card_expect '.locked_after_kib == 0'
	card_expect '.misplaced == 0 and .wrong_iova == 0 and .clone_failed == 0'
	card_expect '.twice == 0 and .late == 0'
}

# card_expect_bytes: every byte of every frame is what was sent, clones too.
card_expect_bytes() {
	card_expect '.wrong == 0 and .received > 0 and .cloned > 0'
}

card_expect() {
	jq -e "$1" "$GUEST_WORK/result" >/dev/null || card_fail "not so: $1"
}

card_fail() {
	sed 's/^/  out: /' "$GUEST_WORK/jobs/$RUN.out" >&2 || true
	guest_tell
	# shellcheck disable=SC2153 # NAMES is the test's
	guest_fail "$RUN (${NAMES[${RUN%%-*}]}): $*"
}

# card_done: what came of it, for the reader.
card_done() {
	printf '%-16s %-9s %s s  %s\n' "${NAMES[${RUN%%-*}]}" "$1" $((SECONDS - BEGUN)) "$(
		jq -r '"\(.received) received, imissed \(.imissed), iova \(.iova)" +
			if .missing > 0 and .scenario != "grow" then ", \(.missing) lost in all"
			else "" end' "$GUEST_WORK/result")"
}
