#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A test a sentence of lib/pool/SECURITY.md, by its number; none may be left out.
# Arguments: the programs processes (library), the scripts folder, security, processes
# (plugin), the plugin, SECURITY.md.
set -euo pipefail
DRIVER=$(dirname "${BASH_SOURCE[0]}")/../driver
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$DRIVER/rx.sh"
# shellcheck source-path=SCRIPTDIR source=../driver/plugin.sh
. "$DRIVER/plugin.sh"

PROGRAM_LIBRARY=$1
PROGRAM_PLUGIN=$4
DOCUMENT=$6
ASK_ALL=$(dirname "${BASH_SOURCE[0]}")/ask_all.py
SECRET=$(sed -n 's/^#define SECRET "\(.*\)"$/\1/p' "$(dirname "$ASK_ALL")/processes.h")
STRANGER=(setpriv --reuid 65534 --regid 65534 --clear-groups)
TRIED=()

# sentence NUMBER: what follows tries it.
sentence() {
	echo "== $(grep -A1 "^$1\. " "$DOCUMENT" | head -1)"
	TRIED+=("$1")
}

# ---- pages of the pool's own

# hold BACKING [AS...]: a process of ours that holds a page, HOLDER at ADDRESS. Returns 77
# when there is no such memory.
hold() {
	local backing=$1 word tries=100
	shift
	rm -f "$WORK/hold.in" "$WORK/hold.out"
	mkfifo "$WORK/hold.in"
	"$@" "$SECURITY" hold "$backing" <"$WORK/hold.in" >"$WORK/hold.out" 2>&1 &
	RX_PID=$!
	exec {HOLD_IN}>"$WORK/hold.in"
	until [[ -s $WORK/hold.out ]] || ((tries-- == 0)); do sleep 0.05; done
	read -r word HOLDER ADDRESS <"$WORK/hold.out"
	if [[ $word == ready && $HOLDER == "$RX_PID" ]]; then return 0; fi
	let_go || true
	return 77
}

let_go() {
	exec {HOLD_IN}>&-
	wait "$RX_PID" 2>/dev/null || true
	RX_PID=
}

# reads HOW_MANY AS...: of three means, that many read the page.
reads() {
	local expected=$1 got
	shift
	"$@" "$SECURITY" read "$HOLDER" "$ADDRESS" >"$WORK/read.out" 2>&1 || true
	got=$(grep -c ': read$' "$WORK/read.out" || true)
	((got == expected)) && return
	cat "$WORK/read.out" >&2
	rx_fail "$got of 3 means read the page, expected $expected"
}

may_trace() {
	[[ $(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0) == 0 ]]
}

test_pages() {
	local backing=$1 open=$2
	if ! hold "$backing" "${STRANGER[@]}"; then
		echo "-- no $backing here: $(head -1 "$WORK/hold.out")"
		return
	fi
	echo "-- $backing"
	reads "$open" env
	! may_trace || reads "$open" "${STRANGER[@]}"
	reads 0 setpriv --reuid 65533 --regid 65533 --clear-groups
	# the memory itself, and whatever else has a file that a page could be in
	grep -E '^[0-9a-f]+-[0-9a-f]+ ' "/proc/$HOLDER/maps" | awk '$6 ~ /^\// { print $6, $7 }' |
		grep -vE '\(deleted\)$|\.so|/security ' >"$WORK/names" || true
	[[ ! -s $WORK/names ]] || rx_fail "named memory: $(cat "$WORK/names")"
	find "/proc/$HOLDER/fd" -lname '*huge*' -o -lname '*secretmem*' -o -lname '*memfd*' \
		>"$WORK/names"
	[[ ! -s $WORK/names ]] || rx_fail "a descriptor of the pages: $(cat "$WORK/names")"
	let_go
}

