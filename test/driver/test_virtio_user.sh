#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-rx and dpdk-testpmd, each a process of its own, over memory that virtio-user hands
# to vhost: ours is either side, receives or sends back. What testpmd says that it sent is, to
# the frame, what was received, and what labyrinth-rx sent back is what testpmd received. Our
# pages are EAL's memory where they must be seen by the other process; where that cannot be,
# a line says so. (Ours as a vhost that only receives: test/system/test_generators.sh.)
# Arguments: labyrinth-rx, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"
# shellcheck source-path=SCRIPTDIR source=generate.sh
. "$(dirname "${BASH_SOURCE[0]}")/generate.sh"

# virtio_user MODE POOL APP_ARGS...: ours, testpmd is vhost. That one is there first, and ours
# goes first.
virtio_user() {
	local mode=$1 pool=$2 account=account
	shift 2
	NAME=user-$mode-$pool
	generator_start flowgen "net_vhost0,iface=$WORK/$NAME.sock"
	receive "$NAME" "net_virtio_user0,path=$WORK/$NAME.sock,queues=1" --forward-mode "$mode" \
		--pool "$pool" "$@"
	generate_now
	[[ $mode == rxonly ]] || account=account_for_both
	"$account" "$SENT"
	generate_end
	rx_expect "$NAME" '.source.kind == "virtio" and .ports[0].driver == "net_virtio_user"'
	rx_expect "$NAME" '.ports[0].imissed == "unknown" and .ports[0].rx_nombuf == 0'
}

# Ours is vhost. The generator ends first: virtio-user dies of SIGPIPE otherwise.
vhost() {
	receive "vhost-$1" "net_vhost0,iface=$WORK/vhost.sock" --forward-mode "$1"
	generate flowgen "net_virtio_user0,path=$WORK/vhost.sock,queues=1"
	wait_for_all "$SENT"
	CAME_BACK=
	until_so "all came back" all_came_back
	generate_end
	account "$SENT"
	rx_expect "$NAME" ".forward.sent == $CAME_BACK and .forward.sent > 0"
	echo "ok: $NAME: sent back $CAME_BACK"
}

# With a file for each hugepage there are more files than a message has room for.
test_refusals() {
	NAME=files
	generator_start txonly "net_vhost0,iface=$WORK/files.sock"
	rx_run files -l 0 --vdev "net_virtio_user0,path=$WORK/files.sock,queues=1" -- \
		--duration 1 --pages 16384
	rx_expect_code files 3
	grep -q '^labyrinth-rx: .*: give EAL --single-file-segments$' "$WORK/files.err" || {
		rx_tell files
		rx_fail "nothing about --single-file-segments"
	}
	generate_end
	echo "ok: too many files are refused: $(grep '^labyrinth-rx: ' "$WORK/files.err")"
}

command -v dpdk-testpmd >/dev/null || rx_fail "no dpdk-testpmd: run scripts/install.sh"
rx_begin "$1" "$2" 512
trap generate_clean_up EXIT
[[ " ${EAL[*]} " == *' --in-memory '* ]] ||
	rx_skip "no hugepages, and memory has to be shared with another process"
NS=
virtio_user rxonly labyrinth
rx_expect "$NAME" '.pool.backing == "lent"'
virtio_user macswap labyrinth
virtio_user io ring_mp_mc
vhost macswap
test_refusals
