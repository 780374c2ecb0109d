#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# --top on a real terminal, of 80x24 and of 200x50: all of it is there, nothing wraps or
# scrolls, and the terminal is given back. Without a terminal there are plain lines.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

# A server for each terminal, of which nobody's tmux knows.
term() {
	tmux -S "$WORK/tmux$TERMINALS" -f /dev/null "$@"
}

# capture FILE: what the terminal shows.
capture() {
	term capture-pane -p >"$WORK/$1"
}

# until_shows REGEX: until the terminal does.
until_shows() {
	local tries=600
	until term capture-pane -p 2>/dev/null | grep -Eq "$1"; do
		if ((tries-- == 0)); then
			term capture-pane -p >&2
			rx_fail "the terminal does not show $1"
		fi
		sleep 0.1
	done
}

# on_terminal COLUMNS LINES APP_ARGS...: begin, until the screen has been drawn twice.
on_terminal() {
	local columns=$1 lines=$2 command
	shift 2
	((TERMINALS += 1))
	printf -v command '%q ' "$RX" "${EAL[@]}" -l 0 "${VDEV[@]}" -- --top \
		--stats-period 0.2 --json "$WORK/top.json" "$@"
	term new-session -d -x "$columns" -y "$lines" "$command 2>$WORK/top.err; read -r _"
	until_shows '^LCORE'
	until_shows 'delivered [0-9.]+[kMG]?/s'
	sleep 0.5
}

# check COLUMNS LINES QUEUES: one screen, as it must be.
check() {
	capture screen
	# tmux joins what wrapped: then there would be fewer lines.
	term capture-pane -p -J >"$WORK/joined"
	(($(wc -l <"$WORK/screen") == $2)) || rx_fail "$1x$2: not $2 lines"
	(($(wc -l <"$WORK/joined") == $2)) || rx_fail "$1x$2: a line wraps"
	(($(wc -L <"$WORK/screen") < $1)) || rx_fail "$1x$2: a line is $1 or longer"
	[[ $(head -n 1 "$WORK/screen") == "labyrinth-rx rxonly, frames from: "* ]] ||
		rx_fail "$1x$2: the title has scrolled away"
	[[ $(term display -p '#{alternate_on}') == 1 ]] || rx_fail "not on the alternate screen"
	(($(grep -c '^QUEUE' "$WORK/screen") == 1 && $(grep -c '^POOL' "$WORK/screen") == 1)) ||
		rx_fail "$1x$2: drawn twice, or not at all"
	(($(grep -Ec '^[0-9]+\.[0-9]+ ' "$WORK/screen") == $3)) ||
		rx_fail "$1x$2: not $3 queues"
	grep -Eq '^POOL labyrinth-rx +\[[#.mlh]+\] [0-9]+/[0-9]+$' "$WORK/screen" ||
		rx_fail "$1x$2: no bar of the pool"
	grep -Eq '^LCORE 0 +\[[#.]+\] busy +[0-9.]+ %' "$WORK/screen" ||
		rx_fail "$1x$2: no bar of the lcore"
	echo "$1x$2: $(grep -c . "$WORK/screen") lines used, longest $(wc -L <"$WORK/screen")"
}

# The end: the screen as it was before, with the report on it, and a sound report.
leave() {
	term send-keys C-c
	until_shows 'Lcores: time in busy polls'
	[[ $(term display -p '#{alternate_on} #{cursor_flag}') == "0 1" ]] ||
		rx_fail "the terminal is not as it was"
	rx_expect_sound top
	term kill-server
}

test_sizes() {
	on_terminal 80 24 --rxq 2
	check 80 24 2
	# the window is made larger while it runs
	term resize-window -x 200 -y 50
	until_shows '^POOL labyrinth-rx +\[[#.mlh]{99}\]'
	check 200 50 2
	term resize-window -x 80 -y 24
	until_shows '^POOL labyrinth-rx +\[[#.mlh]{40}\]'
	sleep 0.5
	check 80 24 2
	leave
}

# More queues than lines: the list is cut and says so.
test_many_queues() {
	on_terminal 80 24 --rxq 16
	grep -q . <(term capture-pane -p | grep '^and [0-9]* queues more$') ||
		rx_fail "queues are left out and it does not say so"
	check 80 24 "$(term capture-pane -p | grep -Ec '^[0-9]+\.[0-9]+ ')"
	leave
}

test_plain() {
	rx_run plain -l 0 "${VDEV[@]}" -- --top --stats-period 0.2 --duration 1
	rx_expect_code plain 0
	rx_expect_sound plain
	(($(grep -c '^POOL' "$WORK/plain.out") >= 2)) || rx_fail "no plain lines"
	! grep -q $'\033' "$WORK/plain.out" || rx_fail "escape sequences without a terminal"
}

end() {
	term kill-server 2>/dev/null || true
	rx_end
}

TERMINALS=0
rx_begin "$@"
trap end EXIT
VDEV=(--vdev net_null0)
export LANG=C.UTF-8
test_plain
test_sizes
test_many_queues