test_children() {
	local backing
	for backing in hugetlb-2M hugetlb-1G plain-4K memfd-secret; do
		"$SECURITY" fork "$backing" >"$WORK/fork.out" || continue
		printf 'page: faults\nside arrays: faults\n' | diff - "$WORK/fork.out" ||
			rx_fail "$backing: a child sees the pool"
	done
	sentence 6
	"$SECURITY" fork plain-4K shared >"$WORK/fork.out"
	printf 'page: read\nside arrays: read\n' | diff - "$WORK/fork.out" ||
		rx_fail "a child does not see a shared pool"
}

# ---- EAL's memory

with() {
	local common=(--no-pci --file-prefix "$PREFIX" --huge-unlink=never -m 64
		--socket-limit 128 --log-level=5)
	RX=$PROGRAM_LIBRARY
	KIND=$1
	if [[ $1 == plugin ]]; then
		RX=$PROGRAM_PLUGIN
		common+=("${ON_PLUGIN[@]}")
	fi
	PRIMARY=("${common[@]}" -l 0)
	SECONDARY=("${common[@]}" --no-telemetry -l 1 --proc-type secondary)
}

# mode_is MODE FILES...: of each, and there is one. Files of hugepages that nobody has may
# go meanwhile: any program of DPDK that starts removes them.
mode_is() {
	local expected=$1 file mode seen=0
	shift
	for file in "$@"; do
		mode=$(stat -c %a "$file" 2>/dev/null) || continue
		[[ $mode == "$expected" ]] || rx_fail "$file has mode $mode, not $expected"
		seen=1
	done
	((seen)) || rx_fail "no $*"
}

test_files() {
	local mount
	mount=$(huge_mount 2048)
	sentence 7
	mode_is 700 "/run/dpdk/$PREFIX"
	mode_is 600 "$mount/${PREFIX}map_"*
	sentence 8
	! "${STRANGER[@]}" "$RX" "${SECONDARY[@]}" -- look "$KIND" >"$WORK/other.out" 2>&1 ||
		rx_fail "another user's secondary started"
	sentence 9
	mode_is 600 "/run/dpdk/$PREFIX/labyrinth_$1"
	[[ ! -s /run/dpdk/$PREFIX/labyrinth_$1 ]] || rx_fail "labyrinth_$1 is not empty"
}

hostile() {
	plugin_run "$1" "${SECONDARY[@]}" -- "$1" "$KIND"
	plugin_expect_code "$1" 0
}

test_library() {
	with library
	plugin_start host "${PRIMARY[@]}" -- host library
	test_files mbuf
	hostile hostile
	sentence 10
	plugin_expect hostile "^reads the primary's mbuf\$"
	sentence 11
	plugin_expect hostile '^cannot free it$'
	plugin_expect hostile '^cannot make it its own$'
	sentence 12
	plugin_expect hostile '^takes all the rest$'
	# the library has none
	test_telemetry
	# the host finds its mbuf as it was, and all others come back
	plugin_stop
	plugin_expect_code host 0
	sentence 13
	plugin_run kills "${PRIMARY[@]}" --vdev net_null0 -- primary library 5 0 "${SECONDARY[@]}"
	plugin_expect_code kills 0
	plugin_expect kills '^stopped one: not dead, and not in the way$'
	sentence 14
	plugin_start host "${PRIMARY[@]}" -- host library
	hostile vandal
	plugin_stop
	plugin_expect_code host 4
	plugin_expect host '^FAIL: the pool is not sound$'
}

test_plugin() {
	with plugin
	plugin_start host "${PRIMARY[@]}" -- host plugin
	test_files mempool
	test_telemetry /labyrinth/mempool /labyrinth/mempools /labyrinth/mempools_kept
	sentence 15
	hostile hostile
	plugin_expect hostile '^cannot give it away$'
	plugin_stop
	plugin_expect_code host 0
}

# ask COMMAND [AS...]: telemetry's answer, on one line.
ask() {
	local command=$1
	shift
	"$@" /usr/bin/python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(os.environ.get("SOCKET", sys.argv[1]))
s.recv(4096)
s.send(sys.argv[2].encode())
print(s.recv(65536).decode())' "/run/dpdk/$PREFIX/dpdk_telemetry.v2" "$command"
}

# listening: the sockets with a name that the host listens at; @ is the name of one that is
# in no file system, which anybody could connect to.
listening() {
	local inode
	find "/proc/$RX_PID/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null | tr -dc '0-9\n' |
		while read -r inode; do
			awk -v inode="$inode" '$7 == inode && $8 != "" { print $8 }' \
				"/proc/$RX_PID/net/unix"
		done | sort -u
}

test_sockets() {
	local path
	listening >"$WORK/sockets"
	grep -q 'dpdk_telemetry.v2$' "$WORK/sockets" || rx_fail "it does not listen"
	while read -r path; do
		[[ $(realpath "$path") == "/run/dpdk/$PREFIX/"* ]] ||
			rx_fail "a socket outside of EAL's runtime directory: $path"
	done <"$WORK/sockets"
	mode_is 700 "/run/dpdk/$PREFIX"
	[[ $(stat -c %u:%g "/run/dpdk/$PREFIX") == 0:0 ]] || rx_fail "it is somebody else's"
	# nor through a descriptor, or by a path that goes round
	! ask / "${STRANGER[@]}" env SOCKET="/proc/$RX_PID/root/run/dpdk/$PREFIX/dpdk_telemetry.v2" \
		>"$WORK/ask.out" 2>&1 || rx_fail "another user comes in by /proc"
}

# asked COMMAND...: these commands of ours are there and no others; none tells content.
asked() {
	local at
	at=$(sed -n 's/^kept \(.*\) at \(.*\)/--address=\1 --address=\2/p' "$WORK/host.out")
	[[ -n $at ]] || rx_fail "the host does not say where it keeps an mbuf"
	# shellcheck disable=SC2086 # two options
	/usr/bin/python3 "$ASK_ALL" "/run/dpdk/$PREFIX/dpdk_telemetry.v2" --text "$SECRET" $at \
		>"$WORK/commands" 2>&1 || rx_fail "telemetry: $(cat "$WORK/commands")"
	printf '%s\n' "$@" | diff - "$WORK/commands" ||
		rx_fail "other commands of ours: say in SECURITY.md what they tell, then here"
}

test_telemetry() {
	sentence 16
	test_sockets
	! ask /mempool/list "${STRANGER[@]}" >"$WORK/ask.out" 2>&1 ||
		rx_fail "another user reads telemetry"
	grep -q PermissionError "$WORK/ask.out" || rx_fail "$(tail -1 "$WORK/ask.out")"
	ask /mempool/list >"$WORK/ask.out"
	grep -q '"pool"' "$WORK/ask.out" || rx_fail "root reads no telemetry"
	sentence 17
	asked "$@"
}

plugin_begin "$1" "$2" 256 "$5"
((EUID == 0)) || rx_skip "changes users, which needs root"
[[ " ${EAL[*]} " != *" --no-huge "* && -n $(huge_mount 2048) ]] ||
	rx_skip "no hugetlbfs: secondaries need hugepages with files"
export LABYRINTH_PLUGIN=$PLUGIN
# where other users can run it
chmod 755 "$WORK"
cp "$3" "$WORK/security"
cp "$PROGRAM_LIBRARY" "$WORK/processes"
SECURITY=$WORK/security
PROGRAM_LIBRARY=$WORK/processes
chmod 755 "$SAFE"
for number in 1 2 4; do sentence "$number"; done
test_pages hugetlb-2M 3
test_pages hugetlb-1G 3
test_pages plain-4K 3
sentence 3
test_pages memfd-secret 0
sentence 5
test_children
test_library
test_plugin
mapfile -t SENTENCES < <(sed -n 's/^\([0-9]*\)\. .*/\1/p' "$DOCUMENT")
((${#SENTENCES[@]} > 0)) || rx_fail "no sentences in $DOCUMENT"
for number in "${SENTENCES[@]}"; do
	[[ " ${TRIED[*]} " == *" $number "* ]] || rx_fail "sentence $number is not tried"
done
